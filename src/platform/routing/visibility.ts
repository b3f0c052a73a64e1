import { type Role, roles } from '../../kernel/module-id.js';
import { type PartyRef, partyKey, sameParty } from '../../kernel/party-ref.js';
import type { SharingPolicy } from '../agreements/index.js';

interface RoleBearer {
  readonly roles: readonly (PartyRef & { readonly role: Role })[];
}

/** Every party there is, in whatever role. */
export interface PartyList {
  partiesIn(wanted: readonly Role[]): readonly PartyRef[];
}

/** Whether a role reads other owners' objects of a module (R-41): Tokens are for CPOs, everything else is for those who are none. */
function reads(role: Role, module: string): boolean {
  return module === 'tokens' ? role === 'CPO' : role !== 'CPO';
}

/** Whose stored objects a party may read: one answer for lists, totals and single objects. Spec: R-41, T-34; threats T3, T21. */
export class Visibility {
  constructor(
    private readonly parties: PartyList,
    private readonly policy: SharingPolicy,
  ) {}

  /**
   * Party keys of the owners whose objects of a module `party` of a partner may read; undefined = all. Those of its own platform
   * always; others only in a role that reads them, and as far as agreements allow.
   */
  ownersFor(partner: RoleBearer, party: PartyRef, module: string): readonly string[] | undefined {
    const own = new Set(partner.roles.map(partyKey));
    if (!partner.roles.some((entry) => sameParty(entry, party) && reads(entry.role, module))) return [...own];
    if (this.policy.isOpen) return undefined;
    for (const giver of this.parties.partiesIn(roles))
      if (this.policy.judge({ giver, taker: party, module }).allowed) own.add(partyKey(giver));
    return [...own];
  }
}
