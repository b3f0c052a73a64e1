import { type PartyRef, partyKey } from '../../kernel/party-ref.js';
import type { Partner } from '../../platform/partners/index.js';
import type { RemoteParties } from '../../platform/routing/index.js';
import { partyOfKey } from './client-info.js';
import { partiesOf } from './client-states.js';

/** Who asks, or is told. */
export type Reader = Pick<Partner, 'id' | 'roles'>;

export interface ClientInfoViewOptions {
  readonly hub: PartyRef;
  readonly remote: Pick<RemoteParties, 'of'>;
  /** Whether two parties may know of each other at all. */
  readonly mayKnow: (a: PartyRef, b: PartyRef) => boolean;
}

/**
 * Whom a partner is told of: one rule for lists, their totals and pushes.
 *
 * Not its own parties and not the hub (H-15); only parties that one of its own may deal with; and a hub hears nothing of a party
 * that it has named itself, or two hubs would tell each other of their own parties for ever.
 */
export class ClientInfoView {
  /** Party keys of all that there is, or was, a ClientInfo of: none is ever taken out. */
  private readonly owners = new Set<string>();

  constructor(private readonly options: ClientInfoViewOptions) {}

  /** Notes that there are ClientInfo objects of these parties. */
  noteOwners(keys: Iterable<string>): void {
    for (const key of keys) this.owners.add(key);
  }

  /** Party keys of whom the reader's list tells. */
  ownersFor(reader: Reader): readonly string[] {
    return [...this.owners].filter((owner) => this.tells(reader, owner));
  }

  /** @param owner a party key, such as `DE/CP1` */
  tells(reader: Reader, owner: string): boolean {
    const { hub, mayKnow, remote } = this.options;
    if (owner === partyKey(hub)) return false;
    const own = partiesOf(reader);
    if (own.some((party) => partyKey(party) === owner)) return false;
    const about = partyOfKey(owner);
    if (remote.of(about).some(({ partnerId }) => partnerId === reader.id)) return false;
    return own.some((party) => mayKnow(party, about));
  }
}
