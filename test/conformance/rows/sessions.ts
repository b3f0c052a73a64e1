import { expect } from '@jest/globals';
import type { TestHub } from '../../support/hub/index.js';
import { receiverUrl, senderUrl } from './forwarding.js';
import { expectCodes, fromParty, toHub, toParty } from './kit.js';
import { elsewhere, notTestable, type Row, tested } from './row.js';

const kept = 'test/contract/kept-objects-contract.ts';
const schemas = 'test/conformance/schema-rules.test.ts';
const atTheEmsp = 'A Session passes through to its eMSP, which applies it to what it holds; the hub holds none of it.';
const relayed = 'Between the two parties; the hub relays it unread.';

const session = (fields: object = {}) => ({
  country_code: 'DE',
  party_id: 'CP1',
  id: 'S1',
  cdr_token: { country_code: 'FR', party_id: 'EM1', uid: 'U1', type: 'RFID', contract_id: 'C1' },
  ...fields,
});
const url = receiverUrl('sessions', '/DE/CP1/S1');
const toEmsp = { ...toParty('FR', 'EM1'), ...fromParty('DE', 'CP1') };

/** What the eMSP gets of a Session is what the CPO sent, to the letter. */
async function passes(hub: TestHub, method: string, text: string): Promise<void> {
  expectCodes(await hub.as('P1', method, url, { body: text, headers: toEmsp }), 200, 1000);
  expect(hub.partner('P2').last.bytes.toString('utf8')).toBe(text);
}

export const sessionRows: readonly Row[] = [
  tested('S-01', 'must', 'Sender: a paginated list that has to be asked for by date', async (hub) => {
    for (const headers of [{}, toHub])
      expectCodes(await hub.as('P2', 'GET', senderUrl('sessions'), { headers }), 200, 2001);
    const answer = await hub.as('P2', 'GET', senderUrl('sessions', '?date_from=2026-01-01T00:00:00Z'));
    expect(expectCodes(answer, 200, 1000).list).toEqual([]);
    expect([answer.headers['x-total-count'], answer.headers['x-limit']]).toEqual(['0', '500']);
    // What is kept of a CPO is in the list of the two whom it concerns.
    const whole = {
      ...session(),
      start_date_time: '2026-05-01T10:00:00Z',
      kwh: 1.5,
      auth_method: 'WHITELIST',
      location_id: 'LOC1',
      evse_uid: 'E1',
      connector_id: '1',
      currency: 'EUR',
      status: 'ACTIVE',
      last_updated: '2026-05-01T12:00:00Z',
    };
    const sink = hub.pullSinks.find(({ module }) => module === 'sessions');
    const owner = { country_code: 'DE', party_id: 'CP1' };
    await sink?.accept(owner, whole, JSON.stringify(whole), { correlationId: 'c', applyStale: false });
    for (const [partner, list] of [
      ['P1', [whole]],
      ['P2', [whole]],
      ['P3', []],
    ] as const) {
      const kept = await hub.as(partner, 'GET', senderUrl('sessions', '?date_from=2026-01-01T00:00:00Z'));
      expect([kept.list, kept.headers['x-total-count']]).toEqual([list, String(list.length)]);
    }
  }),
  tested('S-02', 'must', 'Receiver: GET, PUT, PATCH; no POST, no DELETE', async (hub) => {
    for (const method of ['POST', 'DELETE'])
      expect(
        expectCodes(await hub.as('P1', method, url, { body: session(), headers: toEmsp }), 405, 2000)
          .headers.allow?.split(', ')
          .sort(),
      ).toEqual(['GET', 'PATCH', 'PUT']);
    for (const method of ['GET', 'PUT', 'PATCH'])
      expectCodes(
        await hub.as('P1', method, url, { ...(method === 'GET' ? {} : { body: session() }), headers: toEmsp }),
        200,
        1000,
      );
    expect(hub.partner('P2').received.map(({ method }) => method)).toEqual(['GET', 'PUT', 'PATCH']);
  }),
  tested('S-03', 'MUST', 'the owner in the URL is that of the body', async (hub) => {
    for (const fields of [{ party_id: 'CP2' }, { country_code: 'AT' }, { id: 'S2' }])
      expectCodes(await hub.as('P1', 'PUT', url, { body: session(fields), headers: toEmsp }), 200, 2001);
    expect(hub.partner('P2').received).toEqual([]);
  }),
  notTestable('S-04', 'MUST', 'PUT replaces everything', atTheEmsp),
  tested('S-05', 'must', 'Sender: charging preferences; the answer is a string', async (hub) => {
    const body = '{ "profile_type":"FAST", "energy_need": 12.50 }';
    hub.partner('P1').behaviour = () => ({
      body: '{"data":"ACCEPTED","status_code":1000,"timestamp":"2026-05-01T12:00:00Z"}',
    });
    const answer = await hub.as('P2', 'PUT', senderUrl('sessions', '/S1/charging_preferences'), {
      body,
      headers: toParty('DE', 'CP1'),
    });
    expect(expectCodes(answer, 200, 1000).body.data).toBe('ACCEPTED');
    expect(hub.partner('P1').last).toMatchObject({
      method: 'PUT',
      target: '/api/sender/sessions/S1/charging_preferences',
    });
    expect(hub.partner('P1').last.bytes.toString('utf8')).toBe(body);
  }),
  tested('S-06', 'must', 'each of the five answers reaches the eMSP', async (hub) => {
    for (const word of [
      'ACCEPTED',
      'DEPARTURE_REQUIRED',
      'ENERGY_NEED_REQUIRED',
      'NOT_POSSIBLE',
      'PROFILE_TYPE_NOT_SUPPORTED',
    ]) {
      hub.partner('P1').behaviour = () => ({
        body: { data: word, status_code: 1000, timestamp: '2026-05-01T12:00:00Z' },
      });
      const answer = await hub.as('P2', 'PUT', senderUrl('sessions', '/S1/charging_preferences'), {
        body: { profile_type: 'FAST' },
        headers: toParty('DE', 'CP1'),
      });
      expect(expectCodes(answer, 200, 1000).body.data).toBe(word);
    }
  }),
  tested('S-07', 'SHOULD', 'an EVSE that cannot: the 404 and 2001 of the CPO passes', async (hub) => {
    hub.partner('P1').behaviour = () => ({
      status: 404,
      body: { status_code: 2001, status_message: 'not capable', timestamp: '2026-05-01T12:00:00Z' },
    });
    expectCodes(
      await hub.as('P2', 'PUT', senderUrl('sessions', '/S1/charging_preferences'), {
        body: { profile_type: 'FAST' },
        headers: toParty('DE', 'CP1'),
      }),
      404,
      2001,
    );
  }),
  tested('S-08', 'MUST', 'PATCH is for the whole Session; there are no deeper URLs', async (hub) => {
    expectCodes(await hub.as('P1', 'PATCH', `${url}/charging_periods`, { body: {}, headers: toEmsp }), 404, 2000);
    await passes(hub, 'PATCH', '{"kwh":2.50,"last_updated":"2026-05-01T12:00:00Z"}');
  }),
  tested('S-09', 'MUST', 'the charging periods of a PATCH pass as they are', async (hub) =>
    passes(hub, 'PATCH', '{"charging_periods":[{"dimensions":[]}],"last_updated":"2026-05-01T12:00:00Z"}'),
  ),
  notTestable('S-10', 'REC', 'a repeated PATCH appends nothing twice', atTheEmsp),
  elsewhere('S-11', 'must', 'status: RESERVED is none, for what is kept; what passes is judged by its receiver', kept),
  elsewhere('S-12', 'must', 'evse_uid and connector_id are required; #NA is allowed', schemas),
  notTestable('S-13', 'must', 'no changes after COMPLETED', atTheEmsp),
  tested('S-14', 'must', 'authorization_reference passes unchanged', async (hub) =>
    passes(hub, 'PUT', JSON.stringify(session({ authorization_reference: 'ref-1', kwh: 1 }))),
  ),
  elsewhere('S-15', 'must', 'cdr_token has country_code and party_id, for what is kept', kept),
  notTestable('S-16', 'MUST', 'a reservation is a Session', relayed),
];
