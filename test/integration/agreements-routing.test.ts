import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { MessageView } from '../../src/admin/index.js';
import type { PartyRef } from '../../src/kernel/party-ref.js';
import { CpoSimulator, EmspSimulator, type Platform } from '../../src/simulator/index.js';
import { crawl } from '../../src/simulator/receiver/crawl.js';
import { HubInProcess, providerOf, until } from '../support/e2e/index.js';
import { location } from '../support/hub/index.js';

const hubParty = { country_code: 'NL', party_id: 'HUB' };
const cp1 = { country_code: 'DE', party_id: 'CP1' };
const cp2 = { country_code: 'DE', party_id: 'CP2' };
const em1 = { country_code: 'FR', party_id: 'EM1' };
const em2 = { country_code: 'BE', party_id: 'EM2' };
const keyOf = ({ country_code, party_id }: PartyRef): string => `${country_code}/${party_id}`;

interface Made {
  readonly id: string;
}

/** What the operator agrees and closes, and what the partners of the whole hub then get (T3, R-11, H-11). */
describe('agreements, as partners of the composed hub feel them', () => {
  let hub: HubInProcess;
  let first: CpoSimulator;
  let second: CpoSimulator;
  let emsp: EmspSimulator;
  let other: EmspSimulator;
  const agreed: string[] = [];

  beforeAll(async () => {
    hub = await HubInProcess.start();
    first = new CpoSimulator({ parties: [{ ...cp1, role: 'CPO' }], pushOnly: true });
    second = new CpoSimulator({ parties: [{ ...cp2, role: 'CPO' }], pushOnly: true });
    emsp = new EmspSimulator({ parties: [{ ...em1, role: 'EMSP' }] });
    other = new EmspSimulator({ parties: [{ ...em2, role: 'EMSP' }] });
    await hub.join(first, second, emsp, other);
    for (const [platform, party] of [
      [first, cp1],
      [second, cp2],
    ] as const)
      await put(platform, party, 'LOC1');
    await until('both have both', () => [emsp, other].every((one) => held(one).length === 2));
  });
  afterAll(() => hub.close());
  afterEach(async () => {
    for (const id of agreed.splice(0)) await hub.admin.call('DELETE', `/api/agreements/${id}`);
    for (const party of [cp1, em2]) await sharing(party, 'open');
  });

  async function put(platform: CpoSimulator, owner: PartyRef, id: string): Promise<void> {
    const body = JSON.stringify({ ...location(id, { city: 'Ulm', last_updated: new Date().toISOString() }), ...owner });
    const path = [owner.country_code, owner.party_id, id];
    const call = { method: 'PUT', module: 'locations', role: 'RECEIVER', path, body, from: owner } as const;
    const answer = await platform.send(call);
    if (answer.code !== 1000) throw new Error(answer.message);
  }
  async function agree(giver: string, taker: string, effect: 'allow' | 'deny', module = '*'): Promise<string> {
    const [made] = await hub.admin.done<Made[]>('POST', '/api/agreements', { giver, taker, module, effect });
    if (!made) throw new Error('no agreement was made');
    agreed.push(made.id);
    return made.id;
  }
  const withdraw = (id: string): Promise<unknown> => hub.admin.done('DELETE', `/api/agreements/${id}`);
  const sharing = (party: PartyRef, how: 'open' | 'closed'): Promise<unknown> =>
    hub.admin.done('PATCH', `/api/parties/${keyOf(party)}`, { sharing: how });

  /** The Locations that a partner was sent. */
  const held = (platform: EmspSimulator): string[] =>
    [...platform.objects()].map(([key]) => key.replace('locations/', '')).sort();
  /** The Locations in a partner's list, and the total that it gives. */
  async function listed(platform: EmspSimulator, from: PartyRef): Promise<string[]> {
    const seen: string[] = [];
    const wish = { module: 'locations', from, to: hubParty, limit: 10 } as const;
    const endpoint = platform.link.endpoint('locations', 'SENDER') ?? '';
    const { problem, total } = await crawl(platform.client, endpoint, wish, ({ key }) => seen.push(key));
    expect([problem, total]).toEqual([undefined, seen.length]);
    return seen.sort();
  }
  const received = (platform: Platform, correlationId: string): number =>
    platform.legs.list(correlationId).filter(({ direction }) => direction === 'in').length;
  const logged = (correlationId: string): Promise<MessageView> =>
    until('the message is in the log', async () => {
      const path = `/api/messages?correlation_id=${correlationId}`;
      return (await hub.admin.done<{ messages: MessageView[] }>('GET', path)).messages[0];
    });
  /** Asks one CPO for its Sessions: a message that only its receiver can answer. */
  async function askFirst(): Promise<{ code: number | undefined; correlationId: string }> {
    const correlationId = randomUUID();
    const query = '?date_from=2026-01-01T00:00:00Z';
    const call = { method: 'GET', module: 'sessions', role: 'SENDER', query, from: em1, to: cp1 } as const;
    return { code: (await emsp.send({ ...call, correlationId })).code, correlationId };
  }

  it('R-11, H-11: a pair that is denied exchanges nothing from then on, and the log names the agreement', async () => {
    const before = await askFirst();
    expect([before.code, received(first, before.correlationId)]).toEqual([1000, 1]);
    const denial = await agree('DE/CP1', 'FR/EM1', 'deny', 'sessions');
    const after = await askFirst();
    expect([after.code, received(first, after.correlationId)]).toEqual([4003, 0]);
    const entry = await logged(after.correlationId);
    expect(entry).toMatchObject({ from: 'FR/EM1', to: 'DE/CP1', status_code: 4003 });
    expect(JSON.stringify(entry.candidates)).toContain(denial);
    await withdraw(denial);
    const again = await askFirst();
    expect([again.code, received(first, again.correlationId)]).toEqual([1000, 1]);
  });

  it('R-34, R-35: a question to all eMSPs goes to those only that share with who asks', async () => {
    const ask = async (): Promise<[number | undefined, number, number]> => {
      const answer = await first.operator.authorize({ uid: 'NOBODY', from: cp1, open: true });
      return [answer.code, received(emsp, answer.correlation_id), received(other, answer.correlation_id)];
    };
    expect(await ask()).toEqual([2004, 1, 1]);
    const denial = await agree('FR/EM1', 'DE/CP1', 'deny', 'tokens');
    expect(await ask()).toEqual([2004, 0, 1]);
    await agree('BE/EM2', 'DE/CP1', 'deny', 'tokens');
    expect(await ask()).toEqual([4001, 0, 0]);
    await withdraw(denial);
    expect(await ask()).toEqual([2004, 1, 0]);
  });

  it('R-34: who holds the Token is asked as little', async () => {
    const [card] = providerOf(emsp).wallet.generate(1);
    if (!card) throw new Error('there is no card');
    expect(await providerOf(emsp).tokens.push([card])).toMatchObject({ pushed: 1 });
    const ask = () => first.operator.authorize({ uid: card.uid, type: card.type, from: cp1, open: true });
    expect(await ask()).toMatchObject({ code: 1000, by: 'FR/EM1' });
    await agree('FR/EM1', 'DE/CP1', 'deny', 'tokens');
    const refused = await ask();
    expect([refused.code === 1000, received(emsp, refused.correlation_id)]).toEqual([false, 0]);
  });

  it('R-22, R-41: lists, totals and pushes stop at once; what was missed comes once it is allowed again', async () => {
    const before = held(emsp);
    const denial = await agree('DE/CP1', 'FR/EM1', 'deny', 'locations');
    expect(await listed(emsp, em1)).toEqual(['DE/CP2/LOC1']);
    expect(await listed(other, em2)).toEqual(['DE/CP1/LOC1', 'DE/CP2/LOC1']);
    await put(first, cp1, 'LOC2');
    await put(second, cp2, 'LOC2');
    // What comes after it in the same lane shows that it was left out.
    await until('what others share goes on', () => held(emsp).includes('DE/CP2/LOC2'));
    await until('others get it', () => held(other).includes('DE/CP1/LOC2'));
    expect(held(emsp)).toEqual([...before, 'DE/CP2/LOC2'].sort());
    await withdraw(denial);
    expect(await listed(emsp, em1)).toEqual(await listed(other, em2));
    await until('what was missed is sent', () => held(emsp).includes('DE/CP1/LOC2'));
    expect(held(emsp)).toEqual(held(other));
  });

  it('a closed party shares only what is agreed, and with whom', async () => {
    await sharing(cp1, 'closed');
    expect((await listed(emsp, em1)).filter((key) => key.startsWith('DE/CP1/'))).toEqual([]);
    const closed = await askFirst();
    expect([closed.code, received(first, closed.correlationId)]).toEqual([4003, 0]);
    expect(JSON.stringify((await logged(closed.correlationId)).candidates)).toContain('closed DE/CP1');
    const question = await first.operator.authorize({ uid: 'NOBODY', from: cp1, open: true });
    expect([question.code, received(emsp, question.correlation_id)]).toEqual([4001, 0]);

    const allowance = await agree('DE/CP1', 'FR/EM1', 'allow', 'sessions');
    const allowed = await askFirst();
    expect([allowed.code, received(first, allowed.correlationId)]).toEqual([1000, 1]);
    expect((await logged(allowed.correlationId)).rules).toContain(allowance);
    // Of this module, and to this party.
    expect((await listed(emsp, em1)).filter((key) => key.startsWith('DE/CP1/'))).toEqual([]);
    await agree('DE/CP1', 'FR/EM1', 'allow', 'locations');
    expect((await listed(emsp, em1)).filter((key) => key.startsWith('DE/CP1/'))).not.toEqual([]);
    expect((await listed(other, em2)).filter((key) => key.startsWith('DE/CP1/'))).toEqual([]);
  });

  it('H-11, H-15: who may share nothing is not in the list of clients', async () => {
    const known = async (platform: Platform): Promise<string[]> => {
      platform.clientInfos.known.clear();
      expect(await platform.pullClientInfos()).not.toHaveProperty('problem');
      return [...platform.clientInfos.known.keys()].sort();
    };
    expect(await known(other)).toEqual(['DE/CP1/CPO', 'DE/CP2/CPO', 'FR/EM1/EMSP']);
    await agree('DE/CP1', 'BE/EM2', 'deny');
    // What is denied one way goes the other way yet.
    expect(await known(other)).toContain('DE/CP1/CPO');
    await agree('BE/EM2', 'DE/CP1', 'deny');
    expect(await known(other)).toEqual(['DE/CP2/CPO', 'FR/EM1/EMSP']);
    expect(await known(first)).toEqual(['DE/CP2/CPO', 'FR/EM1/EMSP']);
    await sharing(em2, 'closed');
    expect([await known(other), await known(emsp)]).toEqual([[], ['DE/CP1/CPO', 'DE/CP2/CPO']]);
    await agree('BE/EM2', 'DE/CP2', 'allow', 'tokens');
    expect([await known(other), await known(second)]).toEqual([
      ['DE/CP2/CPO'],
      ['BE/EM2/EMSP', 'DE/CP1/CPO', 'FR/EM1/EMSP'],
    ]);
  });

  it('nobody had anything to complain about', () => {
    for (const { name, inspector } of [first, second, emsp, other]) expect([name, inspector.first]).toEqual([name, []]);
  });
});
