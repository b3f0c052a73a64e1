import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type Answer,
  at,
  cast,
  type GuestName,
  type PartnerName,
  type ReceivedRequest,
  startTestHub,
  type TestHub,
} from '../support/hub/index.js';
import { expectCodes, fromParty, toParty } from './rows/kit.js';

/** Messages between hubs that lead back to where they come from (T18). */
const everything = ['locations', 'tariffs', 'tokens', 'sessions', 'cdrs', 'commands', 'chargingprofiles'].flatMap(
  (module) => [`${module} SENDER`, `${module} RECEIVER`],
);
const [a, b]: [GuestName, GuestName] = ['guest-hub-a', 'guest-hub-b'];
const switches = { custom_modules: ['nlhub-echo'] };
const guests = {
  [a]: { parties: ['BE/HBA/HUB'], token: 'token-of-hub-a', offers: everything, switches },
  [b]: { parties: ['FR/HBB/HUB'], token: 'token-of-hub-b', offers: everything, switches },
};
const behindA = ['AT/CPA/CPO', 'AT/EMA/EMSP'];
const behindB = ['ES/CPB/CPO', 'ES/EMB/EMSP'];
const behindBoth = ['IT/CPX/CPO', 'IT/EMX/EMSP', 'IT/CPY/CPO'];
const pair = (key: string): [string, string] => [key.slice(0, 2), key.slice(3, 6)];
const between = (from: string, to: string): Record<string, string> => ({
  ...fromParty(...pair(from)),
  ...toParty(...pair(to)),
});
const receiver = (module: string, path: string): string => `/ocpi/2.2.1/receiver/${module}${path}`;

let hub: TestHub;
beforeAll(async () => {
  hub = await startTestHub({ reachable: true, guests });
  const tell = async (name: GuestName, party: string, status: string, seconds: number): Promise<void> => {
    const [country_code, party_id] = pair(party);
    const body = { country_code, party_id, role: party.slice(7), status, last_updated: at(seconds) };
    const url = receiver('hubclientinfo', `/${country_code}/${party_id}`);
    const answer = await hub.as(name, 'PUT', url, { body });
    expect([party, answer.body.status_code]).toEqual([party, 1000]);
  };
  for (const party of behindA) await tell(a, party, 'CONNECTED', 0);
  for (const party of behindB) await tell(b, party, 'CONNECTED', 0);
  for (const party of behindBoth) {
    // One that went over to another hub and came back is behind both.
    await tell(a, party, 'SUSPENDED', 0);
    await tell(b, party, 'CONNECTED', 1);
    await tell(a, party, 'CONNECTED', 2);
  }
});
afterAll(() => hub.close());
beforeEach(() => hub.forget());

const everybody = [...Object.keys(cast), a, b] as (PartnerName | GuestName)[];
const called = (): string[] => everybody.filter((name) => hub.partner(name).received.length > 0);

/** A hub sends on what it got, as it is, over its own connection, the way a hub does that knows no better. */
function sendsOn(name: GuestName, answers: Answer[], change: Record<string, string> = {}): void {
  hub.partner(name).behaviour = async (request: ReceivedRequest) => {
    // Nobody goes round for ever, not even where the guard is off.
    if (hub.partner(a).received.length + hub.partner(b).received.length > 6) return {};
    const routing = Object.entries(request.headers).filter(([key]) => key.startsWith('ocpi-'));
    const again = await hub.as(name, request.method, request.target.replace(/^\/api/, '/ocpi/2.2.1'), {
      ...(request.bytes.length > 0 ? { body: request.bytes } : {}),
      headers: {
        ...(Object.fromEntries(routing) as Record<string, string>),
        'X-Correlation-ID': String(request.headers['x-correlation-id']),
        ...change,
      },
    });
    answers.push(again);
    return { status: again.status, body: again.text };
  };
}
const codes = (answers: readonly Answer[]): unknown[] => answers.map(({ status, body }) => [status, body.status_code]);

const session = (from: string) => ({
  country_code: pair(from)[0],
  party_id: pair(from)[1],
  id: 'S1',
  cdr_token: { country_code: 'ES', party_id: 'EMB' },
});
interface Message {
  readonly what: string;
  readonly method: string;
  readonly url: string;
  readonly body?: unknown;
  readonly from: string;
  readonly to: string;
}

/** A message of each kind, from one party to another. */
const messages = (cpo: string, emsp: string) => {
  const fromCpo = { from: cpo, to: emsp };
  const fromEmsp = { from: emsp, to: cpo };
  const messages: Message[] = [
    { what: 'a list', method: 'GET', url: '/ocpi/2.2.1/sender/locations', ...fromEmsp },
    { what: 'a Session', method: 'PUT', url: receiver('sessions', `/${cpo}/S1`), body: session(cpo), ...fromCpo },
    { what: 'a CDR', method: 'POST', url: receiver('cdrs', ''), body: { ...session(cpo), id: 'C1' }, ...fromCpo },
    { what: 'an authorize', method: 'POST', url: '/ocpi/2.2.1/sender/tokens/U1/authorize', ...fromCpo },
    {
      what: 'a wish',
      method: 'PUT',
      url: '/ocpi/2.2.1/sender/sessions/S1/charging_preferences',
      body: { profile_type: 'FAST' },
      ...fromEmsp,
    },
  ];
  return messages;
};

describe('a hub is not asked for what it brings itself (T18)', () => {
  it.each(messages('AT/CPA', 'AT/EMA'))('$what between two parties behind it is 4001', async (message) => {
    const { method, url, body, from, to } = message;
    const answer = await hub.as(a, method, url, { ...(body ? { body } : {}), headers: between(from, to) });
    expectCodes(answer, 200, 4001);
    expect(called()).toEqual([]);
  });

  it.each(messages('AT/CPA', 'ES/EMB'))(
    '$what between a party behind it and one behind another hub passes',
    async ({ method, url, body, from, to }) => {
      const [bringer, taker] = from === 'AT/CPA' ? [a, b] : [b, a];
      const answer = await hub.as(bringer, method, url, { ...(body ? { body } : {}), headers: between(from, to) });
      expectCodes(answer, 200, 1000);
      expect(called()).toEqual([taker]);
    },
  );

  it('a question to all eMSPs is not asked of those behind it', async () => {
    for (const name of everybody)
      hub.partner(name).behaviour = () => ({
        status: 404,
        body: { status_code: 2004, status_message: 'unknown', timestamp: at(0) },
      });
    const url = '/ocpi/2.2.1/sender/tokens/NOBODY/authorize';
    expectCodes(await hub.as(a, 'POST', url, { headers: fromParty('AT', 'CPA') }), 404, 2004);
    expect(hub.partner(a).received).toEqual([]);
    expect(
      hub
        .partner(b)
        .received.map(({ headers }) => headers['ocpi-to-party-id'])
        .sort(),
    ).toEqual(['EMB', 'EMX']);
  });

  it('nobody brings a message in the name of this hub, or of a party that is registered here', async () => {
    for (const from of ['NL/HUB', 'FR/EM1', 'XX/YYY', 'ES/EMB']) {
      const answer = await hub.as(a, 'GET', '/ocpi/2.2.1/sender/locations', { headers: between(from, 'ES/CPB') });
      expectCodes(answer, 200, 2001);
    }
    expect(called()).toEqual([]);
  });
});

describe('a message that comes round again while it is under way (T18)', () => {
  it.each(messages('IT/CPX', 'IT/EMX'))('$what is 4000 then, and is carried out once', async (message) => {
    const { method, url, body, from, to } = message;
    const again: Answer[] = [];
    sendsOn(a, again);
    sendsOn(b, again);
    const headers = { ...between(from, to), 'X-Correlation-ID': `round-${from}` };
    const answer = await hub.as(a, method, url, { ...(body ? { body } : {}), headers });
    expect(codes(again)).toEqual([[200, 4000]]);
    expect(hub.partner(b).received).toHaveLength(1);
    expect(called()).toEqual([b]);
    // Who asked is told as well.
    expectCodes(answer, 200, 4000);
  });

  it('a question to all eMSPs comes round to nobody either', async () => {
    const again: Answer[] = [];
    for (const name of everybody)
      hub.partner(name).behaviour = () => ({
        status: 404,
        body: { status_code: 2004, status_message: 'unknown', timestamp: at(0) },
      });
    sendsOn(a, again);
    sendsOn(b, again);
    const url = '/ocpi/2.2.1/sender/tokens/NOBODY/authorize';
    const headers = { ...fromParty('IT', 'CPX'), 'X-Correlation-ID': 'question' };
    expectCodes(await hub.as(a, 'POST', url, { headers }), 404, 2004);
    // What is behind B alone B does not get back; what is behind both is on its way there already.
    expect(codes(again).sort()).toEqual([
      [200, 4000],
      [200, 4001],
    ]);
    expect(hub.partner(a).received).toEqual([]);
    expect(hub.partner(b).received).toHaveLength(2);
  });

  it('a message of a party that is registered here comes back in nobody else’s name', async () => {
    const again: Answer[] = [];
    sendsOn(b, again);
    const headers = toParty('ES', 'CPB');
    expectCodes(await hub.as('P2', 'GET', '/ocpi/2.2.1/sender/locations', { headers }), 200, 2001);
    expect([codes(again), called()]).toEqual([[[200, 2001]], [b]]);
  });

  it('the same again afterwards, or to somebody else, is another message', async () => {
    const headers = { ...between('IT/EMX', 'IT/CPX'), 'X-Correlation-ID': 'twice' };
    for (let n = 1; n <= 2; n += 1)
      expectCodes(await hub.as(a, 'GET', '/ocpi/2.2.1/sender/locations', { headers }), 200, 1000);
    const again: Answer[] = [];
    sendsOn(b, again, toParty('IT', 'CPY'));
    expectCodes(await hub.as(a, 'GET', '/ocpi/2.2.1/sender/locations', { headers }), 200, 1000);
    expect(codes(again)).toEqual([[200, 1000]]);
    expect([hub.partner(a).received.length, hub.partner(b).received.length]).toEqual([1, 3]);
  });
});
