import { expect } from '@jest/globals';
import { type Answer, envelope, type TestHub } from '../../support/hub/index.js';
import { receiverUrl, senderUrl } from './forwarding.js';
import { expectCodes, fromParty, toParty } from './kit.js';
import { elsewhere, notTestable, type Row, tested } from './row.js';

const passThrough = 'test/contract/pass-through-contract.ts';
const schemas = 'test/conformance/schema-rules.test.ts';

const own = (hub: TestHub): string => `${hub.partner('P2').origin}/cp?a=1&b=%26`;
const inQuery = (hub: TestHub): string => `response_url=${encodeURIComponent(own(hub))}`;
const ask = (hub: TestHub, method: string, query = '', body?: unknown): Promise<Answer> =>
  hub.as('P2', method, receiverUrl('chargingprofiles', `/S1${query === '' ? '' : `?${query}`}`), {
    ...(body === undefined ? {} : { body }),
    headers: toParty('DE', 'CP1'),
  });
const profile = { charging_rate_unit: 'W', min_charging_rate: 8.15 };

/** The hub's URL in what the CPO got. */
function callbackOf(hub: TestHub): string {
  const { method, target, bytes } = hub.partner('P1').last;
  const url =
    method === 'PUT'
      ? (JSON.parse(bytes.toString('utf8')) as { response_url: string }).response_url
      : new URL(target, hub.url).searchParams.get('response_url');
  expect(url).toMatch(`${hub.url}/ocpi/2.2.1/sender/chargingprofiles/callbacks/`);
  return url ?? '';
}

export const chargingProfileRows: readonly Row[] = [
  tested('CP-01', 'must', 'GET asks for duration and response_url', async (hub) => {
    for (const query of ['', 'duration=900', inQuery(hub), `duration=soon&${inQuery(hub)}`])
      expectCodes(await ask(hub, 'GET', query), 200, 2001);
    expect(hub.partner('P1').received).toEqual([]);
    expectCodes(await ask(hub, 'GET', `duration=900&${inQuery(hub)}`), 200, 1000);
    expect(hub.partner('P1').last.target).toBe(
      `/api/receiver/chargingprofiles/S1?duration=900&response_url=${encodeURIComponent(callbackOf(hub))}`,
    );
  }),
  tested('CP-02', 'must', 'PUT sets a profile', async (hub) => {
    for (const body of [{}, { charging_profile: profile }, { response_url: own(hub) }])
      expectCodes(await ask(hub, 'PUT', '', body), 200, 2001);
    expect(hub.partner('P1').received).toEqual([]);
    expectCodes(await ask(hub, 'PUT', '', { charging_profile: profile, response_url: own(hub) }), 200, 1000);
    expect(JSON.parse(hub.partner('P1').last.bytes.toString('utf8'))).toEqual({
      charging_profile: profile,
      response_url: callbackOf(hub),
    });
  }),
  tested('CP-03', 'must', 'DELETE asks for response_url', async (hub) => {
    expectCodes(await ask(hub, 'DELETE'), 200, 2001);
    expectCodes(await ask(hub, 'DELETE', inQuery(hub)), 200, 1000);
    expect(hub.partner('P1').last.method).toBe('DELETE');
  }),
  tested('CP-04', 'must', 'each synchronous result reaches who asked', async (hub) => {
    for (const result of ['ACCEPTED', 'NOT_SUPPORTED', 'REJECTED', 'TOO_OFTEN', 'UNKNOWN_SESSION']) {
      hub.partner('P1').behaviour = () => ({ body: envelope({ result, timeout: 30 }) });
      expect(expectCodes(await ask(hub, 'DELETE', inQuery(hub)), 200, 1000).data).toEqual({ result, timeout: 30 });
    }
  }),
  tested('CP-05', 'must', 'each result comes bare to exactly response_url', async (hub) => {
    for (const result of ['ACCEPTED', 'REJECTED', 'UNKNOWN']) {
      await ask(hub, 'GET', `duration=900&${inQuery(hub)}`);
      const text = `{"result":"${result}", "profile":{"start_date_time":"2026-05-01T12:00:00Z","x":1.0}}`;
      expectCodes(await hub.as('P1', 'POST', callbackOf(hub), { body: text }), 200, 1000);
      const { method, target, bytes } = hub.partner('P2').last;
      expect([method, target, bytes.toString('utf8')]).toEqual(['POST', '/cp?a=1&b=%26', text]);
    }
  }),
  tested('CP-06', 'MUST', 'the answers to a result and to an active profile have no data', async (hub) => {
    await ask(hub, 'DELETE', inQuery(hub));
    expect((await hub.as('P1', 'POST', callbackOf(hub), { body: { result: 'ACCEPTED' } })).body).not.toHaveProperty(
      'data',
    );
    const put = await hub.as('P1', 'PUT', senderUrl('chargingprofiles', '/S1'), {
      body: {},
      headers: toParty('FR', 'EM1'),
    });
    expect(expectCodes(put, 200, 1000).body).not.toHaveProperty('data');
  }),
  tested('CP-07', 'MUST', 'an active profile goes to TO, else to who set one', async (hub) => {
    const body = '{"start_date_time":"2026-05-01T12:00:00Z","charging_profile":{"x":1.0}}';
    const tell = (session: string, headers: Record<string, string> = fromParty('DE', 'CP1')) =>
      hub.as('P1', 'PUT', senderUrl('chargingprofiles', `/${session}`), { body, headers });
    expectCodes(await tell('S8', toParty('BE', 'EM2')), 200, 1000);
    expect(hub.partner('P3').last.target).toBe('/api/sender/chargingprofiles/S8');
    expectCodes(await tell('S9'), 200, 4001);
    await ask(hub, 'PUT', '', { charging_profile: profile, response_url: own(hub) });
    expectCodes(await tell('S1'), 200, 1000);
    expect(hub.partner('P2').last).toMatchObject({ method: 'PUT', target: '/api/sender/chargingprofiles/S1' });
    expect(hub.partner('P2').last.bytes.toString('utf8')).toBe(body);
  }),
  elsewhere('CP-08', 'must', 'a response_url with a query of its own survives', passThrough),
  elsewhere('CP-09', 'must', 'limits have at most one decimal; what passes is judged by its receiver', schemas),
  notTestable('CP-10', 'MAY', 'an eMSP may use session ids of its own', 'The hub does not translate ids.'),
];
