import type { Oddity } from '../../kernel/oddity.js';
import { ciKey, objectKey, type PartyRef, partyKey } from '../../kernel/party-ref.js';
import type {
  DocumentKey,
  DocumentKind,
  DocumentList,
  DocumentTable,
  OddityCount,
  WriteContext,
} from '../../platform/storage/index.js';

/** Tariffs as stored documents. */
export const tariffDocuments: DocumentKind = { module: 'tariffs', table: 'tariff', idColumn: 'tariff_key' };

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

/** Where Tariffs are kept, whichever the database. */
export class TariffStore {
  readonly list: DocumentList;

  /** @param table the documents of {@link tariffDocuments} */
  constructor(private readonly table: DocumentTable) {
    this.list = table.list;
  }

  /** Stores a Tariff with its place in the change sequence, as one step; resolves once that is durable. */
  put(key: TariffKey, write: TariffWrite, context: WriteContext): Promise<TariffOutcome> {
    const { document, lastUpdated, oddities, applyStale } = write;
    return this.table.change<TariffOutcome>(nameOf(key), context, (current) => {
      if (current && lastUpdated < current.lastUpdated && !applyStale) return { kind: 'keep', result: 'stale' };
      if (current?.document === document) return { kind: 'keep', result: 'identical' };
      const result = current ? 'replaced' : 'created';
      return { kind: 'store', result, document, lastUpdated, oddities, news: { kind: 'PUT' } };
    });
  }

  /** Takes a Tariff out; false if there was none (TA-04). */
  remove(key: TariffKey, context: WriteContext): Promise<boolean> {
    return this.table.change<boolean>(nameOf(key), context, (current) =>
      current ? { kind: 'remove', result: true, news: { kind: 'DELETE' } } : { kind: 'keep', result: false },
    );
  }

  find(key: TariffKey): Promise<string | undefined> {
    return this.table.find(objectKey(key, key.tariff_id));
  }

  /**
   * Takes out what a complete list of the owner no longer holds (P-16, TA-06; `present`: upper-case ids). What changed at or
   * after `since`, when the reading of that list began (ms), stays: the list may not have known it yet. Returns how many.
   */
  removeAbsent(owner: PartyRef, present: ReadonlySet<string>, since: number, context: WriteContext): Promise<number> {
    return this.table.removeAbsent(partyKey(owner), present, since, context);
  }

  /** How many are stored, of these owners or in all. */
  countOf(owners?: readonly PartyRef[]): Promise<number> {
    return this.table.countOf(owners && [...new Set(owners.map(partyKey))]);
  }

  /** Counts and samples of what is odd about the stored Tariffs. */
  oddities(): Promise<readonly OddityCount[]> {
    return this.table.oddities();
  }
}

function nameOf(key: TariffKey): DocumentKey {
  return { key: objectKey(key, key.tariff_id), id: ciKey(key.tariff_id), owner: partyKey(key) };
}
