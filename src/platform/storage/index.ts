export type { ChangeFeed, ChangeKind, ChangeRow, LiveChangeFeed, ObjectChange } from './change-feed.js';
export { SqliteChangeLog } from './change-log.sqlite.js';
export type { DocumentList, ListFilter, ListPage, ListQuery, PageValidity } from './document-list.js';
export type {
  DocumentDecision,
  DocumentKey,
  DocumentKind,
  DocumentTable,
  News,
  StoredDocument,
  WriteContext,
} from './document-table.js';
export type { WriteOptions } from './group-commit.js';
export type { HubStorage } from './hub-storage.js';
export { countOddities, type OddityCount } from './oddity-counts.js';
export { isPostgresFault } from './postgres-error.js';
export type { NotificationListener } from './postgres-listener.js';
export { PostgresStorage, type PostgresStorageOptions } from './postgres-storage.js';
export { type MigrationClass, SqliteStorage, type SqliteStorageOptions } from './sqlite-storage.js';
export { isStorageFault, StorageRefusal, StorageUnavailable } from './storage-error.js';
export type { WriteJob, WriteTransaction } from './write-batch.js';
