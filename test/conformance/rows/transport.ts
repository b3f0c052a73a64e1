import { expect } from '@jest/globals';
import { at, evse, hubParty, location, tariff, tokenA } from '../../support/hub/index.js';
import {
  expectCodes,
  expectNothingStored,
  expectRefused,
  held,
  locationUrl,
  patch,
  putLocation,
  putTariff,
  tariffUrl,
} from './kit.js';
import { elsewhere, notMet, notTestable, type Row, tested } from './row.js';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const ids = { 'X-Request-ID': 'request-1', 'X-Correlation-ID': 'correlation-1' };
const echoed = { 'x-request-id': 'request-1', 'x-correlation-id': 'correlation-1' };

export const transportRows: readonly Row[] = [
  tested('T-01', 'MUST', 'every request carries Authorization', async (hub) => {
    for (const [method, url] of [
      ['GET', '/ocpi/versions'],
      ['GET', '/ocpi/2.2.1'],
      ['GET', hub.sender.locations],
      ['GET', hub.sender.tariffs],
      ['PUT', locationUrl(hub)],
      ['PATCH', locationUrl(hub, 'LOC1', 'E1')],
      ['DELETE', tariffUrl(hub)],
    ] as const)
      expectCodes(await hub.call(method, url, method === 'PUT' ? { body: location() } : {}), 401, 2000);
  }),
  elsewhere('T-02', 'MUST', 'the token is sent as strict Base64', 'src/platform/outbound/outbound-client.test.ts'),
  tested('T-03', 'MUST', 'no token or an unknown one is 401, in the envelope', async (hub) => {
    for (const token of [undefined, 'unknown-token']) {
      const answer = await hub.call('GET', hub.sender.locations, { ...(token ? { token } : {}), headers: ids });
      expectCodes(answer, 401, 2000);
      expect(answer.headers).toMatchObject(echoed);
    }
  }),
  tested('T-04', 'MUST', 'token A opens versions and nothing functional', async (hub) => {
    for (const url of [hub.sender.locations, hub.sender.tariffs, locationUrl(hub), tariffUrl(hub)])
      expectCodes(await hub.call('GET', url, { token: tokenA }), 401, 2000);
    expectCodes(await hub.call('PUT', locationUrl(hub), { token: tokenA, body: location() }), 401, 2000);
    for (const url of ['/ocpi/versions', '/ocpi/2.2.1'])
      expectCodes(await hub.call('GET', url, { token: tokenA }), 200, 1000);
    await expectNothingStored(hub, hub.head());
  }),
  elsewhere('T-05', 'REC', 'raw tokens by a switch per partner', 'src/platform/partners/partner-directory.test.ts'),
  tested('T-06', 'REC', 'a line feed behind the decoded token is trimmed', async (hub) => {
    const encoded = Buffer.from('token-of-platform-one\n').toString('base64');
    const headers = { Authorization: `Token ${encoded}` };
    expectCodes(await hub.call('GET', '/ocpi/versions', { headers }), 200, 1000);
  }),
  tested('T-07', 'REC', 'the scheme word has no case, the token has, and no other scheme is taken', async (hub) => {
    const encode = (token: string) => Buffer.from(token).toString('base64');
    const get = (authorization: string) =>
      hub.call('GET', '/ocpi/versions', { headers: { Authorization: authorization } });
    expectCodes(await get(`tOKEN ${encode('token-of-platform-one')}`), 200, 1000);
    expectCodes(await get(`Token ${encode('TOKEN-OF-PLATFORM-ONE')}`), 401, 2000);
    expectCodes(await get(`Bearer ${encode('token-of-platform-one')}`), 401, 2000);
    expectCodes(await get(encode('token-of-platform-one')), 401, 2000);
  }),
  elsewhere('T-08', 'must', 'a token is one platform', 'src/platform/partners/token-mint.test.ts'),
  elsewhere('T-09', 'must', 'tokens are 1–64 printable characters', 'test/integration/credentials.test.ts'),
  notTestable('T-10', 'must', 'TLS protects the transport', 'Deployment: TLS ends at the proxy in front of the hub.'),
  elsewhere('T-11', 'MUST', 'bodies go out as application/json', 'src/platform/outbound/outbound-client.test.ts'),
  tested('T-12', 'REC', 'a charset is accepted; another type is refused, never ignored', async (hub) => {
    const put = (type: string | undefined) =>
      hub.as('P1', 'PUT', locationUrl(hub), { body: JSON.stringify(location()), headers: { 'Content-Type': type } });
    for (const type of ['text/plain', 'application/xml', 'application/json; charset=utf-16']) {
      const answer = await put(type);
      expect([400, 415]).toContain(answer.status);
      expect(answer.body.status_code).toBe(2001);
    }
    await expectNothingStored(hub, hub.head());
    expectCodes(await put('application/json; charset=UTF-8'), 201, 1000);
    expectCodes(await put(undefined), 200, 1000);
  }),
  tested('T-13', 'MAY', 'GET and DELETE need no Content-Type', async (hub) => {
    await putTariff(hub);
    expectCodes(await hub.as('P1', 'GET', tariffUrl(hub)), 200, 1000);
    expectCodes(await hub.as('P1', 'DELETE', tariffUrl(hub)), 200, 1000);
  }),
  tested('T-14', 'must', 'every answer is the envelope, also 4xx', async (hub) => {
    const answers = [
      await hub.as('P2', 'GET', hub.sender.locations),
      await hub.as('P1', 'PUT', locationUrl(hub), { body: location() }),
      await hub.as('P1', 'GET', locationUrl(hub, 'NONE')),
      await hub.as('P1', 'POST', hub.receiver.tariffs),
      await hub.as('P1', 'PUT', locationUrl(hub), { body: '{' }),
      await hub.as('P1', 'GET', '/nothing/here'),
      await hub.call('GET', '/ocpi/versions'),
    ];
    for (const answer of answers) {
      expect(answer.headers['content-type']).toMatch(/^application\/json/);
      expect(answer.body).toMatchObject({ status_code: expect.any(Number), timestamp: expect.any(String) });
      expect(answer.body.timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/);
    }
  }),
  tested('T-15', 'must', 'data is a list for many, an object for one; an empty list is []', async (hub) => {
    for (const url of [hub.sender.locations, hub.sender.tariffs])
      expect((await hub.as('P2', 'GET', url)).text).toContain('"data":[]');
    await putLocation(hub);
    expect(Array.isArray((await hub.as('P2', 'GET', hub.sender.locations)).body.data)).toBe(true);
    expect((await hub.as('P2', 'GET', `${hub.sender.locations}/LOC1`)).data).toMatchObject({ id: 'LOC1' });
  }),
  tested('T-16', 'SHOULD', 'data on success; errors may do without', async (hub) => {
    expect((await hub.as('P1', 'GET', locationUrl(hub, 'NONE'))).body).not.toHaveProperty('data');
    expect((await hub.as('P2', 'GET', hub.sender.locations)).body).toHaveProperty('data');
  }),
  tested('T-17', 'SHOULD', 'no data where none are defined', async (hub) => {
    for (const answer of [
      await hub.as('P1', 'PUT', locationUrl(hub), { body: location() }),
      await hub.as('P1', 'PATCH', locationUrl(hub), { body: { name: 'x', last_updated: at(1) } }),
      await hub.as('P1', 'PUT', tariffUrl(hub), { body: tariff() }),
      await hub.as('P1', 'DELETE', tariffUrl(hub)),
    ]) {
      expect([200, 201]).toContain(answer.status);
      expect(answer.body).not.toHaveProperty('data');
    }
  }),
  tested('T-18', 'MUST', 'no JSON is HTTP 400', async (hub) => {
    for (const body of ['{"a":', '', 'null and void', '{"a":1,}'])
      expectCodes(await hub.as('P1', 'PUT', locationUrl(hub), { body }), 400, 2001);
  }),
  tested('T-19', 'MUST', 'X-Request-ID is repeated in the answer', async (hub) => {
    const answer = await hub.as('P2', 'GET', hub.sender.locations, { headers: ids });
    expect(answer.headers['x-request-id']).toBe('request-1');
  }),
  tested('T-20', 'MUST', 'X-Correlation-ID is repeated in the answer, and goes with the change', async (hub) => {
    const head = hub.head();
    const answer = await hub.as('P1', 'PUT', locationUrl(hub), { body: location(), headers: ids });
    expect(answer.headers['x-correlation-id']).toBe('correlation-1');
    expect(await hub.changes(head)).toMatchObject([{ correlationId: 'correlation-1' }]);
  }),
  elsewhere(
    'T-21',
    'MUST',
    'on the way on: a new request id, the same correlation id',
    'test/conformance/rows/forwarding.ts',
    'T-21',
  ),
  tested('T-22', 'MUST', 'both ids are on errors as well', async (hub) => {
    const answers = [
      await hub.as('P1', 'PUT', locationUrl(hub), { body: '{', headers: ids }),
      await hub.call('GET', hub.sender.locations, { headers: ids }),
      await hub.as('P1', 'GET', locationUrl(hub, 'NONE'), { headers: ids }),
      await hub.as('P1', 'GET', '/nothing', { headers: ids }),
      await hub.as('P1', 'DELETE', locationUrl(hub), { headers: ids }),
      await hub.as('P1', 'PUT', locationUrl(hub), { body: 'x'.repeat(2_000_000), headers: ids }),
      await hub.as('P1', 'PUT', locationUrl(hub), { body: '{}', headers: { ...ids, 'Content-Encoding': 'gzip' } }),
    ];
    expect(answers.map((answer) => answer.status)).toEqual([400, 401, 404, 404, 405, 413, 415]);
    for (const answer of answers) expect(answer.headers).toMatchObject(echoed);
  }),
  elsewhere('T-23', 'SHOULD', 'ids are UUIDs, each request its own', 'src/kernel/ocpi-error.test.ts'),
  tested('T-24', 'REC', 'ids that are missing are made', async (hub) => {
    const first = await hub.as('P2', 'GET', hub.sender.locations);
    const second = await hub.as('P2', 'GET', hub.sender.locations);
    expectCodes(first, 200, 1000);
    for (const name of ['x-request-id', 'x-correlation-id']) {
      expect(first.headers[name]).toMatch(uuid);
      expect(first.headers[name]).not.toBe(second.headers[name]);
    }
  }),
  tested('T-25', 'must', 'header names have no case', async (hub) => {
    const headers = { 'ocpi-FROM-country-code': 'FR', 'ocpi-from-PARTY-id': 'EM1', 'x-REQUEST-id': 'odd' };
    const answer = expectCodes(await hub.as('P2', 'GET', hub.sender.locations, { headers }), 200, 1000);
    expect(answer.headers).toMatchObject({ 'ocpi-to-party-id': 'EM1', 'x-request-id': 'odd' });
  }),
  notMet(
    'T-26',
    'SHOULD',
    'messages are not kept and repeated',
    'By design: no message is kept, but a partner that was away is brought to the present state of what changed. Its switch `catch_up: pull_only` turns that off.',
  ),
  tested('T-27', 'must', 'what was missed can be pulled with date_from', async (hub) => {
    await putLocation(hub, location('OLD'));
    await putLocation(hub, location('NEW', { last_updated: at(10) }));
    const answer = await hub.as('P2', 'GET', `${hub.sender.locations}?date_from=${at(5)}`);
    expect(answer.list.map((object) => object.id)).toEqual(['NEW']);
  }),
  elsewhere(
    'T-28',
    'must',
    'a PATCH that the receiver does not know is followed by the whole object',
    'test/integration/delivery.test.ts',
  ),
  tested('T-29', 'must', 'who owns data can be pulled from', async (hub) => {
    const { endpoints } = (await hub.as('P2', 'GET', '/ocpi/2.2.1')).data as {
      endpoints: { identifier: string; role: string; url: string }[];
    };
    for (const identifier of ['locations', 'tariffs']) {
      const url = endpoints.find((entry) => entry.identifier === identifier && entry.role === 'SENDER')?.url ?? '';
      expectCodes(await hub.as('P2', 'GET', url), 200, 1000);
    }
  }),
  elsewhere('T-30', 'SHOULD', 'polls are hours apart and spread', 'src/platform/pull/pull-service.test.ts'),
  elsewhere('T-31', 'must', 'endpoint URLs are absolute and never assumed', 'test/conformance/schema-rules.test.ts'),
  tested('T-32', 'REC', 'a slash at the end makes no difference', async (hub) => {
    await putLocation(hub);
    for (const url of [hub.sender.locations, `${hub.sender.locations}/LOC1`, locationUrl(hub)]) {
      expectCodes(await hub.as(url.includes('receiver') ? 'P1' : 'P2', 'GET', url), 200, 1000);
      expectCodes(await hub.as(url.includes('receiver') ? 'P1' : 'P2', 'GET', `${url}/`), 200, 1000);
    }
  }),
  elsewhere(
    'T-33',
    'SHOULD',
    'the good objects of a list are taken, the bad reported',
    'src/platform/pull/pull-list.test.ts',
  ),
  tested('T-34', 'MAY', 'a caller gets what concerns it, and counts follow', async (hub) => {
    await putLocation(hub);
    const other = await hub.as('P5', 'GET', hub.sender.locations, {
      headers: { 'OCPI-from-country-code': 'AT', 'OCPI-from-party-id': 'CP3' },
    });
    expectCodes(other, 200, 1000);
    expect([other.list, other.headers['x-total-count']]).toEqual([[], '0']);
  }),
  tested('T-35', 'MAY', '#NA may stand in a required string', async (hub) =>
    putLocation(hub, location('LOC1', { city: '#NA' })),
  ),
  tested('T-36', 'REC', 'unknown fields are kept and passed on unchanged', async (hub) => {
    const text = JSON.stringify(location()).replace(/}$/, ',"x_foo":{"n":150000.0,"b":[1E2,12345678901234567890]}}');
    expectCodes(await hub.as('P1', 'PUT', locationUrl(hub), { body: text }), 201, 1000);
    for (const answer of [
      await hub.as('P1', 'GET', locationUrl(hub)),
      await hub.as('P2', 'GET', `${hub.sender.locations}/LOC1`),
      await hub.as('P2', 'GET', hub.sender.locations),
    ])
      expect(answer.text).toContain('"x_foo":{"n":150000.0,"b":[1E2,12345678901234567890]}');
  }),
  tested('T-37', 'REC', 'unknown enum values are kept and flagged, unless the hub must act on them', async (hub) => {
    const odd = evse('E1', { connectors: [{ ...(evse().connectors as object[])[0], standard: 'MCS' }] });
    await putLocation(hub, location('LOC1', { evses: [odd] }));
    expect(JSON.stringify(await held(hub, 'LOC1'))).toContain('"standard":"MCS"');
    expect(await hub.flagged()).toContain('T-37');
    await putLocation(hub, location('LOC2'));
    expectCodes(
      await hub.as('P1', 'PUT', locationUrl(hub, 'LOC2', 'E1'), { body: { ...odd, last_updated: at(1) } }),
      200,
      1000,
    );
    await expectRefused(
      hub,
      'PUT',
      locationUrl(hub, 'LOC1'),
      location('LOC1', { evses: [evse('E1', { status: 'FOO' })] }),
    );
    await patch(hub, ['LOC1', 'E1'], { status: 'FOO' }, 200, 2001);
  }),
  tested('T-38', 'must', 'names are matched exactly', async (hub) => {
    await putLocation(hub, location('LOC1', { Last_Updated: 'never', NAME: 'x' }));
    expect(await held(hub)).toMatchObject({ Last_Updated: 'never', NAME: 'x' });
    await expectRefused(hub, 'PATCH', locationUrl(hub), { Last_Updated: at(1) });
  }),
  tested('T-39', 'must', 'null and absent are the same for what may be missing; + is not empty', async (hub) => {
    await putLocation(hub, location('LOC1', { evses: null, images: null, operator: null, name: null }));
    await expectRefused(hub, 'PUT', locationUrl(hub), location('LOC1', { evses: [evse('E1', { connectors: [] })] }));
    await expectRefused(hub, 'PUT', locationUrl(hub), location('LOC1', { city: null }));
  }),
  notMet(
    'T-40',
    'must',
    'retention is configurable',
    'Sessions, CDRs, the message log and what routing remembers end by age (`ROAMHUB_KEPT_DAYS`, `ROAMHUB_MESSAGE_LOG_DAYS`); Locations, Tariffs and Tokens stay until their owner takes them out.',
  ),
  notTestable('T-41', 'must', 'a URL of one version need not work under another', 'The hub speaks one version.'),
  tested('T-42', 'REC', 'method not offered: 405 with Allow; URL or module not offered: 404', async (hub) => {
    const refused = expectCodes(await hub.as('P1', 'DELETE', locationUrl(hub)), 405, 2000);
    expect(refused.headers.allow?.split(', ').sort()).toEqual(['GET', 'PATCH', 'PUT']);
    for (const url of ['/ocpi/2.2.1/sender/chargingprofiles', '/ocpi/2.2.1/receiver/locations', '/x'])
      expectCodes(await hub.as('P1', 'GET', url), 404, 2000);
  }),
];

export const statusRows: readonly Row[] = [
  tested('ST-01', 'MUST', 'valid JSON from a known sender is no HTTP error', async (hub) => {
    await expectRefused(hub, 'PUT', locationUrl(hub), { nonsense: true });
    await expectRefused(hub, 'PUT', locationUrl(hub), '[]');
    await expectRefused(hub, 'PUT', tariffUrl(hub), 'null');
  }),
  tested('ST-02', 'SHOULD', 'GET of what does not exist is 404', async (hub) => {
    expectCodes(await hub.as('P1', 'GET', locationUrl(hub)), 404, 2003);
    expectCodes(await hub.as('P2', 'GET', `${hub.sender.locations}/LOC1`), 404, 2003);
    expectCodes(await hub.as('P1', 'GET', tariffUrl(hub)), 404, 2001);
  }),
  tested('ST-03', 'SHOULD', '201 for new, 200 for replaced or updated', async (hub) => {
    await putLocation(hub, location(), 201, 1000);
    await putLocation(hub, location('LOC1', { name: 'x' }), 200, 1000);
    await patch(hub, ['LOC1'], { name: 'y' }, 200, 1000);
    await putTariff(hub, tariff(), 201, 1000);
    await putTariff(hub, tariff('T1', { last_updated: at(1) }), 200, 1000);
  }),
  tested('ST-04', 'must', 'codes are in the ranges of who is at fault', async (hub) => {
    const fault = async (method: string, url: string, body?: unknown, headers = {}) => {
      const answer = await hub.as('P1', method, url, { ...(body === undefined ? {} : { body }), headers });
      return Math.floor(answer.body.status_code / 1000);
    };
    expect(await fault('GET', hub.sender.locations)).toBe(1);
    expect(await fault('PUT', locationUrl(hub), {})).toBe(2);
    expect(await fault('GET', locationUrl(hub, 'NONE'))).toBe(2);
    const stranger = { 'OCPI-to-country-code': 'XX', 'OCPI-to-party-id': 'YYY' };
    expect(await fault('GET', hub.sender.locations, undefined, stranger)).toBe(4);
  }),
  elsewhere('ST-05', 'MUST', 'no code of the ranges for custom use', 'src/kernel/ocpi-error.test.ts'),
  elsewhere('ST-06', 'must', '2000–2004 as listed', 'src/kernel/ocpi-error.test.ts'),
  elsewhere('ST-07', 'must', '3000–3003 as listed', 'src/kernel/ocpi-error.test.ts'),
  elsewhere('ST-08', 'must', '4000–4003 as listed', 'src/kernel/ocpi-error.test.ts'),
  elsewhere(
    'ST-09',
    'MUST',
    "a receiver's 2xxx or 3xxx reaches the originator",
    'test/conformance/rows/forwarding.ts',
    'R-17',
  ),
  elsewhere(
    'ST-10',
    'REC',
    'a fault of ours is 200/3000; storage as a whole 503/3000',
    'src/platform/http/request-pipeline.test.ts',
  ),
  elsewhere('ST-11', 'REC', 'success takes both codes', 'src/platform/outbound/outbound-client.test.ts'),
];

/** The hub's own party, for those who read answers. */
export const hubHeaders = { 'ocpi-from-country-code': hubParty.country_code, 'ocpi-from-party-id': hubParty.party_id };
