import type { Oddity } from '../../kernel/oddity.js';
import type { PartyRef } from '../../kernel/party-ref.js';
import type { DocumentList, OddityCount } from '../../platform/storage/index.js';

/** What names a Tariff: its owner and its id, compared without case. */
export interface TariffKey extends PartyRef {
  readonly tariff_id: string;
}

export interface TariffWrite {
  /** JSON text, as sent. */
  readonly document: string;
  /** ms since the epoch */
  readonly lastUpdated: number;
  readonly oddities: readonly Oddity[];
  /** Whether an older `last_updated` than the stored one is applied all the same. */
  readonly applyStale: boolean;
}

/** What became of a PUT: stored, or acknowledged without effect (O-15). */
export type TariffOutcome = 'created' | 'replaced' | 'stale' | 'identical';

export interface WriteContext {
  readonly correlationId: string;
  /** ms since the epoch */
  readonly now: number;
}

/** Where Tariffs are kept. One contract suite runs over every implementation. */
export interface TariffStore {
  readonly list: DocumentList;
  /** Stores a Tariff with its place in the change sequence, in one transaction; resolves once that is durable. */
  put(key: TariffKey, write: TariffWrite, context: WriteContext): Promise<TariffOutcome>;
  /** Takes a Tariff out; false if there was none (TA-04). */
  remove(key: TariffKey, context: WriteContext): Promise<boolean>;
  find(key: TariffKey): Promise<string | undefined>;
  /**
   * Takes out what a complete list of the owner no longer holds (P-16, TA-06; `present`: upper-case ids). What changed at or
   * after `since`, when the reading of that list began (ms), stays: the list may not have known it yet. Returns how many.
   */
  removeAbsent(owner: PartyRef, present: ReadonlySet<string>, since: number, context: WriteContext): Promise<number>;
  /** How many are stored, of these owners or in all. */
  countOf(owners?: readonly PartyRef[]): number;
  oddities(): Promise<readonly OddityCount[]>;
}
