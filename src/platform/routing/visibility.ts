import type { Role } from '../../kernel/module-id.js';
import { type PartyRef, partyKey, sameParty } from '../../kernel/party-ref.js';

interface RoleBearer {
  readonly roles: readonly (PartyRef & { readonly role: Role })[];
}

/**
 * Whose Locations and Tariffs a party may read: those of all owners, but a party that is only a CPO sees its platform's own.
 * Undefined = all. Spec: R-41, T-34.
 */
export function visibleOwners(partner: RoleBearer, party: PartyRef): readonly string[] | undefined {
  const reads = partner.roles.some((entry) => sameParty(entry, party) && entry.role !== 'CPO');
  return reads ? undefined : [...new Set(partner.roles.map(partyKey))];
}
