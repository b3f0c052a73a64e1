import { describe, expect, it } from '@jest/globals';
import type { Role } from '../../kernel/module-id.js';
import { partyKey } from '../../kernel/party-ref.js';
import type { Invite, Partner, PartnerStatus } from '../../platform/partners/index.js';
import type { RemoteParty } from '../../platform/routing/index.js';
import { ClientInfoView } from './client-info-view.js';
import { clientStates } from './client-states.js';

const hub = { country_code: 'NL', party_id: 'HUB' };
const roleOf = (text: string) => {
  const [country_code = '', party_id = '', role = ''] = text.split('/');
  return { country_code, party_id, role: role as Role };
};
const partner = (id: string, status: PartnerStatus, roles: string[], unregisteredAt?: number) =>
  ({
    id,
    status,
    roles: roles.map(roleOf),
    ...(unregisteredAt === undefined ? {} : { unregisteredAt }),
  }) as unknown as Partner;
const invite = (...roles: string[]) => ({ roles: roles.map(roleOf) }) as unknown as Invite;
const behind = (partnerId: string, text: string, status: PartnerStatus): RemoteParty => ({
  ...roleOf(text),
  status,
  partnerId,
});

function states(partners: Partner[], openInvites: Invite[] = [], remote: RemoteParty[] = []): Record<string, string> {
  const found = clientStates({ partners, openInvites, remote, hub });
  return Object.fromEntries([...found].map(([key, { status }]) => [key, status]));
}

describe('who is connected', () => {
  it('C-21 H-04 is each party in each role, as its partner stands', () => {
    expect(
      states([
        partner('P1', 'CONNECTED', ['DE/CP1/CPO', 'DE/CP1/EMSP']),
        partner('P2', 'OFFLINE', ['fr/em1/EMSP']),
        partner('P3', 'SUSPENDED', ['BE/EM2/EMSP']),
      ]),
    ).toEqual({
      'DE/CP1/CPO': 'CONNECTED',
      'DE/CP1/EMSP': 'CONNECTED',
      'FR/EM1/EMSP': 'OFFLINE',
      'BE/EM2/EMSP': 'SUSPENDED',
    });
  });

  it('H-07 is SUSPENDED where the connection has ended', () => {
    expect(states([partner('P1', 'OFFLINE', ['DE/CP1/CPO'], 5)])).toEqual({ 'DE/CP1/CPO': 'SUSPENDED' });
  });

  it('H-11 is PLANNED where a party is invited that belongs to nobody yet', () => {
    const invites = [invite('DE/CP1/CPO', 'DE/CP9/CPO')];
    expect(states([partner('P1', 'OFFLINE', ['DE/CP1/CPO'])], invites)).toEqual({
      'DE/CP1/CPO': 'OFFLINE',
      'DE/CP9/CPO': 'PLANNED',
    });
  });

  it('H-15 is never the hub itself, whoever names it', () => {
    expect(states([], [invite('nl/hub/CPO')], [behind('H2', 'NL/HUB/HUB', 'CONNECTED')])).toEqual({});
  });

  it('H-18 is what another hub says, as long as that hub is connected itself', () => {
    const remote = [behind('H2', 'AT/CP5/CPO', 'CONNECTED'), behind('H2', 'AT/EM5/EMSP', 'PLANNED')];
    const under = (hubPartner: Partner[]) => states(hubPartner, [], remote);
    const own = ['DE/HB2/HUB'];
    expect(under([partner('H2', 'CONNECTED', own)])).toMatchObject({
      'AT/CP5/CPO': 'CONNECTED',
      'AT/EM5/EMSP': 'PLANNED',
    });
    expect(under([partner('H2', 'OFFLINE', own)])).toMatchObject({ 'AT/CP5/CPO': 'OFFLINE', 'AT/EM5/EMSP': 'PLANNED' });
    const gone = { 'AT/CP5/CPO': 'SUSPENDED', 'AT/EM5/EMSP': 'SUSPENDED' };
    for (const away of [[partner('H2', 'SUSPENDED', own)], [partner('H2', 'CONNECTED', own, 5)], []])
      expect(under(away)).toMatchObject(gone);
  });

  it('is the best of what several hubs say, and what is behind one counts more than what has left here', () => {
    const hubs = [
      partner('H2', 'CONNECTED', []),
      partner('H3', 'CONNECTED', []),
      partner('P1', 'SUSPENDED', ['DE/CP1/CPO'], 5),
    ];
    const remote = [
      behind('H2', 'AT/CP5/CPO', 'OFFLINE'),
      behind('H3', 'AT/CP5/CPO', 'CONNECTED'),
      behind('H3', 'DE/CP1/CPO', 'OFFLINE'),
    ];
    expect(states(hubs, [], remote)).toEqual({ 'AT/CP5/CPO': 'CONNECTED', 'DE/CP1/CPO': 'OFFLINE' });
    expect(states(hubs, [], [...remote].reverse())).toMatchObject({ 'AT/CP5/CPO': 'CONNECTED' });
  });
});

describe('whom a partner is told of', () => {
  const em1 = { id: 'P2', roles: [roleOf('FR/EM1/EMSP'), roleOf('FR/EM9/EMSP')] };
  const h2 = { id: 'H2', roles: [roleOf('DE/HB2/HUB')] };
  const view = (strangers: readonly string[] = []) => {
    const made = new ClientInfoView({
      hub,
      remote: {
        of: (party) => (partyKey(party) === 'AT/CP5' ? [behind('H2', 'AT/CP5/CPO', 'CONNECTED')] : []),
      },
      mayKnow: (a, b) => !strangers.includes(`${partyKey(a)} ${partyKey(b)}`),
    });
    made.noteOwners(['DE/CP1', 'FR/EM1', 'AT/CP5', 'NL/HUB']);
    return made;
  };

  it('H-15 is neither itself nor the hub', () => {
    expect(view().ownersFor(em1)).toEqual(['DE/CP1', 'AT/CP5']);
  });

  it('A-42 is only whom one of its parties may deal with', () => {
    expect(view(['FR/EM1 DE/CP1']).ownersFor(em1)).toEqual(['DE/CP1', 'AT/CP5']);
    expect(view(['FR/EM1 DE/CP1', 'FR/EM9 DE/CP1']).ownersFor(em1)).toEqual(['AT/CP5']);
  });

  it('is nothing that the reader, a hub, has told itself', () => {
    expect(view().ownersFor(h2)).toEqual(['DE/CP1', 'FR/EM1']);
    expect(view().tells(h2, 'AT/CP5')).toBe(false);
    expect(view().tells(em1, 'AT/CP5')).toBe(true);
  });
});
