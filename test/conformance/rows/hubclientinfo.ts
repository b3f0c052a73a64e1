import { expect } from '@jest/globals';
import { type Answer, cast, hubParty, type PartnerName, type TestHub, tokenA } from '../../support/hub/index.js';
import { expectCodes } from './kit.js';
import { elsewhere, type Row, tested } from './row.js';

const cases = 'test/integration/hubclientinfo-cases.ts';
const checks = 'src/modules/hubclientinfo/alive-checks.test.ts';

const listUrl = (hub: TestHub, query = ''): string => `${hub.url}/ocpi/2.2.1/sender/hubclientinfo${query}`;
const list = async (hub: TestHub, reader: PartnerName = 'P2', query = ''): Promise<Answer> =>
  expectCodes(await hub.as(reader, 'GET', listUrl(hub, query)), 200, 1000);
const clients = (answer: Answer): string[] =>
  answer.list.map((one) => `${one.country_code}/${one.party_id}/${one.role}`);
/** Everybody but P2's own party, in the order in which they came. */
const everybody = Object.entries(cast).flatMap(([name, { parties }]) => (name === 'P2' ? [] : parties));

/** Rules H-01…H-19. Spec: 2.2.1 §15. */
export const hubClientInfoRows: readonly Row[] = [
  tested('H-01', 'must', 'SENDER: a paginated list with date filters', async (hub) => {
    const whole = await list(hub);
    expect([clients(whole), whole.headers['x-total-count']]).toEqual([everybody, String(everybody.length)]);
    const seen: string[] = [];
    for (let offset = 0; offset < everybody.length; offset += 3)
      seen.push(...clients(await list(hub, 'P2', `?offset=${offset}&limit=3`)));
    expect(seen).toEqual(everybody);
    const { last_updated: stamp } = whole.list[0] ?? {};
    expect(clients(await list(hub, 'P2', `?date_from=${stamp}`))).toEqual(everybody);
    expect(clients(await list(hub, 'P2', `?date_to=${stamp}`))).toEqual([]);
  }),
  elsewhere('H-02', 'must', 'RECEIVER of clients: GET and PUT; the hub calls only who lists it', cases),
  tested('H-03', 'must', 'five fields, all required', async (hub) => {
    for (const one of (await list(hub)).list)
      expect(Object.keys(one).sort()).toEqual(['country_code', 'last_updated', 'party_id', 'role', 'status']);
  }),
  elsewhere('H-04', 'must', 'four statuses and no other', 'src/modules/hubclientinfo/client-states.test.ts'),
  elsewhere('H-05', 'must', 'a new party is told to every connected client', cases),
  elsewhere('H-06', 'must', 'a change is told with the whole object', cases),
  elsewhere('H-07', 'must', 'nothing is deleted: SUSPENDED', cases),
  elsewhere('H-08', 'SHOULD', 'a silent partner is asked for its versions', checks),
  elsewhere('H-09', 'REC', 'failed checks make it OFFLINE, any message CONNECTED', checks),
  elsewhere('H-10', 'must', 'an OFFLINE partner gets nothing but checks', checks),
  elsewhere('H-11', 'must', 'PLANNED: expected, not connected yet', cases),
  tested('H-12', 'MUST', 'no routing headers; not routed', async (hub) => {
    const answers = [
      await list(hub),
      // A mistaken partner's headers are not looked at.
      await hub.as('P2', 'GET', listUrl(hub), {
        headers: { 'OCPI-to-country-code': 'DE', 'OCPI-to-party-id': 'CP1', 'OCPI-from-country-code': 'XX' },
      }),
    ];
    for (const answer of answers) {
      expect(clients(expectCodes(answer, 200, 1000))).toEqual(everybody);
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('ocpi-'))).toEqual([]);
    }
  }),
  elsewhere('H-13', 'must', 'the URL names the party that the object is about', cases),
  elsewhere('H-14', 'REC', 'a party in two roles: one PUT per role', cases),
  tested('H-15', 'REC', 'neither the caller nor the hub is in the list', async (hub) => {
    expect(clients(await list(hub))).not.toContain('FR/EM1/EMSP');
    expect(clients(await list(hub, 'P5')).filter((one) => /CP2|CP3/.test(one))).toEqual([]);
    for (const reader of ['P1', 'P2', 'P5'] as const)
      expect((await list(hub, reader)).list.map((one) => one.party_id)).not.toContain(hubParty.party_id);
  }),
  tested('H-16', 'must', 'POST, PATCH and DELETE do not exist', async (hub) => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'])
      expectCodes(await hub.as('P2', method, listUrl(hub), { body: {} }), 405, 2000);
    const receiver = `${hub.url}/ocpi/2.2.1/receiver/hubclientinfo/DE/CP1`;
    for (const method of ['POST', 'PATCH', 'DELETE'])
      expectCodes(await hub.as('P2', method, receiver, { body: {} }), 405, 2000);
    expectCodes(await hub.as('P2', 'GET', receiver), 404, 2001);
    expectCodes(await hub.call('GET', listUrl(hub), { token: tokenA }), 401, 2000);
  }),
  tested('H-17', 'must', 'its identifier is hubclientinfo', async (hub) => {
    const { data } = expectCodes(await hub.as('P2', 'GET', '/ocpi/2.2.1'), 200, 1000);
    const endpoints = data.endpoints as { identifier: string; role: string; url: string }[];
    expect(endpoints.filter((one) => one.identifier === 'hubclientinfo')).toEqual([
      { identifier: 'hubclientinfo', role: 'SENDER', url: listUrl(hub) },
    ]);
    expect(endpoints.map((one) => one.identifier)).not.toContain('clientinfo');
  }),
  elsewhere('H-18', 'must', 'parties that another hub names CONNECTED are accepted', cases),
  elsewhere('H-19', 'REC', 'last_updated moves with the content; no flapping', cases),
];
