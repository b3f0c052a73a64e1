import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { envelope, startTestHub, type TestHub } from '../support/hub/index.js';

const cdrs = '/ocpi/2.2.1/receiver/cdrs';
const sessions = '/ocpi/2.2.1/receiver/sessions/DE/CP1/S1';
const headers = {
  'OCPI-from-country-code': 'DE',
  'OCPI-from-party-id': 'CP1',
  'OCPI-to-country-code': 'FR',
  'OCPI-to-party-id': 'EM1',
};
const owner = { country_code: 'DE', party_id: 'CP1' };
const cdr_token = { country_code: 'FR', party_id: 'EM1', uid: 'U1', type: 'RFID', contract_id: 'C1' };

describe('whoever watches Sessions and CDRs', () => {
  let hub: TestHub;
  beforeAll(async () => {
    hub = await startTestHub({ reachable: true });
  });
  afterAll(() => hub.close());
  beforeEach(() => hub.forget());

  it('is told of a CDR once its eMSP has taken it, and of none that was refused', async () => {
    const cdr = { ...owner, id: 'C1', cdr_token };
    hub.partner('P2').behaviour = () => ({ status: 201, body: envelope() });
    await hub.as('P1', 'POST', cdrs, { body: cdr, headers });
    expect(hub.taken).toEqual([cdr]);
    hub.partner('P2').behaviour = () => ({ body: { ...envelope(), status_code: 2001 } });
    await hub.as('P1', 'POST', cdrs, { body: { ...cdr, id: 'C2' }, headers });
    expect(hub.taken).toHaveLength(1);
  });

  it('is told of a whole Session likewise', async () => {
    const session = { ...owner, id: 'S1', cdr_token };
    hub.partner('P2').behaviour = () => ({ body: envelope() });
    await hub.as('P1', 'PUT', sessions, { body: session, headers });
    await hub.as('P1', 'PATCH', sessions, { body: { kwh: 1 }, headers });
    expect(hub.taken).toEqual([session]);
    hub.partner('P2').behaviour = () => ({ status: 500, body: envelope() });
    await hub.as('P1', 'PUT', sessions, { body: session, headers });
    expect(hub.taken).toHaveLength(1);
  });
});
