import type { ModuleId } from '../../kernel/module-id.js';
import type { Oddity } from '../../kernel/oddity.js';
import type { ChangeKind } from './change-feed.js';
import type { DocumentList } from './document-list.js';
import type { OddityCount } from './oddity-counts.js';

/** A kind of stored documents: Locations, Tariffs… */
export interface DocumentKind {
  readonly module: ModuleId;
  /** Where SQLite keeps them; PostgreSQL keeps all kinds in one table. */
  readonly table: string;
  /** Column of that table with the id alone, upper case. */
  readonly idColumn: string;
}

/** What names a document. All parts are upper case, as ids compare without case (D-01). */
export interface DocumentKey {
  /** Owner and id: `DE/CP1/LOC1`. */
  readonly key: string;
  /** The id alone: `LOC1`. */
  readonly id: string;
  /** Party key of the owner: `DE/CP1`. */
  readonly owner: string;
}

export interface StoredDocument {
  /** JSON text as its owner sent it, merged with what was patched. */
  readonly document: string;
  /** ms since the epoch */
  readonly lastUpdated: number;
}

/** What is told to others of a change. */
export interface News {
  readonly kind: ChangeKind;
  /** The object, where it is something inside the document: `DE/CP1/LOC1/EVSE1`. */
  readonly object?: string;
  /** With PATCH: the text of the merge patch, a flat object. */
  readonly patch?: string;
}

/** What is to become of a document, and what the caller is told. */
export type DocumentDecision<R> =
  /** Nothing changes and nobody is told. */
  | { readonly kind: 'keep'; readonly result: R }
  | {
      readonly kind: 'store';
      readonly result: R;
      readonly document: string;
      /** ms since the epoch */
      readonly lastUpdated: number;
      /** What is odd about it; undefined = not looked at, keep what is known. */
      readonly oddities?: readonly Oddity[];
      readonly news: News;
    }
  /** Of what is not there nothing is removed, and nobody is told. */
  | { readonly kind: 'remove'; readonly result: R; readonly news: News };

export interface WriteContext {
  readonly correlationId: string;
  /** ms since the epoch */
  readonly now: number;
}

/**
 * Stored documents of one kind, the same for every database.
 *
 * Each change takes its place in the change sequence in the transaction that stores it. Every method rejects with
 * StorageUnavailable if the database cannot be used; then nothing was stored as far as anybody was promised.
 */
export interface DocumentTable {
  readonly list: DocumentList;
  /**
   * Reads a document, lets `decide` judge, and stores the outcome, as one step against all other writers of any node. `decide` is
   * pure, may be asked more than once, and may throw to refuse. Resolves once the outcome is durable.
   */
  change<R>(
    key: DocumentKey,
    context: WriteContext,
    decide: (current: StoredDocument | undefined) => DocumentDecision<R>,
  ): Promise<R>;
  /** @param key `DE/CP1/LOC1` */
  find(key: string): Promise<string | undefined>;
  /** All documents of this id (upper case), of these owners (party keys) if given; at most `limit`. */
  findById(id: string, owners: readonly string[] | undefined, limit: number): Promise<readonly string[]>;
  /**
   * Takes documents out that a complete list of their owner (party key) no longer holds (`present`: upper-case ids). What
   * changed at or after `since`, when the reading of that list began (ms), stays. Returns how many.
   */
  removeAbsent(owner: string, present: ReadonlySet<string>, since: number, context: WriteContext): Promise<number>;
  /** How many are stored, of these owners (party keys) or in all. */
  countOf(owners?: readonly string[]): Promise<number>;
  /** Counts and samples of what is odd about the stored documents. */
  oddities(): Promise<readonly OddityCount[]>;
}
