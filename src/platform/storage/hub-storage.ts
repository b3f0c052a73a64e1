import type { EntityManager } from 'typeorm';
import type { LiveChangeFeed } from './change-feed.js';
import type { DocumentKind, DocumentTable } from './document-table.js';

/** What a hub stores in, whichever database that is. */
export interface HubStorage {
  readonly kind: 'sqlite' | 'postgres';
  readonly changes: LiveChangeFeed;
  /** The documents of one kind; ask once and keep the answer. */
  documents(kind: DocumentKind): DocumentTable;
  /**
   * Runs asynchronous work of the object-relational mapper in one transaction, alone among all nodes. Short, never a network
   * call inside, and no other write of this storage awaited inside.
   * Rejects with what the work threw, or with StorageUnavailable if nothing could be stored.
   */
  transaction<T>(work: (manager: EntityManager) => Promise<T>): Promise<T>;
  /**
   * Takes or renews a duty that one node at a time has, such as the renewal of tokens, for `forMs`. Where one process owns the
   * database it is always granted.
   */
  duty(name: string, forMs: number): Promise<boolean>;
  /** Whether a write would be durable now. */
  probe(): Promise<boolean>;
  /** Waits for writes under way and lets the database go. */
  close(): Promise<void>;
}
