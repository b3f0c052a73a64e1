import { formatDateTime } from '../../kernel/date-time.js';
import type { Role } from '../../kernel/module-id.js';
import { objectKey, type PartyRef } from '../../kernel/party-ref.js';
import type { PartnerStatus } from '../../platform/partners/index.js';

/** A party in one role, and how it is connected: what a ClientInfo says but for its time. Spec: 2.2.1 §15.4.1. */
export interface ClientState extends PartyRef {
  readonly role: Role;
  readonly status: PartnerStatus;
}

/** Key of a party's ClientInfo in one role: `DE/CP1/CPO`. */
export function clientKey(client: PartyRef & { readonly role: Role }): string {
  return objectKey(client, client.role);
}

/** The party of a party key. */
export function partyOfKey(key: string): PartyRef {
  const slash = key.indexOf('/');
  return { country_code: key.slice(0, slash), party_id: key.slice(slash + 1) };
}

export function sameState(a: ClientState, b: ClientState): boolean {
  return a.status === b.status && a.role === b.role && a.party_id === b.party_id && a.country_code === b.country_code;
}

/** The object as it is told to others: all five fields (H-03). */
export function clientInfoText(state: ClientState, lastUpdated: number): string {
  const { party_id, country_code, role, status } = state;
  return JSON.stringify({ party_id, country_code, role, status, last_updated: formatDateTime(lastUpdated) });
}

/** What a stored ClientInfo says. */
export function readClientInfo(text: string): ClientState {
  const { party_id, country_code, role, status } = JSON.parse(text) as ClientState;
  return { party_id, country_code, role, status };
}

/** The statuses from the one that matters most: what holds where several say something of one party. */
const byWeight: readonly PartnerStatus[] = ['CONNECTED', 'OFFLINE', 'PLANNED', 'SUSPENDED'];

/** Whether one status says more than another of the same party: whoever can be reached on one way can be reached. */
export function outweighs(a: PartnerStatus, b: PartnerStatus): boolean {
  return byWeight.indexOf(a) < byWeight.indexOf(b);
}
