import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type PartyRef, partyKey } from '../../src/kernel/party-ref.js';
import { type CpoSimulator, type EmspSimulator, type Platform, parseFault } from '../../src/simulator/index.js';
import { crawl } from '../../src/simulator/receiver/crawl.js';
import type { OwnToken } from '../../src/simulator/tokens/wallet.js';
import { canonicalJson } from '../../src/simulator/wire/canonical.js';
import { bothLegs, providerOf, report, somewhere, until, World } from '../support/e2e/index.js';

const cp1 = { country_code: 'DE', party_id: 'CP1' };
const em1 = { country_code: 'FR', party_id: 'EM1' };
const nobody = { country_code: 'XX', party_id: 'YYY' };
const hubA = { country_code: 'NL', party_id: 'HBA' };
const hubB = { country_code: 'NL', party_id: 'HBB' };

/** The hub that is nearer to the receiver must give up first, or nobody learns what it had to say. */
const seconds = { near: '4', far: '2' };

const ofHub = (party: PartyRef, forwardSeconds: string): Record<string, string> => ({
  ROAMHUB_COUNTRY_CODE: party.country_code,
  ROAMHUB_PARTY_ID: party.party_id,
  ROAMHUB_FORWARD_TIMEOUT_SECONDS: forwardSeconds,
});

/** FR/EM1 is at hub A, DE/CP1 at hub B, and hub B is a partner of hub A. */
describe('two hubs in a row', () => {
  let a: World;
  let b: World;
  let cpo: CpoSimulator;
  let emsp: EmspSimulator;
  let card: OwnToken;

  beforeAll(async () => {
    [a, b] = await Promise.all([
      World.start({ env: ofHub(hubA, seconds.near) }),
      World.start({ env: ofHub(hubB, seconds.far) }),
    ]);
    cpo = await b.cpo('DE/CP1', { pageLimit: 2 });
    cpo.generate(5);
    emsp = await a.emsp('FR/EM1');
    await b.join(cpo);
    await a.join(emsp);
    const { versions_url, token } = await a.hub.admin.invite('Hub B', [{ ...hubB, role: 'HUB' }]);
    await b.hub.admin.register('Hub A', { versions_url, token });
    [card] = providerOf(emsp).wallet.generate(1) as [OwnToken];
    cpo.operator.commands.play({ plan: { updates: 1, intervalMs: 5 } });
  });

  afterAll(async () => {
    await Promise.all([a?.close(), b?.close()]);
  });

  const start = (to: PartyRef = cp1) =>
    providerOf(emsp).commands.send({
      command: 'START_SESSION',
      from: em1,
      to,
      token: card,
      members: somewhere(cpo, cp1),
    });

  /** What both ends saw of one message that went through both hubs. */
  const wentThrough = (sender: Platform, receiver: Platform, correlationId: string, from: PartyRef, to: PartyRef) => {
    const { sent, received } = bothLegs(sender, receiver, correlationId);
    expect(received).toMatchObject({ from: partyKey(from), to: partyKey(to), correlation_id: sent.correlation_id });
    expect(received.request_id).not.toBe(sent.request_id);
    return { sent, received };
  };

  it('each tells its parties of those behind the other (H-18, O-06)', async () => {
    for (const [platform, party, world] of [
      [emsp, 'DE/CP1/CPO', a],
      [cpo, 'FR/EM1/EMSP', b],
    ] as const) {
      await until(`${platform.name} knows of ${party}`, async () => {
        await platform.pullClientInfos();
        return platform.clientInfos.known.get(party)?.status === 'CONNECTED';
      });
      expect(world.hub.isRunning).toBe(true);
    }
  });

  it('START_SESSION, its result, Session and CDR pass both, and the CDR is read where it is said to be (R-44, R-45)', async () => {
    const sent = await start();
    expect(sent).toMatchObject({ http: 200, code: 1000, by: 'DE/CP1', response: { result: 'ACCEPTED' } });
    wentThrough(emsp, cpo, sent.correlation_id, em1, cp1);
    const result = await providerOf(emsp).commands.result(sent, 5_000);
    expect(result).toMatchObject({ from: 'DE/CP1', body: { result: 'ACCEPTED' } });
    // Each hub has put its own URL in the place of the one before.
    const url = cpo.operator.commands.taken.at(-1)?.response_url ?? '';
    expect([url.startsWith(`${b.hub.publicUrl}/`), url.includes(sent.id)]).toEqual([true, false]);

    const charge = await cpo.operator.charges.nth(1, 5_000);
    await charge?.done;
    expect({ state: charge?.state, steps: charge?.steps.filter(({ ok }) => !ok) }).toEqual({
      state: 'completed',
      steps: [],
    });
    // The CPO notes what it sent once it has the answer, which it has by now.
    wentThrough(cpo, emsp, result?.correlation_id ?? '', cp1, em1);
    for (const { correlation_id, by } of charge?.steps ?? []) {
      expect(by).toBe('FR/EM1');
      wentThrough(cpo, emsp, correlation_id, cp1, em1);
    }
    expect(charge?.cdrUrl?.startsWith(`${b.hub.publicUrl}/`)).toBe(true);
    const id = charge?.facts.sessionId ?? '';
    expect(providerOf(emsp).sessions.byId(id)?.text).toBe(charge?.session);
    expect(providerOf(emsp).cdrs.ofSession(id)?.text).toBe(charge?.cdr);
  });

  it('a list is read page by page, each through both hubs (R-45, P-21)', async () => {
    const texts = new Map<string, string>();
    const endpoint = emsp.link.endpoint('locations', 'SENDER') ?? '';
    const wish = { module: 'locations', from: em1, to: cp1, limit: 2 } as const;
    const { problem, pages } = await crawl(emsp.client, endpoint, wish, ({ key, text }) => texts.set(key, text));
    expect(problem).toBeUndefined();
    expect(pages).toBeGreaterThanOrEqual(3);
    const own = cpo.catalogue.list('locations');
    expect(texts.size).toBe(own.length);
    for (const entry of own) {
      const key = cpo.catalogue.keyOf(entry).replace(/^locations\//, '');
      expect(canonicalJson(texts.get(key) ?? 'null')).toBe(canonicalJson(entry.text));
    }
  });

  it('nobody has the party: 4001, and nobody is asked (R-10)', async () => {
    const before = cpo.operator.commands.taken.length;
    expect(await start(nobody)).toMatchObject({ http: 200, code: 4001 });
    expect(cpo.operator.commands.taken).toHaveLength(before);
  });

  it("a FROM that is a hub's own, or another platform's, goes nowhere (R-09, T2, T18)", async () => {
    const before = cpo.legs.list().length;
    // Of Sessions every call is noted; those of Locations are not.
    const call = { method: 'GET', module: 'sessions', role: 'SENDER' as const, to: cp1 };
    for (const from of [hubA, hubB, cp1, nobody]) {
      const { http, code } = await emsp.send({ ...call, from });
      expect([partyKey(from), http, code]).toEqual([partyKey(from), 200, 2001]);
    }
    expect(cpo.legs.list()).toHaveLength(before);
  });

  it('a CPO that is slow behind the far hub is 4002, by the time limit of that hub (R-13, P10)', async () => {
    const before = cpo.operator.commands.taken.length;
    await cpo.setFaults([parseFault('hang')]);
    const sent = await start();
    await cpo.setFaults([]);
    report(`two hubs, limits 4 s and 2 s, CPO hangs: ${sent.code} after ${sent.ms} ms`);
    expect(sent).toMatchObject({ http: 200, code: 4002 });
    expect(sent.ms).toBeGreaterThanOrEqual(Number(seconds.far) * 1_000 - 50);
    expect(sent.ms).toBeLessThan(Number(seconds.near) * 1_000);
    expect(cpo.operator.commands.taken).toHaveLength(before);
  });

  it('a CPO that is gone behind the far hub is 4003, and gets nothing later (R-12)', async () => {
    const before = cpo.operator.commands.taken.length;
    await cpo.die();
    expect(await start()).toMatchObject({ http: 200, code: 4003 });
    await cpo.revive();
    await until('the CPO is reached again', async () => (await start()).code === 1000);
    expect(cpo.operator.commands.taken).toHaveLength(before + 1);
  });

  it('the far hub itself is gone: 4003; it comes back with what it gave out (R-12, R-44)', async () => {
    cpo.operator.commands.play({ hold: true });
    const sent = await start();
    expect([sent.code, cpo.operator.commands.holding]).toEqual([1000, 1]);
    await b.hub.kill();
    expect(await start()).toMatchObject({ http: 200, code: 4003 });
    await b.hub.start();
    await cpo.operator.commands.release();
    cpo.operator.commands.play({ hold: false });
    expect(await providerOf(emsp).commands.result(sent, 5_000)).toMatchObject({ from: 'DE/CP1' });
  });

  it('nobody had anything to complain about, but that refusals of the far hub are in its own name (R-05)', () => {
    expect([cpo.name, cpo.inspector.first]).toEqual([cpo.name, []]);
    // The simulator takes answers from the receiver and from its own hub only; the CPO was silent once and gone once.
    const inTheNameOfB = { kind: 'answer-routing-from', detail: partyKey(hubB) };
    expect(
      emsp.inspector.first.filter(
        ({ kind, detail }) => !(kind === inTheNameOfB.kind && detail === inTheNameOfB.detail),
      ),
    ).toEqual([]);
    expect(emsp.inspector.first[0]).toMatchObject(inTheNameOfB);
  });
});
