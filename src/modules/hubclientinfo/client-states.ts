import { type PartyRef, partyKey, sameParty } from '../../kernel/party-ref.js';
import type { Invite, Partner, PartnerStatus } from '../../platform/partners/index.js';
import type { RemoteParty } from '../../platform/routing/index.js';
import { type ClientState, clientKey, outweighs } from './client-info.js';

/** What is known of who is connected. */
export interface Connections {
  readonly partners: readonly Partner[];
  readonly openInvites: readonly Invite[];
  /** Parties behind other hubs, without those that are registered here. */
  readonly remote: readonly RemoteParty[];
  /** The hub itself, which is never told of (H-15). */
  readonly hub: PartyRef;
}

/**
 * The state of every party in every role, by {@link clientKey}, as it is to be told to others (C-21, H-04).
 *
 * A party of a registered partner is what its partner is; one that has ended its connection is SUSPENDED (H-07). A party that is
 * invited and belongs to nobody yet is PLANNED (H-11). A party behind another hub is what that hub says as long as that hub is connected
 * itself; where several hubs name it, the best counts.
 */
export function clientStates({ partners, openInvites, remote, hub }: Connections): ReadonlyMap<string, ClientState> {
  const states = new Map<string, ClientState>();
  const gone = new Set<string>();
  for (const partner of partners) {
    const ended = partner.unregisteredAt !== undefined;
    for (const role of partner.roles) {
      const key = clientKey(role);
      states.set(key, stateOf(role, ended ? 'SUSPENDED' : partner.status));
      if (ended) gone.add(key);
    }
  }
  const byId = new Map(partners.map((partner) => [partner.id, partner]));
  for (const party of remote) {
    const key = clientKey(party);
    const state = stateOf(party, behind(party, byId.get(party.partnerId)));
    const known = states.get(key);
    // Who has left this hub may be behind another one now.
    if (!known || gone.has(key) || outweighs(state.status, known.status)) states.set(key, state);
    gone.delete(key);
  }
  for (const invite of openInvites)
    for (const role of invite.roles) {
      const key = clientKey(role);
      if (!states.has(key)) states.set(key, stateOf(role, 'PLANNED'));
    }
  for (const [key, state] of states) if (sameParty(state, hub)) states.delete(key);
  return states;
}

/** What is true of a party of another hub: nothing better than of that hub itself. */
function behind(party: RemoteParty, hub: Partner | undefined): PartnerStatus {
  if (!hub || hub.unregisteredAt !== undefined || hub.status === 'SUSPENDED') return 'SUSPENDED';
  return hub.status !== 'CONNECTED' && party.status === 'CONNECTED' ? 'OFFLINE' : party.status;
}

function stateOf({ country_code, party_id, role }: Omit<ClientState, 'status'>, status: PartnerStatus): ClientState {
  return { country_code, party_id, role, status };
}

/** The parties of a partner, each once whatever its roles. */
export function partiesOf({ roles }: Pick<Partner, 'roles'>): readonly PartyRef[] {
  return [...new Map(roles.map((role) => [partyKey(role), role])).values()];
}
