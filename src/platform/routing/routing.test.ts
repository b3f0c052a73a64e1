import { describe, expect, it } from '@jest/globals';
import { readRoutingHeaders, routingHeaders, type Situation, scenario, visibleOwners } from './index.js';

const hub = { country_code: 'NL', party_id: 'HUB' };
const cp1 = { country_code: 'DE', party_id: 'CP1' };
const refusal = (statusCode: number) => expect.objectContaining({ httpStatus: 200, statusCode });

describe('routing headers', () => {
  it('are read as pairs (R-01), whatever pair is there', () => {
    expect(readRoutingHeaders({})).toEqual({});
    expect(readRoutingHeaders({ 'ocpi-from-country-code': 'de', 'ocpi-from-party-id': 'cp1' })).toEqual({
      from: { country_code: 'de', party_id: 'cp1' },
    });
    expect(readRoutingHeaders({ 'ocpi-to-country-code': 'NL', 'ocpi-to-party-id': 'HUB' })).toEqual({ to: hub });
  });

  it('take the shorter party ids that the schema lets through', () => {
    expect(readRoutingHeaders({ 'ocpi-from-country-code': 'DE', 'ocpi-from-party-id': 'X' })).toEqual({
      from: { country_code: 'DE', party_id: 'X' },
    });
  });

  it.each([
    [{ 'ocpi-to-party-id': 'HUB' }],
    [{ 'ocpi-to-country-code': 'NL' }],
    [{ 'ocpi-from-party-id': 'CP1' }],
    [{ 'ocpi-from-country-code': 'DE' }],
    [{ 'ocpi-to-country-code': 'NL', 'ocpi-to-party-id': '' }],
    [{ 'ocpi-to-country-code': 'NLD', 'ocpi-to-party-id': 'HUB' }],
    [{ 'ocpi-to-country-code': 'NL', 'ocpi-to-party-id': 'HUBS' }],
    [{ 'ocpi-to-country-code': 'NL', 'ocpi-to-party-id': 'H B' }],
    [{ 'ocpi-to-country-code': 'NL', 'ocpi-to-party-id': 'HÜB' }],
    [{ 'ocpi-to-country-code': 'NL, NL', 'ocpi-to-party-id': 'HUB' }],
    [{ 'ocpi-to-country-code': 'NL', 'ocpi-to-party-id': ['HUB', 'HUB'] }],
  ])('are refused as %j (R-37)', (headers) => expect(() => readRoutingHeaders(headers)).toThrow(refusal(2001)));

  it('are written for both directions (R-01)', () => {
    expect(routingHeaders(cp1, hub)).toEqual({
      'OCPI-to-country-code': 'DE',
      'OCPI-to-party-id': 'CP1',
      'OCPI-from-country-code': 'NL',
      'OCPI-from-party-id': 'HUB',
    });
  });
});

describe('the scenario of a request', () => {
  const of = (fields: Partial<Situation>) =>
    scenario({
      method: 'PUT',
      module: 'locations',
      interfaceRole: 'RECEIVER',
      to: undefined,
      hub,
      isKnownParty: (party) => party.party_id === 'CP1',
      ...fields,
    });

  it.each(['PUT', 'PATCH', 'POST', 'DELETE'])(
    'of %s to the hub, or to nobody, is a broadcast (R-18, R-19)',
    (method) => {
      for (const to of [undefined, hub, { country_code: 'nl', party_id: 'hub' }])
        expect(of({ method, to })).toEqual({ kind: 'broadcast' });
    },
  );

  it('of GET on a Sender interface is GET All, also without TO (R-36, R-38)', () => {
    for (const to of [undefined, hub])
      expect(of({ method: 'GET', interfaceRole: 'SENDER', to })).toEqual({ kind: 'get-all' });
  });

  it('of GET on a Receiver interface is the check of an owner, never a broadcast (R-18, R-49)', () => {
    for (const to of [undefined, hub]) expect(of({ method: 'GET', to })).toEqual({ kind: 'owner-check' });
  });

  it('of any other method on a Sender interface is none (R-38)', () => {
    expect(() => of({ interfaceRole: 'SENDER', to: hub })).toThrow(refusal(2001));
  });

  it('to somebody unknown is 4001, whatever the method (R-10)', () => {
    for (const method of ['GET', 'PUT', 'PATCH', 'DELETE'])
      expect(() => of({ method, to: { country_code: 'XX', party_id: 'YYY' } })).toThrow(refusal(4001));
  });

  it('to one party is 4000 while this hub does not forward', () => {
    expect(() => of({ to: cp1 })).toThrow(refusal(4000));
  });
});

describe('whose objects a party reads (R-41)', () => {
  const bearer = (...parties: [string, 'CPO' | 'EMSP' | 'NSP' | 'OTHER' | 'NAP' | 'SCSP'][]) => ({
    roles: parties.map(([party_id, role]) => ({ country_code: 'DE', party_id, role })),
  });
  const party = (party_id: string) => ({ country_code: 'de', party_id });

  it.each(['EMSP', 'NSP', 'OTHER', 'NAP', 'SCSP'] as const)('is everybody for %s', (role) =>
    expect(visibleOwners(bearer(['EM1', role]), party('EM1'))).toBeUndefined(),
  );

  it("is its platform's own parties for one that is only CPO", () => {
    const platform = bearer(['CP1', 'CPO'], ['CP2', 'CPO'], ['EM1', 'EMSP']);
    expect(visibleOwners(platform, party('cp1'))).toEqual(['DE/CP1', 'DE/CP2', 'DE/EM1']);
    expect(visibleOwners(platform, party('EM1'))).toBeUndefined();
  });

  it('is everybody for a party that is CPO and eMSP', () => {
    expect(visibleOwners(bearer(['CP1', 'CPO'], ['CP1', 'EMSP']), party('CP1'))).toBeUndefined();
  });

  it('is its platform only for a party that the platform does not have', () => {
    expect(visibleOwners(bearer(['EM1', 'EMSP']), party('XXX'))).toEqual(['DE/EM1']);
  });
});
