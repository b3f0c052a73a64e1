import { describe, expect, it } from '@jest/globals';
import { everythingOpen, type SharingPolicy } from '../agreements/index.js';
import { readRoutingHeaders, routingHeaders, type Situation, scenario, Visibility } from './index.js';

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
  const here = { hub: 'local', nobody: 'local' } as const;
  const of = (fields: Partial<Situation>) =>
    scenario({ method: 'PUT', interfaceRole: 'RECEIVER', addressing: here, to: undefined, hub, ...fields });

  it.each(['PUT', 'PATCH', 'POST', 'DELETE'])(
    'of %s to the hub, or to nobody, is a broadcast where it is stored (R-18, R-19)',
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

  it('to one party is direct, whatever the method and however its module treats the hub (R-04)', () => {
    for (const method of ['GET', 'PUT', 'PATCH', 'DELETE', 'POST'])
      for (const addressing of [here, { hub: 'refused', nobody: 'sought' }] as const)
        expect(of({ method, addressing, to: cp1 })).toEqual({ kind: 'direct', to: cp1 });
  });

  it('is open where one party is meant and not named (R-32), and where a request names the hub (R-46)', () => {
    const request = { hub: 'sought', nobody: 'sought' } as const;
    for (const to of [undefined, hub]) expect(of({ addressing: request, to })).toEqual({ kind: 'open' });
  });

  it('of what is for one party only is refused to the hub, and sought without TO (R-27)', () => {
    const addressing = { hub: 'refused', nobody: 'sought' } as const;
    expect(() => of({ addressing, to: hub })).toThrow(refusal(2001));
    expect(of({ addressing })).toEqual({ kind: 'open' });
  });

  it('is refused where nothing can be meant', () => {
    expect(() => of({ addressing: { hub: 'refused', nobody: 'refused' } })).toThrow(refusal(2001));
  });

  it("of the hub's own URLs does not depend on TO (R-44)", () => {
    for (const to of [undefined, hub, cp1]) expect(of({ addressing: 'always-local', to })).toEqual({ kind: 'own-url' });
  });
});

describe('whose objects a party reads (R-41)', () => {
  const bearer = (...parties: [string, 'CPO' | 'EMSP' | 'NSP' | 'OTHER' | 'NAP' | 'SCSP'][]) => ({
    roles: parties.map(([party_id, role]) => ({ country_code: 'DE', party_id, role })),
  });
  const party = (party_id: string) => ({ country_code: 'de', party_id });
  const parties = { partiesIn: () => ['CP1', 'CP2', 'CP3', 'EM1'].map(party) };
  const seen = (
    who: ReturnType<typeof bearer>,
    as: string,
    { module = 'locations', policy = everythingOpen }: { module?: string; policy?: SharingPolicy } = {},
  ) => new Visibility(parties, policy).ownersFor(who, party(as), module);

  it.each(['EMSP', 'NSP', 'OTHER', 'NAP', 'SCSP'] as const)('is everybody for %s', (role) =>
    expect(seen(bearer(['EM1', role]), 'EM1')).toBeUndefined(),
  );

  it("is its platform's own parties for one that is only CPO", () => {
    const platform = bearer(['CP1', 'CPO'], ['CP2', 'CPO'], ['EM1', 'EMSP']);
    expect(seen(platform, 'cp1')).toEqual(['DE/CP1', 'DE/CP2', 'DE/EM1']);
    expect(seen(platform, 'EM1')).toBeUndefined();
  });

  it('is everybody for a party that is CPO and eMSP', () => {
    expect(seen(bearer(['CP1', 'CPO'], ['CP1', 'EMSP']), 'CP1')).toBeUndefined();
  });

  it('is its platform only for a party that the platform does not have', () => {
    expect(seen(bearer(['EM1', 'EMSP']), 'XXX')).toEqual(['DE/EM1']);
  });

  it('is the other way round for Tokens: for CPOs only (T21)', () => {
    expect(seen(bearer(['CP1', 'CPO']), 'CP1', { module: 'tokens' })).toBeUndefined();
    for (const role of ['EMSP', 'NSP', 'OTHER', 'NAP', 'SCSP'] as const)
      expect(seen(bearer(['EM1', role]), 'EM1', { module: 'tokens' })).toEqual(['DE/EM1']);
  });

  it('is what agreements leave, and always its own (T3)', () => {
    const policy: SharingPolicy = {
      ...everythingOpen,
      isOpen: false,
      judge: ({ giver, taker, module }) => ({
        allowed: giver.party_id !== 'CP2' && module === 'locations' && taker.party_id === 'em1',
        rule: 'x',
      }),
    };
    expect(seen(bearer(['EM1', 'EMSP']), 'em1', { policy })).toEqual(['DE/EM1', 'DE/CP1', 'DE/CP3']);
    expect(seen(bearer(['EM1', 'EMSP']), 'em1', { policy, module: 'tariffs' })).toEqual(['DE/EM1']);
  });
});
