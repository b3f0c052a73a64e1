import { createHash } from 'node:crypto';
import { expect } from '@jest/globals';
import { type Answer, envelope, location, nextOf, type PartnerName, type TestHub } from '../../support/hub/index.js';
import { expectCodes, expectNothingStored, fromParty, locationUrl, putLocation, toHub, toParty } from './kit.js';
import { elsewhere, type Row, tested } from './row.js';

const forwarder = 'src/platform/forwarding/forwarder.test.ts';
const router = 'src/platform/forwarding/router.test.ts';
const book = 'src/platform/routing/party-book.test.ts';

export const receiverUrl = (module: string, path = ''): string => `/ocpi/2.2.1/receiver/${module}${path}`;
export const senderUrl = (module: string, path = ''): string => `/ocpi/2.2.1/sender/${module}${path}`;

/** A body with what a careless hub would lose: unknown fields, odd white space, numbers as they are written. */
const oddText =
  '{ "country_code":"DE","party_id":"CP1",\n "id":"S1", "kwh": 12.50, "big": 12345678901234567890.10, "x_foo":{"a":[1.0]}}';
const digest = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex');
const ids = { 'X-Request-ID': 'request-1', 'X-Correlation-ID': 'correlation-1' };

/** A CPO puts a Session at one eMSP. */
const putSession = (hub: TestHub, headers: Record<string, string> = {}): Promise<Answer> =>
  hub.as('P1', 'PUT', receiverUrl('sessions', '/DE/CP1/S1'), {
    body: oddText,
    headers: { ...toParty('FR', 'EM1'), ...fromParty('DE', 'CP1'), ...ids, ...headers },
  });

/** An eMSP asks one CPO for its Locations. */
const askLocations = (hub: TestHub, query = '', by: PartnerName = 'P2'): Promise<Answer> =>
  hub.as(by, 'GET', senderUrl('locations', query), { headers: { ...toParty('DE', 'CP1'), ...ids } });

function received(hub: TestHub, name: PartnerName) {
  expect(hub.partner(name).received).toHaveLength(1);
  return hub.partner(name).last;
}

export const forwardingRows: readonly Row[] = [
  tested('R-04', 'must', 'forwarding keeps TO and FROM as received', async (hub) => {
    expectCodes(await putSession(hub, { ...toParty('fr', 'em1'), ...fromParty('de', 'Cp1') }), 200, 1000);
    expect(received(hub, 'P2').headers).toMatchObject({
      'ocpi-to-country-code': 'fr',
      'ocpi-to-party-id': 'em1',
      'ocpi-from-country-code': 'de',
      'ocpi-from-party-id': 'Cp1',
    });
  }),
  tested(
    'R-05',
    'must',
    "an answer's TO and FROM reach the requester, also where the receiver omits them",
    async (hub) => {
      const from = { 'ocpi-from-country-code': 'FR', 'ocpi-from-party-id': 'EM1' };
      const to = { 'ocpi-to-country-code': 'DE', 'ocpi-to-party-id': 'CP1' };
      expect((await putSession(hub)).headers).toMatchObject({ ...from, ...to });
      hub.partner('P2').behaviour = () => ({ headers: { ...fromParty('FR', 'EM1'), ...toParty('DE', 'CP1') } });
      expect((await putSession(hub)).headers).toMatchObject({ ...from, ...to });
      hub.partner('P2').behaviour = () => ({ status: 503, body: 'down' });
      // What the hub itself has to say is from the hub.
      expect((await putSession(hub)).headers).toMatchObject({
        'ocpi-from-country-code': 'NL',
        'ocpi-from-party-id': 'HUB',
        ...to,
      });
    },
  ),
  tested('R-06', 'must', "the hub calls with its own token for the receiver's platform", async (hub) => {
    await putSession(hub);
    expect(received(hub, 'P2').token).toBe('for-P2');
  }),
  tested('R-07', 'REC', 'method, sub-path, query and body pass byte for byte', async (hub) => {
    const text = oddText.replace('"S1"', '"a/b~+"');
    await hub.as('P1', 'PUT', receiverUrl('sessions', '/DE/CP1/a%2Fb%7e%2B?x=%7E&y=1+2'), {
      body: text,
      headers: { ...toParty('FR', 'EM1') },
    });
    const got = received(hub, 'P2');
    expect([got.method, got.target]).toEqual(['PUT', '/api/receiver/sessions/DE/CP1/a%2Fb%7e%2B?x=%7E&y=1+2']);
    expect(digest(got.bytes)).toBe(digest(text));
    expect(got.headers['content-type']).toBe('application/json');
  }),
  elsewhere('R-08', 'REC', 'the routing key holds the role', book),
  tested('R-09', 'REC', 'a FROM that is not the caller is refused, and nothing is forwarded', async (hub) => {
    for (const spoofed of [fromParty('ES', 'SIS'), fromParty('FR', 'EM1'), fromParty('NL', 'HUB')])
      expectCodes(await putSession(hub, spoofed), 200, 2001);
    const foreign = { body: oddText, headers: toParty('FR', 'EM1') };
    expectCodes(await hub.as('P1', 'PUT', receiverUrl('sessions', '/ES/SIS/S1'), foreign), 404, 2001);
    expect(hub.partner('P2').received).toEqual([]);
    const ownOnly = { body: location(), headers: fromParty('FR', 'EM1') };
    expectCodes(await hub.as('P1', 'PUT', locationUrl(hub), ownOnly), 200, 2001);
    await expectNothingStored(hub, hub.head());
    // It is inferred where only one party can be meant.
    expectCodes(await hub.as('P2', 'GET', hub.sender.locations), 200, 1000);
    expectCodes(await hub.as('P5', 'GET', hub.sender.locations), 200, 2001);
    expectCodes(await hub.as('P5', 'GET', hub.sender.locations, { headers: fromParty('AT', 'CP3') }), 200, 1000);
  }),
  tested('R-10', 'must', 'TO that names nobody is 4001, without a call', async (hub) => {
    expectCodes(await putSession(hub, toParty('XX', 'YYY')), 200, 4001);
    expect(hub.partner('P2').received).toEqual([]);
    const headers = toParty('XX', 'YYY');
    expectCodes(await hub.as('P2', 'GET', hub.sender.locations, { headers }), 200, 4001);
    expectCodes(await hub.as('P1', 'PUT', locationUrl(hub), { body: location(), headers }), 200, 4001);
    await expectNothingStored(hub, hub.head());
  }),
  elsewhere('R-11', 'must', 'a party that is not connected is 4003, and not tried', router),
  tested('R-12', 'must', 'a receiver that cannot be reached is 4003', async (hub) => {
    hub.partner('P3').behaviour = () => ({});
    expectCodes(await putSession(hub, toParty('NL', 'NSP')), 200, 4000);
    const away = await hub.as('P2', 'POST', receiverUrl('commands', '/STOP_SESSION'), {
      headers: toParty('ES', 'OFF'),
      body: { response_url: `${hub.partner('P2').origin}/r`, session_id: 'S' },
    });
    expectCodes(away, 200, 4003);
  }),
  tested('R-13', 'must', 'a receiver that does not answer in time is 4002', async (hub) => {
    hub.partner('P2').behaviour = () => new Promise(() => undefined);
    const started = performance.now();
    expectCodes(await putSession(hub), 200, 4002);
    // The test hub waits for a second (P10: its limit + 250 ms, and some more for a busy machine).
    expect(performance.now() - started).toBeLessThan(2_500);
    expect(hub.partner('P2').received).toHaveLength(1);
  }),
  tested('R-14', 'REC', 'a module that the receiver does not offer is 4000', async (hub) => {
    const asked = await hub.as(
      'P2',
      'GET',
      `${receiverUrl('chargingprofiles', '/S1')}?duration=60&response_url=${encodeURIComponent(`${hub.partner('P2').origin}/r`)}`,
      {
        headers: toParty('ES', 'SIS'),
      },
    );
    expectCodes(asked, 200, 4000);
    expect(hub.partner('P6').received).toEqual([]);
  }),
  tested('R-15', 'REC', 'hub codes go out with HTTP 200', async (hub) => {
    hub.partner('P2').behaviour = () => 'reset';
    const codes = [await putSession(hub), await putSession(hub, toParty('XX', 'YYY'))];
    expect(codes.map(({ status, body }) => [status, body.status_code >= 4000])).toEqual([
      [200, true],
      [200, true],
    ]);
  }),
  tested(
    'R-16',
    'REC',
    'HTTP errors with an envelope pass; 401 and 403 never do; 5xx and what is no OCPI are 4000',
    async (hub) => {
      const behave = async (status: number, body: unknown, http: number, ocpi: number): Promise<void> => {
        hub.partner('P2').behaviour = () => ({ status, body });
        expectCodes(await putSession(hub), http, ocpi);
      };
      const said = { status_message: 'as the receiver says' };
      for (const status of [400, 404, 405])
        await behave(status, { ...envelope(undefined, 2003), ...said }, status, 2003);
      for (const status of [401, 403]) await behave(status, { ...envelope(undefined, 2000), ...said }, 200, 4003);
      for (const status of [500, 502, 503]) await behave(status, { ...envelope(undefined, 3000), ...said }, 200, 4000);
      await behave(200, '<html>', 200, 4000);
      await behave(200, '', 200, 4000);
      await behave(302, envelope(), 200, 4000);
    },
  ),
  tested('R-17', 'MUST', "a receiver's 2xxx and 3xxx pass unchanged", async (hub) => {
    for (const code of [2001, 2003, 2999, 3000, 3001]) {
      const body = {
        ...envelope(undefined, code),
        status_message: 'own words',
        timestamp: '2020-01-01T00:00:00Z',
        extra: 1.5,
      };
      hub.partner('P2').behaviour = () => ({ body });
      expect((await putSession(hub)).body).toEqual(body);
    }
  }),
  tested('R-27', 'MUST', 'Sessions and CDRs to the hub are refused, and nobody is called', async (hub) => {
    expectCodes(await putSession(hub, toHub), 200, 2001);
    const cdr = { body: { id: 'C1', cdr_token: { country_code: 'FR', party_id: 'EM1' } }, headers: toHub };
    expectCodes(await hub.as('P1', 'POST', receiverUrl('cdrs'), cdr), 200, 2001);
    expect(hub.partner('P2').received).toEqual([]);
  }),
  tested('R-29', 'REC', 'what is addressed to one party is passed on, and not stored', async (hub) => {
    const url = receiverUrl('locations', '/DE/CP1/LOC1');
    expectCodes(await hub.as('P1', 'PUT', url, { body: location(), headers: toParty('FR', 'EM1') }), 200, 1000);
    expect(received(hub, 'P2').target).toBe('/api/receiver/locations/DE/CP1/LOC1');
    await expectNothingStored(hub, hub.head());
  }),
  tested('R-32', 'MUST', 'a message without TO gets one from the hub', async (hub) => {
    const body = { ...location(), id: 'S1', cdr_token: { country_code: 'BE', party_id: 'EM2' } };
    await hub.as('P1', 'PUT', receiverUrl('sessions', '/DE/CP1/S1'), { body, headers: fromParty('DE', 'CP1') });
    expect(received(hub, 'P3').headers).toMatchObject({
      'ocpi-to-country-code': 'BE',
      'ocpi-to-party-id': 'EM2',
      'ocpi-from-country-code': 'DE',
      'ocpi-from-party-id': 'CP1',
    });
  }),
  tested('R-33', 'must', 'open routing is for single messages; a list without TO is GET All', async (hub) => {
    await putLocation(hub);
    const list = expectCodes(await hub.as('P2', 'GET', hub.sender.locations), 200, 1000);
    expect(list.list).toHaveLength(1);
    expect(hub.partner('P1').received).toEqual([]);
  }),
  tested('R-34', 'REC', 'the receiver is chosen by content: cdr_token, Location, Session', async (hub) => {
    await putLocation(hub);
    const cdrToken = { cdr_token: { country_code: 'FR', party_id: 'EM1' } };
    await hub.as('P1', 'POST', receiverUrl('cdrs'), { body: { id: 'C1', ...cdrToken } });
    expect(received(hub, 'P2').target).toBe('/api/receiver/cdrs');
    await hub.as('P1', 'PUT', receiverUrl('sessions', '/DE/CP1/S7'), { body: { id: 'S7', ...cdrToken } });
    await hub.as('P1', 'PATCH', receiverUrl('sessions', '/DE/CP1/S7'), {
      body: { kwh: 1, last_updated: location().last_updated },
    });
    expect(
      hub
        .partner('P2')
        .received.map(({ method, target }) => `${method} ${target}`)
        .slice(1),
    ).toEqual(['PUT /api/receiver/sessions/DE/CP1/S7', 'PATCH /api/receiver/sessions/DE/CP1/S7']);
    const answer = { result: 'ACCEPTED', timeout: 30 };
    hub.partner('P1').behaviour = () => ({ body: envelope(answer) });
    const start = await hub.as('P2', 'POST', receiverUrl('commands', '/START_SESSION'), {
      body: {
        response_url: `${hub.partner('P2').origin}/results/1`,
        token: {
          country_code: 'FR',
          party_id: 'EM1',
          uid: 'U1',
          type: 'RFID',
          contract_id: 'C',
          issuer: 'I',
          valid: true,
          whitelist: 'ALWAYS',
          last_updated: location().last_updated,
        },
        location_id: 'LOC1',
      },
    });
    expect(expectCodes(start, 200, 1000).data).toEqual(answer);
    expect(received(hub, 'P1').target).toBe('/api/receiver/commands/START_SESSION');
  }),
  elsewhere('R-35', 'REC', 'several tried: the first success wins; none: 4001, or the last 2003/2004', router),
  tested('R-44', 'REC', 'response_url leads back through the hub', async (hub) => {
    hub.partner('P1').behaviour = () => ({ body: envelope({ result: 'ACCEPTED', timeout: 30 }) });
    const own = `${hub.partner('P2').origin}/results/42?a=b`;
    await hub.as('P2', 'POST', receiverUrl('commands', '/STOP_SESSION'), {
      headers: toParty('DE', 'CP1'),
      body: { session_id: 'S1', response_url: own },
    });
    const { response_url: given } = JSON.parse(received(hub, 'P1').bytes.toString()) as { response_url: string };
    expect(given.startsWith(hub.url)).toBe(true);
    const result = { body: { result: 'ACCEPTED' }, headers: { ...ids, ...toParty('FR', 'EM1') } };
    expectCodes(await hub.as('P1', 'POST', given, result), 200, 1000);
    const got = received(hub, 'P2');
    expect(got.target).toBe('/results/42?a=b');
    expect([
      got.token,
      got.headers['x-correlation-id'],
      got.headers['ocpi-from-party-id'],
      got.headers['ocpi-to-party-id'],
    ]).toEqual(['for-P2', 'correlation-1', 'CP1', 'EM1']);
    expect(JSON.parse(got.bytes.toString())).toEqual({ result: 'ACCEPTED' });
  }),
  tested('R-45', 'REC', 'Link and Location of what was forwarded lead back through the hub', async (hub) => {
    const { origin } = hub.partner('P1');
    hub.partner('P1').behaviour = ({ target }) => ({
      headers: target.includes('offset=2')
        ? {}
        : { Link: `<${origin}/api/sender/locations?offset=2&limit=2>; rel="next"` },
      body: envelope([{ id: target.includes('offset=2') ? 'second' : 'first' }]),
    });
    const first = expectCodes(await askLocations(hub), 200, 1000);
    const next = nextOf(first) ?? '';
    expect(next.startsWith(hub.sender.locations)).toBe(true);
    const second = await hub.as('P2', 'GET', next, { headers: toParty('DE', 'CP1') });
    expect(second.list).toEqual([{ id: 'second' }]);
    // Nobody else may follow it, and it works without TO.
    expect((await hub.as('P3', 'GET', next)).status).toBe(404);
    expect((await hub.as('P2', 'GET', next)).list).toEqual([{ id: 'second' }]);

    const cdr = { id: 'C1', x: 1.0 };
    hub.partner('P2').behaviour = ({ method }) =>
      method === 'POST'
        ? { status: 201, headers: { Location: `${hub.partner('P2').origin}/api/receiver/cdrs/99` } }
        : { body: envelope(cdr) };
    const posted = await hub.as('P1', 'POST', receiverUrl('cdrs'), { body: cdr, headers: toParty('FR', 'EM1') });
    expect(posted.status).toBe(201);
    const where = String(posted.headers.location);
    expect(where.startsWith(`${hub.url}${receiverUrl('cdrs')}/`) && where.length <= 255).toBe(true);
    expect((await hub.as('P1', 'GET', where)).data).toEqual(cdr);
    expect(hub.partner('P2').last.target).toBe('/api/receiver/cdrs/99');
    expect((await hub.as('P6', 'GET', where)).status).toBe(404);
  }),
  tested('R-46', 'REC', 'a command to the hub is routed by its content', async (hub) => {
    await hub.as('P1', 'PUT', receiverUrl('sessions', '/DE/CP1/S46'), {
      body: { id: 'S46', cdr_token: { country_code: 'FR', party_id: 'EM1' } },
    });
    hub.partner('P1').behaviour = () => ({ body: envelope({ result: 'ACCEPTED', timeout: 30 }) });
    const stop = await hub.as('P2', 'POST', receiverUrl('commands', '/STOP_SESSION'), {
      headers: toHub,
      body: { session_id: 'S46', response_url: `${hub.partner('P2').origin}/r` },
    });
    expectCodes(stop, 200, 1000);
    expect(received(hub, 'P1').headers['ocpi-to-party-id']).toBe('CP1');
  }),
  tested('R-47', 'REC', 'the time limit is configurable and below what clients usually wait', async (hub) => {
    hub.partner('P1').behaviour = () => new Promise(() => undefined);
    const started = performance.now();
    expectCodes(await askLocations(hub), 200, 4002);
    expect(performance.now() - started).toBeLessThan(5_000);
  }),
  elsewhere('R-48', 'REC', 'sizes, headers and redirects are limited', forwarder, 'encoded, too large'),
  tested(
    'R-51',
    'REC',
    "the receiver's status and page headers pass; cookies and hop-by-hop headers do not",
    async (hub) => {
      hub.partner('P1').behaviour = () => ({
        status: 200,
        headers: { 'X-Total-Count': '7', 'X-Limit': '2', 'Set-Cookie': 'a=b', 'X-Powered-By': 'x', Server: 'y' },
        body: envelope([]),
      });
      const { headers } = await askLocations(hub, '?limit=2');
      expect([headers['x-total-count'], headers['x-limit']]).toEqual(['7', '2']);
      for (const name of ['set-cookie', 'x-powered-by', 'server']) expect(headers).not.toHaveProperty(name);
      hub.partner('P2').behaviour = () => ({ status: 201 });
      expect((await putSession(hub)).status).toBe(201);
    },
  ),
];

/** What holds of every message that is passed on, beside the rules of routing. */
export const forwardedRows: readonly Row[] = [
  tested(
    'T-21',
    'MUST',
    'a new request id and the same correlation id; the answer carries the first one again',
    async (hub) => {
      hub.partner('P2').behaviour = ({ headers }) => ({ headers: { 'X-Request-ID': String(headers['x-request-id']) } });
      const answer = await putSession(hub);
      const { headers } = received(hub, 'P2');
      expect(headers['x-correlation-id']).toBe('correlation-1');
      expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
      expect([answer.headers['x-request-id'], answer.headers['x-correlation-id']]).toEqual([
        'request-1',
        'correlation-1',
      ]);
    },
  ),
  tested('P10', 'must', 'nothing is sent twice, whatever becomes of it', async (hub) => {
    for (const behaviour of [
      () => 'reset' as const,
      () => ({ status: 503, body: 'x' }),
      () => ({ status: 429, body: '{}' }),
    ]) {
      hub.partner('P2').forget();
      hub.partner('P2').behaviour = behaviour;
      expect((await putSession(hub)).body.status_code).toBeGreaterThanOrEqual(4000);
      expect(hub.partner('P2').received).toHaveLength(1);
    }
  }),
];
