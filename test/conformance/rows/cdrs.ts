import { expect } from '@jest/globals';
import { envelope } from '../../support/hub/index.js';
import { receiverUrl, senderUrl } from './forwarding.js';
import { expectCodes, fromParty, toHub, toParty } from './kit.js';
import { elsewhere, notTestable, type Row, tested } from './row.js';

const kept = 'test/contract/kept-objects-contract.ts';
const schemas = 'test/conformance/schema-rules.test.ts';
const url = receiverUrl('cdrs');
const toEmsp = { ...toParty('FR', 'EM1'), ...fromParty('DE', 'CP1') };
const cdr = (fields: object = {}) => ({
  country_code: 'DE',
  party_id: 'CP1',
  id: 'C1',
  cdr_token: { country_code: 'FR', party_id: 'EM1', uid: 'U1', type: 'RFID', contract_id: 'C1' },
  ...fields,
});

export const cdrRows: readonly Row[] = [
  elsewhere('CDR-01', 'must', 'Sender: a list of what concerns the caller', kept),
  tested('CDR-02', 'must', 'Receiver: POST to the endpoint itself; 201 stays 201', async (hub) => {
    hub.partner('P2').behaviour = () => ({ status: 201, body: envelope() });
    expectCodes(await hub.as('P1', 'POST', url, { body: cdr(), headers: toEmsp }), 201, 1000);
    expect(hub.partner('P2').last).toMatchObject({ method: 'POST', target: '/api/receiver/cdrs' });
  }),
  tested('CDR-03', 'must', 'the answer has a Location, absolute and of the hub', async (hub) => {
    const partner = hub.partner('P2');
    partner.behaviour = () => ({
      status: 201,
      headers: { Location: `${partner.origin}/api/receiver/cdrs/77` },
      body: envelope(),
    });
    const answer = await hub.as('P1', 'POST', url, { body: cdr(), headers: toEmsp });
    expect(expectCodes(answer, 201, 1000).headers.location).toMatch(`${hub.url}${url}/`);
    expect(answer.body).not.toHaveProperty('data');
    // CiString(255) in the databases of partners.
    expect(String(answer.headers.location).length).toBeLessThanOrEqual(255);
  }),
  tested('CDR-04', 'must', 'GET on that URL returns the CDR; any other is 404', async (hub) => {
    const partner = hub.partner('P2');
    partner.behaviour = ({ method }) =>
      method === 'POST'
        ? { status: 201, headers: { Location: `${partner.origin}/api/receiver/cdrs/77` }, body: envelope() }
        : { body: envelope(cdr()) };
    const { headers } = await hub.as('P1', 'POST', url, { body: cdr(), headers: toEmsp });
    const read = await hub.as('P1', 'GET', String(headers.location), { headers: toEmsp });
    expect(expectCodes(read, 200, 1000).data).toEqual(cdr());
    expect(partner.last).toMatchObject({ method: 'GET', target: '/api/receiver/cdrs/77' });
    expectCodes(await hub.as('P1', 'GET', `${url}/nothing`), 404, 2001);
    expectCodes(await hub.as('P5', 'GET', String(headers.location), { headers: fromParty('AT', 'CP3') }), 404, 2001);
  }),
  tested('CDR-05', 'must', 'no PUT, PATCH, DELETE', async (hub) => {
    for (const method of ['PUT', 'PATCH', 'DELETE'])
      for (const target of [url, `${url}/77`])
        expectCodes(await hub.as('P1', method, target, { body: cdr(), headers: toEmsp }), 405, 2000);
  }),
  elsewhere('CDR-06', 'REC', 'what is kept is never replaced; what passes is judged by its receiver', kept),
  elsewhere('CDR-07', 'MUST', 'a credit names what it credits', schemas),
  elsewhere('CDR-08', 'MUST', 'ids of 36 characters, of credits 39', schemas),
  elsewhere('CDR-09', 'MUST', "a Session's dimensions are strange in a CDR", schemas),
  elsewhere('CDR-10', 'must', '#NA for what an unused reservation has not got', schemas),
  notTestable('CDR-11', 'must', 'when session_id may be missing', 'Only the CPO knows whether there was a Session.'),
  tested('CDR-12', 'must', 'embedded Tariffs are copies that the hub leaves alone', async (hub) => {
    const text = JSON.stringify(cdr({ tariffs: [{ id: 'T1', elements: [{ x: 1 }] }] }));
    await hub.as('P1', 'POST', url, { body: text, headers: toEmsp });
    expect(hub.partner('P2').last.bytes.toString('utf8')).toBe(text);
  }),
  tested('CDR-13', 'REC', 'to the owner of cdr_token where nobody is named; never to everybody', async (hub) => {
    expectCodes(await hub.as('P1', 'POST', url, { body: cdr() }), 200, 1000);
    expect(hub.partner('P2').last.headers).toMatchObject({ 'ocpi-to-party-id': 'EM1', 'ocpi-from-party-id': 'CP1' });
    expectCodes(await hub.as('P1', 'POST', url, { body: cdr(), headers: toHub }), 200, 2001);
    expect(hub.partner('P2').received).toHaveLength(1);
    expectCodes(await hub.as('P2', 'GET', senderUrl('cdrs')), 200, 1000);
  }),
  elsewhere('CDR-14', 'MAY', 'the one literal for an unknown time', schemas),
  tested('CDR-15', 'must', 'a sealed object passes byte for byte', async (hub) => {
    const signed = {
      encoding_method: 'OCMF',
      signed_values: [{ nature: 'Start', plain_data: 'é\u2028', signed_data: 'Ä' }],
    };
    const text = ` ${JSON.stringify(cdr({ signed_data: signed }), null, 1)}\n`;
    await hub.as('P1', 'POST', url, { body: text, headers: toEmsp });
    expect(hub.partner('P2').last.bytes.equals(Buffer.from(text))).toBe(true);
  }),
];
