import { describe, expect, it } from '@jest/globals';
import type { PartyRef } from '../../kernel/party-ref.js';
import { defaultSwitches, type Partner } from '../partners/index.js';
import { type Admission, admitParty } from './admit-party.js';
import type { PartyEndpoint } from './define-module.js';

const hub = { country_code: 'NL', party_id: 'HUB' };
const partner = (...parties: string[]) => {
  const roles = parties.map((text) => {
    const [country_code, party_id, role] = text.split('/');
    return { country_code, party_id, role };
  });
  return { id: 'P', roles, switches: defaultSwitches } as unknown as Partner;
};
const receiver: PartyEndpoint = {
  method: 'PUT',
  path: '',
  owner: 'path',
  roles: ['CPO'],
  handle: () => ({ kind: 'done' }),
};
const sender: PartyEndpoint = { ...receiver, method: 'GET', owner: 'none', roles: ['CPO', 'EMSP', 'NSP'] };
const from = (country_code: string, party_id: string) => ({
  'ocpi-from-country-code': country_code,
  'ocpi-from-party-id': party_id,
});
const path = (country_code: string, party_id: string) => ({ country_code, party_id });

function admit(who: Partner, fields: Partial<Admission>) {
  const told: PartyRef[] = [];
  const admission: Admission = {
    partner: who,
    endpoint: receiver,
    interfaceRole: 'RECEIVER',
    method: 'PUT',
    headers: {},
    params: {},
    hub,
    onRequester: (party) => told.push(party),
    ...fields,
  };
  return { admitted: () => admitParty(admission), told };
}
const list = (headers = {}): Partial<Admission> => ({
  endpoint: sender,
  interfaceRole: 'SENDER',
  method: 'GET',
  headers,
});
const outcome = (httpStatus: number, statusCode: number) => expect.objectContaining({ httpStatus, statusCode });

describe('the owner in the path (O-05)', () => {
  const platform = partner('DE/CP1/CPO', 'FR/EM1/EMSP');

  it('is a party of the caller, compared without case, and acts as its platform spells it (A-15)', () => {
    expect(admit(platform, { params: path('de', 'cp1') }).admitted().from).toEqual(path('DE', 'CP1'));
  });

  it.each([
    ['a party of somebody else', path('DE', 'CP2')],
    ['a party of the right id in another country', path('AT', 'CP1')],
    ['a party of the caller in another role', path('FR', 'EM1')],
    ['a look-alike', path('DE', 'CP\u0131')],
    ['nobody', path('', '')],
  ])('is refused as %s', (_, params) => expect(admit(platform, { params }).admitted).toThrow(outcome(404, 2001)));

  it('comes before FROM: a foreign path is 404 also with a good FROM (T2)', () => {
    expect(admit(platform, { params: path('DE', 'CP2'), headers: from('DE', 'CP1') }).admitted).toThrow(
      outcome(404, 2001),
    );
  });
});

describe('FROM (R-09)', () => {
  it('must be a party of the caller (T2)', () => {
    const { admitted, told } = admit(partner('FR/EM1/EMSP'), list(from('DE', 'CP1')));
    expect(admitted).toThrow(outcome(200, 2001));
    expect(told).toEqual([]);
  });

  it('may be another party of the platform than the owner, and names who is answered', () => {
    const platform = partner('DE/CP1/CPO', 'DE/CP2/CPO');
    const { admitted, told } = admit(platform, { params: path('DE', 'CP1'), headers: from('DE', 'CP2') });
    expect(admitted().from).toEqual(path('DE', 'CP2'));
    expect(told).toEqual([path('DE', 'CP2')]);
  });

  it('is inferred from the path, or from the one fitting party', () => {
    expect(admit(partner('DE/CP1/CPO'), { params: path('DE', 'CP1') }).admitted().from.party_id).toBe('CP1');
    const { admitted, told } = admit(partner('FR/EM1/EMSP'), list());
    expect(admitted()).toMatchObject({ from: { party_id: 'EM1' }, scenario: { kind: 'get-all' } });
    expect(told).toHaveLength(1);
  });

  it('counts a party with two roles once', () => {
    expect(admit(partner('DE/CP1/CPO', 'DE/CP1/EMSP'), list()).admitted().from.party_id).toBe('CP1');
  });

  it('is asked for when several parties could be meant', () => {
    expect(admit(partner('FR/EM1/EMSP', 'FR/EM2/EMSP'), list()).admitted).toThrow(outcome(200, 2001));
    const named = admit(partner('FR/EM1/EMSP', 'FR/EM2/EMSP'), list(from('FR', 'EM2')));
    expect(named.admitted().from.party_id).toBe('EM2');
  });

  it('is no way to a role that the endpoint is not for', () => {
    expect(admit(partner('FR/XX1/SCSP', 'FR/EM1/EMSP'), list(from('FR', 'XX1'))).admitted).toThrow(outcome(200, 2001));
  });
});

describe('TO', () => {
  const to = (country: string, party: string) => ({ 'ocpi-to-country-code': country, 'ocpi-to-party-id': party });

  it('is judged after the caller: a stranger learns nothing of who is connected', () => {
    const asked = admit(partner('FR/EM1/EMSP'), {
      params: path('DE', 'CP1'),
      headers: to('DE', 'CP1'),
    });
    expect(asked.admitted).toThrow(outcome(404, 2001));
  });

  it('of a refusal still leaves the answer to the requester (R-05)', () => {
    const refused = { ...sender, addressing: { hub: 'refused', nobody: 'refused' } } as const;
    const fields = { ...list({ ...from('FR', 'EM1'), ...to('NL', 'HUB') }), endpoint: refused };
    const { admitted, told } = admit(partner('FR/EM1/EMSP'), fields);
    expect(admitted).toThrow(outcome(200, 2001));
    expect(told).toEqual([path('FR', 'EM1')]);
  });

  it('of one party leads to that party', () => {
    const { admitted } = admit(partner('FR/EM1/EMSP'), list({ ...from('FR', 'EM1'), ...to('de', 'cp1') }));
    expect(admitted().scenario).toEqual({ kind: 'direct', to: path('de', 'cp1') });
  });
});

describe('a party behind another hub (O-06, A-18)', () => {
  const behind = (partnerId: string, party: PartyRef) =>
    partnerId === 'id' && party.party_id === 'EM9' ? (['EMSP'] as const) : [];
  const named = { ...list(from('BE', 'EM9')), rolesBehind: behind };

  it('acts through that hub', () => {
    expect(admit({ ...partner('BE/HB2/HUB'), id: 'id' }, named).admitted().from).toEqual(path('BE', 'EM9'));
  });

  it('does not through one that it is not behind, nor through a partner that is no hub (T2)', () => {
    expect(admit({ ...partner('BE/HB2/HUB'), id: 'other' }, named).admitted).toThrow(outcome(200, 2001));
    expect(admit({ ...partner('BE/CP2/CPO'), id: 'id' }, named).admitted).toThrow(outcome(200, 2001));
  });
});
