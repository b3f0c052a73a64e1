import { describe, expect, it } from '@jest/globals';
import type { Role } from '../../kernel/module-id.js';
import { type PartyRef, partyKey, sameParty } from '../../kernel/party-ref.js';
import { defaultSwitches, type Partner, type PartnerStatus } from '../partners/index.js';
import { noRemoteParties, PartyBook, type RemoteParty } from './party-book.js';

function partner(
  id: string,
  parties: readonly string[],
  endpoints: readonly string[],
  fields: Partial<Partner> = {},
): Partner {
  const roles = parties.map(claim);
  return {
    id,
    name: id,
    status: 'CONNECTED',
    roles,
    allowedRoles: roles,
    versionsUrl: `https://${id}.example/versions`,
    version: '2.2.1',
    endpoints: endpoints.map((text) => {
      const [identifier = '', role] = text.split(' ');
      return {
        identifier,
        role: role === 'SENDER' ? 'SENDER' : 'RECEIVER',
        url: `https://${id}.example/${identifier}/`,
      };
    }),
    origins: [`https://${id}.example`],
    pendingOrigins: [],
    switches: defaultSwitches,
    createdAt: 0,
    credentialsAt: 0,
    ...fields,
  };
}

function claim(text: string): PartyRef & { role: Role } {
  const [country_code = '', party_id = '', role = ''] = text.split('/');
  return { country_code, party_id, role: role as Role };
}

function book(
  partners: readonly Partner[],
  remote: readonly (RemoteParty & { status: PartnerStatus })[] = [],
): PartyBook {
  return new PartyBook(
    {
      all: () => partners,
      byId: (id) => partners.find((one) => one.id === id),
      speakingFor: (party) => partners.filter((one) => one.roles.some((role) => sameParty(role, party))),
      outboundToken: (id) => `token of ${id}`,
    },
    remote.length === 0
      ? noRemoteParties
      : { all: () => remote, of: (party) => remote.filter((one) => sameParty(one, party)) },
  );
}
const ref = (text: string): PartyRef => claim(`${text}/`);

describe('how a party is reached', () => {
  const cpo = partner('p1', ['DE/CP1/CPO'], ['commands RECEIVER', 'locations SENDER']);

  it("is by the partner's own endpoint, with the token that we hold for it (R-06, R-07)", () => {
    expect(book([cpo]).reach(ref('de/cp1'), 'commands', 'RECEIVER')).toMatchObject({
      kind: 'reached',
      partner: cpo,
      url: 'https://p1.example/commands',
      token: 'token of p1',
    });
  });

  it('is on the platform that has the party in the role of the interface (R-08)', () => {
    const asCpo = partner('p1', ['NL/ABC/CPO'], ['tokens RECEIVER', 'cdrs RECEIVER']);
    const asEmsp = partner('p5', ['NL/ABC/EMSP'], ['tokens RECEIVER', 'cdrs RECEIVER']);
    for (const order of [
      [asCpo, asEmsp],
      [asEmsp, asCpo],
    ]) {
      expect(book(order).reach(ref('NL/ABC'), 'tokens', 'RECEIVER')).toMatchObject({ partner: asCpo });
      expect(book(order).reach(ref('NL/ABC'), 'cdrs', 'RECEIVER')).toMatchObject({ partner: asEmsp });
    }
  });

  it('is not at all if nobody has it (R-10), if it lacks the module (R-14), or if it is away (R-11)', () => {
    expect(book([cpo]).reach(ref('XX/YYY'), 'commands', 'RECEIVER').kind).toBe('unknown');
    expect(book([cpo]).reach(ref('DE/CP1'), 'chargingprofiles', 'RECEIVER').kind).toBe('not-offered');
    expect(book([cpo]).reach(ref('DE/CP1'), 'locations', 'RECEIVER').kind).toBe('not-offered');
    for (const status of ['OFFLINE', 'SUSPENDED', 'PLANNED'] as const)
      expect(book([{ ...cpo, status }]).reach(ref('DE/CP1'), 'commands', 'RECEIVER')).toMatchObject({
        kind: 'away',
        status,
      });
    expect(book([{ ...cpo, unregisteredAt: 1 }]).reach(ref('DE/CP1'), 'commands', 'RECEIVER').kind).toBe('away');
  });
});

describe('a party behind another hub', () => {
  const hub2 = partner('hub2', ['BE/HB2/HUB'], ['commands RECEIVER']);
  const remote: RemoteParty = { ...claim('BE/CP9/CPO'), status: 'CONNECTED', partnerId: 'hub2' };

  it('is reached through that hub, unless that is where the message comes from (T18)', () => {
    const parties = book([hub2], [remote]);
    expect(parties.reach(ref('BE/CP9'), 'commands', 'RECEIVER')).toMatchObject({ kind: 'reached', partner: hub2 });
    expect(parties.reach(ref('BE/CP9'), 'commands', 'RECEIVER', 'hub2').kind).toBe('unknown');
  });

  it('is away when it is, or when its hub is', () => {
    expect(book([hub2], [{ ...remote, status: 'OFFLINE' }]).reach(ref('BE/CP9'), 'commands', 'RECEIVER').kind).toBe(
      'away',
    );
    const gone = { ...hub2, status: 'OFFLINE' } as const;
    expect(book([gone], [remote]).reach(ref('BE/CP9'), 'commands', 'RECEIVER').kind).toBe('away');
  });

  it('gives way to one that is registered here', () => {
    const here = partner('p9', ['BE/CP9/CPO'], ['commands RECEIVER']);
    expect(book([hub2, here], [remote]).reach(ref('BE/CP9'), 'commands', 'RECEIVER')).toMatchObject({ partner: here });
  });

  it('counts among the parties of its role', () => {
    const parties = book([hub2, partner('p1', ['DE/CP1/CPO'], [])], [remote]);
    expect(parties.partiesIn(['CPO']).map(partyKey).sort()).toEqual(['BE/CP9', 'DE/CP1']);
    expect(parties.partiesIn(['CPO'], 'hub2').map(partyKey)).toEqual(['DE/CP1']);
  });
});
