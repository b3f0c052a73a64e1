import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type CpoSimulator, type EmspSimulator, parseFault } from '../../src/simulator/index.js';
import { TokenCopy } from '../../src/simulator/tokens/token-copy.js';
import type { OwnToken } from '../../src/simulator/tokens/wallet.js';
import { canonicalJson } from '../../src/simulator/wire/canonical.js';
import { readObject } from '../../src/simulator/wire/json-object.js';
import { bothLegs, providerOf, type Stack, somewhere, stacks, until, World } from '../support/e2e/index.js';

const cp1 = { country_code: 'DE', party_id: 'CP1' };
const em1 = { country_code: 'FR', party_id: 'EM1' };

/** How long a forward may take here, so that a slow partner is found out soon. */
const forwardSeconds = 2;

describe.each(stacks)('a charge through the hub, on $name', ({ open }) => {
  let stack: Stack;
  let world: World;
  let cpo: CpoSimulator;
  let emsp: EmspSimulator;
  let other: EmspSimulator;
  let cards: OwnToken[];

  beforeAll(async () => {
    stack = await open();
    world = await World.start({ env: { ...stack.env, ROAMHUB_FORWARD_TIMEOUT_SECONDS: String(forwardSeconds) } });
    cpo = await world.cpo('DE/CP1', { pushOnly: true });
    cpo.generate(4);
    emsp = await world.emsp('FR/EM1');
    other = await world.emsp('BE/EM2');
    await world.join(cpo, emsp, other);
    await cpo.putAll();
    cards = providerOf(emsp).wallet.generate(4);
    cpo.operator.commands.play({ plan: { updates: 2, intervalMs: 10 } });
  });

  afterAll(async () => {
    await world?.close();
    await stack?.release();
  });

  const card = (index: number): OwnToken => {
    const found = cards[index];
    if (found === undefined) throw new Error('no such token');
    return found;
  };

  const start = (routing: { to?: typeof cp1; open?: boolean }) =>
    providerOf(emsp).commands.send({
      command: 'START_SESSION',
      from: em1,
      token: card(0),
      members: somewhere(cpo, cp1),
      ...routing,
    });

  it('everybody learns whom it may deal with, without routing headers (H-05, H-12, H-15)', async () => {
    for (const [platform, others] of [
      [cpo, ['FR/EM1/EMSP', 'BE/EM2/EMSP']],
      [emsp, ['DE/CP1/CPO', 'BE/EM2/EMSP']],
      [other, ['DE/CP1/CPO', 'FR/EM1/EMSP']],
    ] as const) {
      // Who comes later is told of, those who were there before are read from the list.
      const pulled = await platform.pullClientInfos();
      expect(pulled).toEqual({ objects: others.length });
      expect([...platform.clientInfos.known.keys()].sort()).toEqual([...others].sort());
    }
  });

  it('tokens: what the eMSP pushes, the CPO holds byte for byte; no eMSP gets any (R-22, TK-01)', async () => {
    const { tokens, wallet } = providerOf(emsp);
    expect(await tokens.push(cards.slice(0, 3))).toEqual({ pushed: 3, refusals: {} });
    await tokens.change(card(1), { valid: false });
    const keys = wallet.tokens.slice(0, 3).map(({ owner, uid, type }) => TokenCopy.key(owner, uid, type));
    await until('the CPO has the tokens as they are', () => {
      const held = cpo.operator.tokens.copy('DE/CP1');
      return keys.every((key, index) => canonicalJson(held?.get(key) ?? 'null') === canonicalJson(card(index).text));
    });
    expect(other.legs.list().filter(({ module, method }) => module === 'tokens' && method !== 'GET')).toEqual([]);
  });

  it('authorize: with TO, by what the hub has stored, and for a Token that nobody has stored (R-34, R-35, TK-09)', async () => {
    const ask = async (index: number, routing: { to?: typeof em1; open?: boolean }) => {
      const { uid, type } = card(index);
      const answer = await cpo.operator.authorize({ uid, type, from: cp1, ...routing });
      expect(answer).toMatchObject({
        http: 200,
        code: 1000,
        by: 'FR/EM1',
        info: { token: readObject(card(index).text) },
      });
      const { sent, received } = bothLegs(cpo, emsp, answer.correlation_id);
      expect(received).toMatchObject({ from: 'DE/CP1', to: 'FR/EM1', correlation_id: sent.correlation_id });
      expect(received.request_id).not.toBe(sent.request_id);
      return answer.info?.allowed;
    };
    expect(await ask(0, { to: em1 })).toBe('ALLOWED');
    expect(await ask(1, { to: em1 })).toBe('BLOCKED');
    expect(await ask(0, { open: true })).toBe('ALLOWED');
    // Card 3 was never pushed: the hub asks all eMSPs.
    expect(await ask(3, { open: true })).toBe('ALLOWED');
    expect(await cpo.operator.authorize({ uid: 'NOBODY', from: cp1, open: true })).toMatchObject({
      http: 404,
      code: 2004,
    });
  });

  it.each([
    ['TO the CPO', { to: cp1 }],
    ['no TO: the Location says who is meant', { open: true }],
  ])('START_SESSION, result, session, CDR; %s', async (_how, routing) => {
    const { commands, sessions, cdrs } = providerOf(emsp);
    const before = cpo.operator.charges.all.length;
    const sent = await start(routing);
    expect(sent).toMatchObject({ http: 200, code: 1000, by: 'DE/CP1', response: { result: 'ACCEPTED', timeout: 30 } });
    const legs = bothLegs(emsp, cpo, sent.correlation_id);
    expect(legs.received).toMatchObject({ from: 'FR/EM1', to: 'DE/CP1' });
    expect(legs.received.request_id).not.toBe(legs.sent.request_id);
    expect(legs.sent.answer).toMatchObject({ to: 'FR/EM1', from: 'DE/CP1' });

    const result = await commands.result(sent, 5_000);
    expect(result).toMatchObject({ from: 'DE/CP1', body: { result: 'ACCEPTED' } });
    const url = cpo.operator.commands.taken.at(-1)?.response_url ?? '';
    expect(url.startsWith(`${world.hub.publicUrl}/`)).toBe(true);
    expect(url).not.toContain(sent.id);
    const charge = await cpo.operator.charges.nth(before + 1, 5_000);
    await charge?.done;
    expect({ state: charge?.state, steps: charge?.steps.filter(({ ok }) => !ok) }).toEqual({
      state: 'completed',
      steps: [],
    });
    const posted = cpo.legs.list(result?.correlation_id).find(({ direction }) => direction === 'out');
    expect(posted).toMatchObject({ target: url, from: 'DE/CP1', to: 'FR/EM1' });
    expect(posted?.request_id).not.toBe(result?.request_id);
    for (const { what, correlation_id, by } of charge?.steps ?? []) {
      const { sent, received } = bothLegs(cpo, emsp, correlation_id);
      expect([what, by, received.from, received.to]).toEqual([what, 'FR/EM1', 'DE/CP1', 'FR/EM1']);
      expect(received.request_id).not.toBe(sent.request_id);
    }
    const id = charge?.facts.sessionId ?? '';
    expect(sessions.byId(id)?.text).toBe(charge?.session);
    expect(cdrs.ofSession(id)?.text).toBe(charge?.cdr);
    expect(charge?.cdrUrl?.startsWith(`${world.hub.publicUrl}/`)).toBe(true);
  });

  it('a CPO that names nobody is led by cdr_token (R-34, CDR-13)', async () => {
    const { owner, uid, type, contractId } = card(0);
    const place = cpo.operator.charges.all[0]?.facts.place;
    if (place === undefined) throw new Error('nobody has charged yet');
    const token = { ...owner, uid, type, contract_id: contractId };
    const plan = { updates: 1, intervalMs: 1, open: true };
    const charge = cpo.operator.charges.start({ owner: cp1, token, place, authMethod: 'WHITELIST', plan });
    await charge.done;
    expect({ state: charge.state, steps: charge.steps.filter(({ ok }) => !ok) }).toEqual({
      state: 'completed',
      steps: [],
    });
  });

  it('STOP_SESSION, preferences and charging profiles reach the charge (S-05, CP-01 … CP-07)', async () => {
    const { commands, profiles } = providerOf(emsp);
    cpo.operator.commands.play({ plan: { untilStopped: true, intervalMs: 20 } });
    const before = cpo.operator.charges.all.length;
    await commands.result(await start({ to: cp1 }), 5_000);
    const charge = await cpo.operator.charges.nth(before + 1, 5_000);
    const session_id = charge?.facts.sessionId ?? '';
    for (const routing of [{ to: cp1 }, { open: true }]) {
      const preferred = await providerOf(emsp).prefer(session_id, { profile_type: 'GREEN' }, { from: em1, ...routing });
      expect([preferred.code, preferred.data]).toEqual([1000, '"ACCEPTED"']);
      for (const action of ['set', 'get', 'clear'] as const) {
        const done = await profiles.send({ action, session_id, from: em1, ...routing });
        expect(done).toMatchObject({ by: 'DE/CP1', result: { from: 'DE/CP1', body: { result: 'ACCEPTED' } } });
      }
    }
    expect(await cpo.operator.profiles.tellActive(session_id)).toBe(true);
    expect(profiles.active.has(session_id)).toBe(true);
    const stop = { command: 'STOP_SESSION' as const, from: em1, members: { session_id } };
    const stopped = await commands.send({ ...stop, open: true });
    expect((await commands.result(stopped, 5_000))?.body).toEqual({ result: 'ACCEPTED' });
    await charge?.done;
    expect(charge?.state).toBe('completed');
    cpo.operator.commands.play({ plan: { untilStopped: false, updates: 1, intervalMs: 1 } });
  });

  it('a reservation is cancelled by the CPO at the same response_url (CMD-09)', async () => {
    const { commands } = providerOf(emsp);
    const { location_id } = somewhere(cpo, cp1);
    const members = { location_id, reservation_id: 'R1', expiry_date: new Date(Date.now() + 600_000).toISOString() };
    const sent = await commands.send({ command: 'RESERVE_NOW', from: em1, to: cp1, token: card(0), members });
    expect((await commands.result(sent, 5_000))?.body).toEqual({ result: 'ACCEPTED' });
    expect(await cpo.operator.commands.cancelReservation('R1')).toBe(true);
    expect((await commands.result(sent, 5_000, 2))?.body).toEqual({ result: 'CANCELED_RESERVATION' });
  });

  it('a module that the hub does not know is passed on once the operator allows it (R-07, V-10)', async () => {
    const { id } = await world.partnerOf(emsp);
    await world.hub.admin.done('PATCH', `/api/partners/${id}`, { switches: { custom_modules: ['nlhub-echo'] } });
    // It reads the hub's version details again.
    await emsp.rotate();
    const call = {
      method: 'POST',
      module: 'nlhub-echo',
      role: 'RECEIVER' as const,
      path: ['a', 'b c'],
      query: '?x=%20',
    };
    const answer = await emsp.send({ ...call, to: cp1, body: '{"n":1.00}' });
    expect([answer.http, answer.code, answer.message]).toEqual([200, 1000, '']);
    expect(readObject(answer.data)).toEqual({ method: 'POST', path: ['a', 'b c'], query: 'x=%20', body: '{"n":1.00}' });
  });

  it('a hub that is killed between command and result relays the result after its restart (R-44)', async () => {
    const { commands } = providerOf(emsp);
    cpo.operator.commands.play({ hold: true, plan: { untilStopped: false, updates: 1, intervalMs: 1 } });
    const sent = await start({ to: cp1 });
    expect([sent.code, sent.results.length, cpo.operator.commands.holding]).toEqual([1000, 0, 1]);
    await world.hub.kill();
    await world.hub.start();
    const before = cpo.operator.charges.all.length;
    await cpo.operator.commands.release();
    cpo.operator.commands.play({ hold: false });
    expect(cpo.operator.courier.sent.at(-1)).toMatchObject({ ok: true, http: 200, code: 1000 });
    expect(await commands.result(sent, 5_000)).toMatchObject({ from: 'DE/CP1', body: { result: 'ACCEPTED' } });
    const charge = await cpo.operator.charges.nth(before + 1, 5_000);
    await charge?.done;
    expect(charge?.state).toBe('completed');
  });

  it('a slow CPO is 4002, one that is gone 4003, and neither gets the command later (R-12, R-13, T-26)', async () => {
    const taken = (): number => cpo.operator.commands.taken.length;
    await cpo.setFaults([parseFault('hang')]);
    const before = taken();
    expect(await start({ to: cp1 })).toMatchObject({ http: 200, code: 4002, by: undefined });
    await cpo.setFaults([]);
    await cpo.die();
    expect(await start({ to: cp1 })).toMatchObject({ http: 200, code: 4003 });
    await cpo.revive();
    expect(await start({ to: { country_code: 'XX', party_id: 'YYY' } })).toMatchObject({ http: 200, code: 4001 });
    await until('the CPO is reached again', async () => (await start({ to: cp1 })).code === 1000);
    expect(taken() - before).toBe(1);
  });

  it('a party that leaves is SUSPENDED for those who dealt with it, and no receiver any more (H-06, H-07, R-11)', async () => {
    expect(cpo.clientInfos.known.get('BE/EM2/EMSP')).toMatchObject({ status: 'CONNECTED' });
    await other.unregister();
    await until('the CPO is told', () => cpo.clientInfos.known.get('BE/EM2/EMSP')?.status === 'SUSPENDED');
    expect(cpo.clientInfos.known.get('BE/EM2/EMSP')?.by).toBe('push');
    const to = { country_code: 'BE', party_id: 'EM2' };
    const asked = await cpo.operator.authorize({ uid: 'X', from: cp1, to });
    expect([200, asked.http, [4001, 4003].includes(asked.code ?? 0)]).toEqual([200, 200, true]);
  });

  it('nobody had anything to complain about', () => {
    for (const { name, inspector } of [cpo, emsp, other]) expect([name, inspector.first]).toEqual([name, []]);
  });
});
