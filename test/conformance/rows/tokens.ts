import { expect } from '@jest/globals';
import { type Answer, at, envelope, type Sample, type TestHub, token, without } from '../../support/hub/index.js';
import { crawlAs, expectCodes, toHub, toParty } from './kit.js';
import { notTestable, type Row, tested } from './row.js';

/** URL of a Token of FR/EM1 on the Receiver interface. */
export const tokenUrl = (hub: TestHub, uid = '04AB12CD', type?: string): string =>
  `${hub.receiver.tokens}/FR/EM1/${uid}${type === undefined ? '' : `?type=${type}`}`;

export async function putToken(hub: TestHub, body: Sample = token(), httpStatus = 201): Promise<void> {
  expectCodes(await hub.as('P2', 'PUT', tokenUrl(hub, String(body.uid)), { body }), httpStatus, 1000);
}

/** Each of these Tokens is refused with 200/2001 and leaves nothing. */
async function refusesTokens(hub: TestHub, ...bodies: Sample[]): Promise<void> {
  const head = hub.head();
  for (const body of bodies) expectCodes(await hub.as('P2', 'PUT', tokenUrl(hub), { body }), 200, 2001);
  expect([await hub.stores.tokens.countOf(), await hub.changes(head)]).toEqual([0, []]);
}

/** DE/CP1 asks whether a Token may be used. */
export function authorize(
  hub: TestHub,
  uid = '04AB12CD',
  options: { query?: string; body?: unknown; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const { query = '', ...rest } = options;
  return hub.as('P1', 'POST', `${hub.sender.tokens}/${uid}/authorize${query}`, rest);
}

/** What FR/EM1 answers to the next questions. */
function answers(hub: TestHub, data: unknown, status = 200, statusCode = 1000): string {
  const body = JSON.stringify(envelope(data, statusCode));
  hub.partner('P2').behaviour = () => ({ status, body });
  return body;
}

const whitelists = ['ALWAYS', 'ALLOWED', 'ALLOWED_OFFLINE', 'NEVER'];
const references = '{ "location_id": "LOC1", "evse_uids": ["E1","E2"], "x_n": 1.50 }';

/** For a hub whose partners are reachable. */
export const tokenRows: readonly Row[] = [
  tested('TK-01', 'must', 'Receiver: GET, PUT, PATCH; the type is RFID unless named', async (hub) => {
    await putToken(hub);
    for (const url of [tokenUrl(hub), tokenUrl(hub, '04ab12cd', 'RFID')])
      expect(expectCodes(await hub.as('P2', 'GET', url), 200, 1000).data).toEqual(token());
    expectCodes(await hub.as('P2', 'GET', tokenUrl(hub, '04AB12CD', 'OTHER')), 404, 2004);
    const body = { valid: false, last_updated: at(1) };
    expectCodes(await hub.as('P2', 'PATCH', tokenUrl(hub), { body }), 200, 1000);
    expectCodes(await hub.as('P2', 'PATCH', tokenUrl(hub, '04AB12CD', 'OTHER'), { body }), 404, 2004);
    expect((await hub.as('P2', 'GET', tokenUrl(hub))).data).toEqual({ ...token(), ...body });
    for (const method of ['POST', 'DELETE'])
      expect(
        expectCodes(await hub.as('P2', method, tokenUrl(hub), { body: token() }), 405, 2000)
          .headers.allow?.split(', ')
          .sort(),
      ).toEqual(['GET', 'PATCH', 'PUT']);
  }),
  tested('TK-02', 'must', 'owner, uid and type together name a Token', async (hub) => {
    await putToken(hub);
    await putToken(hub, token('04AB12CD', { type: 'APP_USER', whitelist: 'NEVER' }));
    await putToken(hub, token('04ab12cd', { issuer: 'Another' }), 200);
    expect(expectCodes(await hub.as('P1', 'GET', hub.sender.tokens), 200, 1000).list).toMatchObject([
      { type: 'RFID', issuer: 'Another' },
      { type: 'APP_USER', issuer: 'Example Cards' },
    ]);
  }),
  tested(
    'TK-03',
    'REC',
    'PUT: the type in the URL is that in the body; none in the URL: the body holds',
    async (hub) => {
      const app = token('U1', { type: 'APP_USER', whitelist: 'NEVER' });
      const put = (type: string, body: Sample) => hub.as('P2', 'PUT', tokenUrl(hub, 'U1', type), { body });
      expectCodes(await put('RFID', app), 200, 2001);
      expectCodes(await put('APP_USER', token('U1')), 200, 2001);
      expectCodes(await put('', token('U1')), 200, 2001);
      expect(await hub.stores.tokens.countOf()).toBe(0);
      await putToken(hub, app);
      expectCodes(await put('app_user', { ...app, issuer: 'Another' }), 200, 1000);
      expectCodes(await hub.as('P2', 'GET', tokenUrl(hub, 'U1')), 404, 2004);
      expect((await hub.as('P2', 'GET', tokenUrl(hub, 'U1', 'APP_USER'))).data).toEqual({ ...app, issuer: 'Another' });
    },
  ),
  tested('TK-04', 'MUST', 'owner and uid of URL and body are the same', async (hub) => {
    await refusesTokens(hub, token('04AB12CD', { party_id: 'EM2' }), token('04AB12CD', { country_code: 'BE' }));
    await refusesTokens(hub, token('OTHER'));
    expectCodes(await hub.as('P3', 'PUT', tokenUrl(hub), { body: token() }), 404, 2001);
    expectCodes(await hub.as('P1', 'PUT', tokenUrl(hub), { body: token() }), 404, 2001);
  }),
  tested('TK-05', 'MUST', 'PATCH needs last_updated', async (hub) => {
    await putToken(hub);
    const head = hub.head();
    expectCodes(await hub.as('P2', 'PATCH', tokenUrl(hub), { body: { valid: false } }), 200, 2001);
    expect([(await hub.as('P2', 'GET', tokenUrl(hub))).data, await hub.changes(head)]).toEqual([token(), []]);
  }),
  tested('TK-06', 'must', 'a Token is not removed, but made invalid', async (hub) => {
    await putToken(hub);
    expectCodes(await hub.as('P2', 'DELETE', tokenUrl(hub)), 405, 2000);
    await putToken(hub, token('04AB12CD', { valid: false, last_updated: at(1) }), 200);
    expect((await hub.as('P1', 'GET', hub.sender.tokens)).list).toMatchObject([{ valid: false }]);
  }),
  tested('TK-07', 'must', 'Sender: a paginated list, for CPOs', async (hub) => {
    for (let n = 0; n < 5; n++) await putToken(hub, token(`U${n}`, { last_updated: at(n) }));
    const pages = await crawlAs(hub, 'P1', `${hub.sender.tokens}?limit=2`);
    expect(pages.map((page) => page.list.map(({ uid }) => uid))).toEqual([['U0', 'U1'], ['U2', 'U3'], ['U4']]);
    for (const page of pages) expect(page.headers['x-total-count']).toBe('5');
    const since = expectCodes(await hub.as('P1', 'GET', `${hub.sender.tokens}?date_from=${at(3)}`), 200, 1000);
    expect([since.list.length, since.headers['x-total-count']]).toEqual([2, '2']);
    // R-41, T21: also their own they do not read here, but where they put them.
    for (const partner of ['P2', 'P3', 'P4'] as const)
      expectCodes(await hub.as(partner, 'GET', hub.sender.tokens, { headers: toHub }), 200, 2001);
  }),
  tested('TK-08', 'must', 'what is pulled adds and updates, and takes nothing out', async (hub) => {
    const sink = hub.pullSinks.find(({ module }) => module === 'tokens');
    const owner = { country_code: 'FR', party_id: 'EM1' };
    const context = { correlationId: 'pulled', applyStale: false };
    const take = (value: Sample) => sink?.accept(owner, value, JSON.stringify(value), context);
    await putToken(hub);
    expect(await take(token('U1'))).toBe('stored');
    expect(await take(token('04AB12CD', { valid: false, last_updated: at(1) }))).toBe('stored');
    expect(await take(token('04AB12CD'))).toBe('unchanged');
    await expect(take(without(token('U2'), 'issuer'))).rejects.toMatchObject({ statusCode: 2001 });
    expect([sink?.addsOnly, await sink?.removeAbsent(owner, new Set(), Infinity, context)]).toEqual([true, 0]);
    expect((await hub.as('P1', 'GET', hub.sender.tokens)).list).toMatchObject([{ valid: false }, { uid: 'U1' }]);
  }),
  tested(
    'TK-09',
    'must',
    'Sender: POST authorize reaches the eMSP as it was sent; the body may be left out',
    async (hub) => {
      await putToken(hub);
      for (const headers of [{}, toHub, toParty('FR', 'EM1')]) {
        expectCodes(await authorize(hub, '04AB12CD', { query: '?type=RFID', body: references, headers }), 200, 1000);
        const { last } = hub.partner('P2');
        expect([last.method, last.target, last.bytes.toString()]).toEqual([
          'POST',
          '/api/sender/tokens/04AB12CD/authorize?type=RFID',
          references,
        ]);
      }
      expectCodes(await authorize(hub), 200, 1000);
      expect(hub.partner('P2').last.bytes.length).toBe(0);
      for (const name of ['P3', 'P5'] as const) expect(hub.partner(name).received).toEqual([]);
      // An eMSP has nobody to ask.
      expectCodes(await hub.as('P3', 'POST', `${hub.sender.tokens}/04AB12CD/authorize`), 200, 2001);
      expectCodes(await hub.as('P1', 'GET', `${hub.sender.tokens}/04AB12CD/authorize`), 405, 2000);
    },
  ),
  tested('TK-10', 'MUST', 'the AuthorizationInfo comes back as the eMSP wrote it', async (hub) => {
    await putToken(hub);
    const info = { allowed: 'ALLOWED', token: token(), location: { location_id: 'LOC1', evse_uids: ['E1'] }, x: 1 };
    const body = answers(hub, info);
    expect(expectCodes(await authorize(hub, '04AB12CD', { body: references }), 200, 1000).text).toBe(body);
  }),
  tested('TK-11', 'must', 'BLOCKED, EXPIRED, NO_CREDIT, NOT_ALLOWED are answers, not errors', async (hub) => {
    await putToken(hub);
    for (const allowed of ['BLOCKED', 'EXPIRED', 'NO_CREDIT', 'NOT_ALLOWED']) {
      answers(hub, { allowed, token: token() });
      expect(expectCodes(await authorize(hub), 200, 1000).data.allowed).toBe(allowed);
    }
  }),
  tested('TK-12', 'MUST', 'unknown Token: 404 and 2004, without data', async (hub) => {
    for (const name of ['P2', 'P3', 'P5'] as const) {
      const message = { ...envelope(undefined, 2004), status_message: 'unknown' };
      hub.partner(name).behaviour = () => ({ status: 404, body: message });
    }
    const sought = await authorize(hub, 'NOBODYS');
    const direct = await authorize(hub, 'NOBODYS', { headers: toParty('BE', 'EM2') });
    for (const answer of [sought, direct]) expect(expectCodes(answer, 404, 2004).body).not.toHaveProperty('data');
    expect(hub.partner('P2').received).toHaveLength(1);
    expect(hub.partner('P3').received).toHaveLength(2);
  }),
  tested('TK-13', 'MUST', 'a Location is needed and not given: 2002', async (hub) => {
    await putToken(hub);
    const message = { ...envelope(undefined, 2002), status_message: 'Which Location?' };
    hub.partner('P2').behaviour = () => ({ body: message });
    expect(expectCodes(await authorize(hub), 200, 2002).body).toEqual(message);
  }),
  tested('TK-14', 'MUST', 'the EVSEs that the eMSP permits are not touched', async (hub) => {
    await putToken(hub);
    for (const location of [null, { location_id: 'LOC1', evse_uids: [] }, { location_id: 'LOC1', evse_uids: ['E2'] }]) {
      const body = answers(hub, { allowed: 'ALLOWED', token: token(), location });
      expect((await authorize(hub, '04AB12CD', { body: references })).text).toBe(body);
    }
  }),
  tested('TK-15', 'must', 'the whitelist is kept and passed on', async (hub) => {
    for (const whitelist of whitelists) await putToken(hub, token(whitelist, { whitelist }));
    expect((await hub.as('P1', 'GET', hub.sender.tokens)).list.map((one) => one.whitelist)).toEqual(whitelists);
    // One of a later version is no reason to lose a Token (T-37).
    await putToken(hub, token('LATER', { whitelist: 'SOMETIMES' }));
    expect(await hub.flagged()).toEqual(['T-37']);
  }),
  notTestable('TK-16', 'MUST', 'an invalid Token is asked for all the same', 'What a CPO does before it asks the hub.'),
  tested('TK-17', 'SHOULD', 'a Token of an app that is not NEVER whitelisted is flagged', async (hub) => {
    for (const type of ['APP_USER', 'AD_HOC_USER']) await putToken(hub, token(type, { type, whitelist: 'NEVER' }));
    expect(await hub.flagged()).toEqual([]);
    await putToken(hub, token('U3', { type: 'APP_USER' }));
    expect(await hub.flagged()).toEqual(['TK-17']);
  }),
  tested('TK-18', 'REC', 'authorize to a named eMSP goes there, whoever else has such a Token', async (hub) => {
    await putToken(hub);
    expectCodes(await authorize(hub, '04AB12CD', { headers: toParty('BE', 'EM2') }), 200, 1000);
    expect([hub.partner('P3').received.length, hub.partner('P2').received.length]).toEqual([1, 0]);
  }),
  tested('TK-19', 'must', 'each required field of a Token is required', async (hub) => {
    const required = [
      'country_code',
      'party_id',
      'uid',
      'type',
      'contract_id',
      'issuer',
      'valid',
      'whitelist',
      'last_updated',
    ];
    await refusesTokens(hub, ...required.map((name) => without(token(), name)));
    await putToken(hub, without(token(), 'visual_number'));
  }),
];
