import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { commandTypes } from '../../src/modules/commands/read-command.js';
import {
  at,
  cast,
  connector,
  evse,
  type GuestName,
  location,
  type PartnerName,
  type Sample,
  startTestHub,
  type TestHub,
  tariff,
  token,
} from '../support/hub/index.js';
import { expectCodes, fromParty, toHub, toParty } from './rows/kit.js';

/** Every URL and method of the functional modules against callers that say they are somebody else (T2, O-05, R-09). */
const methods = ['GET', 'PUT', 'PATCH', 'POST', 'DELETE'] as const;
type Method = (typeof methods)[number];
type Attacker = 'P1' | 'P2';

/** The caller's own party, and those that are not his: two of others, the hub's, and one that nobody has. */
const attackers = {
  P1: { role: 'CPO', own: 'DE/CP1', foreign: ['DE/CP2', 'FR/EM1', 'NL/HUB', 'XX/YYY'], to: 'FR/EM1' },
  P2: { role: 'EMSP', own: 'FR/EM1', foreign: ['BE/EM2', 'DE/CP1', 'NL/HUB', 'XX/YYY'], to: 'DE/CP1' },
} as const;

/** A URL below an interface; `{}` stands for the owner. What is not named does not exist. */
interface Place {
  readonly module: string;
  readonly side: 'receiver' | 'sender';
  readonly path: string;
  readonly methods: readonly Method[];
  readonly for: readonly ('CPO' | 'EMSP')[];
}

const place = (
  module: string,
  side: Place['side'],
  path: string,
  allowed: readonly Method[],
  ...who: Place['for']
): Place => ({ module, side, path, methods: allowed, for: who });
const stateful = ['GET', 'PUT', 'PATCH'] as const;
const places: readonly Place[] = [
  ...['/{}/LOC1', '/{}/LOC1/E1', '/{}/LOC1/E1/1'].map((path) => place('locations', 'receiver', path, stateful, 'CPO')),
  ...['', '/LOC1', '/LOC1/E1', '/LOC1/E1/1'].map((path) => place('locations', 'sender', path, ['GET'], 'CPO', 'EMSP')),
  place('tariffs', 'receiver', '/{}/T1', ['GET', 'PUT', 'DELETE'], 'CPO'),
  place('tariffs', 'sender', '', ['GET'], 'CPO', 'EMSP'),
  place('tokens', 'receiver', '/{}/04AB12CD', stateful, 'EMSP'),
  place('tokens', 'sender', '', ['GET'], 'CPO'),
  place('tokens', 'sender', '/04AB12CD/authorize', ['POST'], 'CPO'),
  place('sessions', 'receiver', '/{}/S1', stateful, 'CPO'),
  place('sessions', 'sender', '', ['GET'], 'CPO', 'EMSP'),
  place('sessions', 'sender', '/S1/charging_preferences', ['PUT'], 'EMSP'),
  place('cdrs', 'receiver', '', ['POST'], 'CPO'),
  place('cdrs', 'receiver', '/reference', ['GET'], 'CPO'),
  place('cdrs', 'sender', '', ['GET'], 'CPO', 'EMSP'),
  ...commandTypes.map((type) => place('commands', 'receiver', `/${type}`, ['POST'], 'EMSP')),
  ...commandTypes.map((type) => place('commands', 'sender', `/${type}/callback`, ['POST'], 'CPO')),
  place('chargingprofiles', 'receiver', '/S1', ['GET', 'PUT', 'DELETE'], 'EMSP'),
  place('chargingprofiles', 'sender', '/S1', ['PUT'], 'CPO', 'EMSP'),
  place('chargingprofiles', 'sender', '/callbacks/callback', ['POST'], 'CPO', 'EMSP'),
];
const hasOwner = ({ path }: Place): boolean => path.includes('{}');
const named = places.map((one) => [`${one.side} ${one.module}${one.path}`, one] as const);
const pair = (key: string): [string, string] => [key.slice(0, 2), key.slice(3)];

/** A body that would be fine. */
function bodyOf({ module, path }: Place, owner: string): Sample {
  const [country_code, party_id] = pair(owner);
  const own = { country_code, party_id, last_updated: at(1) };
  const change = { last_updated: at(1) };
  switch (module) {
    case 'locations':
      if (path.endsWith('/1')) return connector('1', change);
      return path.endsWith('/E1') ? evse('E1', change) : location('LOC1', { ...own, name: 'taken over' });
    case 'tariffs':
      return tariff('T1', { ...own, currency: 'USD' });
    case 'tokens':
      return token('04AB12CD', { ...own, valid: false });
    case 'commands':
      return { response_url: 'https://partner.example/r', session_id: 'S1', location_id: 'LOC1', result: 'ACCEPTED' };
    default:
      return { ...own, id: 'S1', cdr_token: { country_code: 'FR', party_id: 'EM1' }, profile_type: 'FAST' };
  }
}

let hub: TestHub;
const customGuest: GuestName = 'guest-custom';
beforeAll(async () => {
  hub = await startTestHub({
    reachable: true,
    guests: {
      [customGuest]: {
        parties: ['LU/CUS/EMSP'],
        token: 'token-of-a-custom-guest',
        switches: { custom_modules: ['nlhub-echo'] },
      },
    },
  });
});
afterAll(() => hub.close());

/** Everything that the hub holds, as those see it who may. */
async function everything(): Promise<string> {
  const texts: string[] = [];
  for (const [who, module] of [
    ['P4', 'locations'],
    ['P4', 'tariffs'],
    ['P1', 'tokens'],
  ] as const) {
    const answer = expectCodes(await hub.as(who, 'GET', hub.sender[module]), 200, 1000);
    texts.push(JSON.stringify(answer.list));
  }
  return texts.join('\n');
}

let before = { head: 0, held: '' };
beforeEach(async () => {
  await hub.clear();
  const put = async (who: PartnerName, url: string, body: Sample): Promise<void> => {
    expectCodes(await hub.as(who, 'PUT', url, { body }), 201, 1000);
  };
  for (const [who, owner] of [
    ['P1', 'DE/CP1'],
    ['P5', 'DE/CP2'],
  ] as const) {
    const [country_code, party_id] = pair(owner);
    await put(who, `${hub.receiver.locations}/${owner}/LOC1`, location('LOC1', { country_code, party_id }));
    await put(who, `${hub.receiver.tariffs}/${owner}/T1`, tariff('T1', { country_code, party_id }));
  }
  await put('P2', `${hub.receiver.tokens}/FR/EM1/04AB12CD`, token());
  await put('P3', `${hub.receiver.tokens}/BE/EM2/04AB12CD`, token('04AB12CD', { country_code: 'BE', party_id: 'EM2' }));
  before = { head: hub.head(), held: await everything() };
  hub.forget();
});

/** Nothing was stored, nobody was called, and none of it was a fault of ours. */
afterEach(async () => {
  expect(hub.outcomes.filter(({ fault }) => fault !== undefined)).toEqual([]);
  expect(hub.effects).toEqual([]);
  const called = [...Object.keys(cast), customGuest].flatMap((name) => hub.partner(name as PartnerName).received);
  expect(called.map(({ method, target }) => `${method} ${target}`)).toEqual([]);
  expect(await hub.changes(before.head)).toEqual([]);
  expect(await everything()).toBe(before.held);
});

/** What one request was answered. */
async function attempt(who: Attacker, one: Place, method: Method, owner: string, headers: Record<string, string>) {
  const query = one.module === 'sessions' && method === 'GET' ? '?date_from=2026-01-01T00:00:00Z' : '';
  const url = `/ocpi/2.2.1/${one.side}/${one.module}${one.path.replace('{}', owner)}${query}`;
  const body = method === 'GET' || method === 'DELETE' ? {} : { body: bodyOf(one, owner) };
  const answer = await hub.as(who, method, url, { ...body, headers });
  return `${method} ${answer.status} ${answer.body.status_code}`;
}
const answered = (one: Place, status: number): string[] =>
  methods.map((method) => (one.methods.includes(method) ? `${method} ${status} 2001` : `${method} 405 2000`));

describe.each(['P1', 'P2'] as const)('what %s says in the name of others', (who) => {
  const { role, own, foreign, to } = attackers[who];
  const addressees = [{}, toHub, toParty(...pair(to))];

  it.each(named)('R-09, T2: %s with a FROM that is not its own', async (_name, one) => {
    // Its own party in a role that has no business there is nobody's in the URL and nobody's in FROM.
    const status = hasOwner(one) && !one.for.includes(role) ? 404 : 200;
    const spoofed = [
      ...foreign.map((party) => fromParty(...pair(party))),
      { 'OCPI-from-country-code': own.slice(0, 2) },
      { 'OCPI-from-party-id': own.slice(3) },
      ...(one.for.includes(role) ? [] : [fromParty(...pair(own)), {}]),
    ];
    for (const from of spoofed)
      for (const addressed of addressees) {
        const headers = { ...from, ...addressed };
        const seen: string[] = [];
        for (const method of methods) seen.push(await attempt(who, one, method, own, headers));
        // Half a name is refused before anything else is looked at.
        const half = Object.keys(from).length === 1;
        expect([headers, seen]).toEqual([headers, answered(one, half ? 200 : status)]);
      }
  });

  it.each(named.filter(([, one]) => hasOwner(one)))('O-05, T2: %s of another owner', async (_name, one) => {
    for (const owner of foreign)
      for (const from of [{}, fromParty(...pair(own)), fromParty(...pair(owner))])
        for (const addressed of addressees) {
          const headers = { ...from, ...addressed };
          const seen: string[] = [];
          for (const method of methods) seen.push(await attempt(who, one, method, owner, headers));
          expect([owner, headers, seen]).toEqual([owner, headers, answered(one, 404)]);
        }
  });
});

describe('besides', () => {
  it('R-09, T2: nobody speaks for others in a custom module', async () => {
    for (const from of ['FR/EM1', 'NL/HUB', 'XX/YYY'])
      for (const method of methods) {
        const answer = await hub.as(customGuest, method, '/ocpi/2.2.1/receiver/nlhub-echo/a', {
          headers: { ...fromParty(...pair(from)), ...toParty('DE', 'CP1') },
        });
        expect([from, method, answer.status, answer.body.status_code]).toEqual([from, method, 200, 2001]);
      }
  });

  it('T2: nobody but a hub tells of parties, whatever FROM says (H-02)', async () => {
    for (const who of ['P1', 'P2'] as const)
      for (const owner of ['DE/CP1', 'FR/EM1', 'NL/HUB', 'XX/YYY'])
        for (const method of ['GET', 'PUT'] as const) {
          const [country_code, party_id] = pair(owner);
          const body = { country_code, party_id, role: 'CPO', status: 'SUSPENDED', last_updated: at(1) };
          const answer = await hub.as(who, method, `/ocpi/2.2.1/receiver/hubclientinfo/${owner}`, {
            ...(method === 'PUT' ? { body } : {}),
            headers: fromParty(country_code, party_id),
          });
          expectCodes(answer, 404, 2001);
        }
  });

  it('T2: a CDR of another owner is not passed on', async () => {
    const [module, side] = ['cdrs', 'receiver'] as const;
    for (const owner of attackers.P1.foreign)
      for (const headers of [{}, toParty('FR', 'EM1')]) {
        const body = bodyOf(place(module, side, '', ['POST'], 'CPO'), owner);
        expectCodes(await hub.as('P1', 'POST', '/ocpi/2.2.1/receiver/cdrs', { body, headers }), 200, 2001);
      }
  });
});

it('the same messages pass in the name of who sends them, however that is spelled', async () => {
  const session = { body: bodyOf(place('sessions', 'receiver', '/{}/S1', stateful, 'CPO'), 'DE/CP1') };
  for (const from of [{}, fromParty('DE', 'CP1'), fromParty('de', 'cP1')]) {
    const headers = { ...from, ...toParty('FR', 'EM1') };
    expectCodes(
      await hub.as('P1', 'PUT', '/ocpi/2.2.1/receiver/sessions/De/cp1/S1', { ...session, headers }),
      200,
      1000,
    );
  }
  expect(hub.partner('P2').received).toHaveLength(3);
  expectCodes(await hub.as('P1', 'GET', `${hub.receiver.locations}/de/CP1/LOC1`), 200, 1000);
  hub.forget();
});
