import type { Oddity } from '../../kernel/oddity.js';
import type { PartyRef } from '../../kernel/party-ref.js';
import type { ChangeKind, DocumentList, OddityCount } from '../../platform/storage/index.js';

/** What names a Location: its owner and its id, in the caller's spelling; compared without case. */
export interface LocationKey extends PartyRef {
  readonly location_id: string;
}

export interface StoredLocation {
  /** The Location as its owner sent it, merged with what was patched; JSON text. */
  readonly document: string;
  /** ms since the epoch */
  readonly lastUpdated: number;
}

/** What is to become of a Location. */
export type LocationDecision =
  /** Acknowledged, but nothing changes and nobody is told (O-15). */
  | { readonly kind: 'unchanged'; readonly reason: 'stale' | 'identical' }
  | {
      readonly kind: 'store';
      readonly isNew: boolean;
      readonly document: string;
      readonly lastUpdated: number;
      /** What is told to others: the Location, or one EVSE of it. */
      readonly news: { readonly evseUid?: string; readonly kind: ChangeKind; readonly patch?: string };
      /** What is odd about it; undefined = not looked at, keep what is known. */
      readonly oddities?: readonly Oddity[];
    };

export interface WriteContext {
  readonly correlationId: string;
  /** ms since the epoch */
  readonly now: number;
}

/** Where Locations are kept. One contract suite runs over every implementation. */
export interface LocationStore {
  readonly list: DocumentList;
  /**
   * Reads a Location, lets `decide` judge, and stores the outcome with its place in the change sequence, in one transaction.
   * `decide` is pure and may throw to refuse. Resolves once the outcome is durable.
   */
  change(
    key: LocationKey,
    context: WriteContext,
    decide: (current: StoredLocation | undefined) => LocationDecision,
  ): Promise<LocationDecision>;
  find(key: LocationKey): Promise<string | undefined>;
  /** All Locations of this id, whoever owns them, of these owners (party keys) if given. At most `limit`. */
  findById(locationId: string, owners: readonly string[] | undefined, limit: number): Promise<readonly string[]>;
  /**
   * Takes Locations out that a complete list of their owner no longer holds (`present`: upper-case ids). What changed at or
   * after `since`, when the reading of that list began (ms), stays: the list may not have known it yet. Returns how many.
   */
  removeAbsent(owner: PartyRef, present: ReadonlySet<string>, since: number, context: WriteContext): Promise<number>;
  /** How many are stored, of these owners or in all. */
  countOf(owners?: readonly PartyRef[]): number;
  /** Counts and samples of what is odd about the stored Locations. */
  oddities(): Promise<readonly OddityCount[]>;
}
