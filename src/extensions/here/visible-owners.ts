import { type PartyRef, partyKey } from '../../kernel/party-ref.js';
import type { SharingPolicy } from '../../platform/agreements/index.js';
import type { EvKey } from './http/ev-route.js';

/**
 * What agreements let the holder of a key see. A key that was given to a party reads as that party does over OCPI; any other reads in
 * the name of the hub itself, so that a party which shares with nobody but its contract partners is in no public product, unless an
 * agreement says so.
 */
export function visibleOwners(
  policy: SharingPolicy,
  hub: PartyRef,
): (key: EvKey, owner: string, module: 'locations' | 'tariffs') => boolean {
  const self = partyKey(hub);
  return (key, owner, module) => policy.isOpen || policy.shares(owner, key.party ?? self, module);
}
