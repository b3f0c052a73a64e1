import { existsSync } from 'node:fs';
import Database, { type Database as SqliteDatabase } from 'better-sqlite3';
import { DataSource, type EntityManager, type EntitySchema, type MigrationInterface } from 'typeorm';
import { SqliteChangeLog } from './change-log.sqlite.js';
import type { DocumentKind } from './document-table.js';
import { SqliteDocumentTable } from './document-table.sqlite.js';
import { lockDatabaseFile } from './file-lock.js';
import { GroupCommit, type GroupCommitOptions, type WriteOptions } from './group-commit.js';
import type { HubStorage } from './hub-storage.js';
import { ObjectChange1700000000000 } from './migrations/1700000000000-object-change.js';
import { codeOf, isStorageFault, StorageRefusal, StorageUnavailable } from './storage-error.js';
import { rewriteLog } from './wal-rewrite.js';
import { type LogSync, WalSync } from './wal-sync.js';
import type { WriteJob } from './write-batch.js';

export type MigrationClass = new () => MigrationInterface;

export interface SqliteStorageOptions {
  /** Path of the database file; its directory must exist. */
  readonly file: string;
  readonly entities: readonly EntitySchema[];
  /** All migrations of the modules, in any order; their names carry their time. */
  readonly migrations: readonly MigrationClass[];
  readonly groupCommit?: Omit<GroupCommitOptions, 'sync'>;
  /** What flushes the log, from the path of the database file; else {@link WalSync}. */
  readonly openLog?: (file: string) => LogSync;
}

/**
 * The embedded store: one SQLite file in WAL mode, durable before anybody is answered, owned by one process.
 *
 * There is one writing connection. Hot paths hand jobs to {@link write}; administration uses the object-relational mapper
 * through {@link transaction}; both take turns. Reads go through {@link reader}, a second, read-only connection
 * that sees committed rows only.
 */
export class SqliteStorage implements HubStorage {
  readonly kind = 'sqlite';
  readonly changes: SqliteChangeLog;
  private readonly commits: GroupCommit;
  private readonly tables = new Map<string, SqliteDocumentTable>();

  private probing: Promise<boolean> | undefined;

  private constructor(
    readonly dataSource: DataSource,
    /** Read-only connection for committed state. */
    readonly reader: SqliteDatabase,
    readonly writer: SqliteDatabase,
    private readonly unlock: () => void,
    private readonly sync: LogSync,
    private readonly options: SqliteStorageOptions,
  ) {
    this.commits = new GroupCommit(writer, { ...options.groupCommit, sync });
    this.changes = new SqliteChangeLog(writer, reader, () => this.commits.settled());
  }

  /**
   * Opens the file, takes its lock, checks that settings hold and brings the tables up to date.
   * @throws StorageRefusal with one sentence if the file is in use, newer than this program, no database, or cannot be made durable.
   */
  static async open(options: SqliteStorageOptions): Promise<SqliteStorage> {
    try {
      return await SqliteStorage.openLocked(options, lockDatabaseFile(options.file));
    } catch (error) {
      const code = codeOf(error);
      if (!isStorageFault(error) && code !== 'SQLITE_PERM' && code !== 'SQLITE_AUTH') throw error;
      throw new StorageRefusal(`The database ${options.file} cannot be used (${code}).`);
    }
  }

  private static async openLocked(options: SqliteStorageOptions, unlock: () => void): Promise<SqliteStorage> {
    const dataSource = new DataSource({
      type: 'better-sqlite3',
      database: options.file,
      entities: [...options.entities],
      migrations: [ObjectChange1700000000000, ...options.migrations],
      migrationsTransactionMode: 'each',
      synchronize: false,
      prepareDatabase: (db: unknown) => prepare(db as SqliteDatabase),
    });
    try {
      await dataSource.initialize();
      await refuseNewer(dataSource, options.file);
      await dataSource.runMigrations();
      const writer = (dataSource.driver as unknown as { databaseConnection: SqliteDatabase }).databaseConnection;
      assertDurable(writer);
      const reader = new Database(options.file, { readonly: true });
      reader.pragma('query_only = ON');
      const sync = options.openLog?.(options.file) ?? new WalSync(options.file);
      return new SqliteStorage(dataSource, reader, writer, unlock, sync, options);
    } catch (error) {
      if (dataSource.isInitialized) await dataSource.destroy();
      unlock();
      throw error;
    }
  }

  documents(kind: DocumentKind): SqliteDocumentTable {
    // One for each table: it mirrors in memory what it stores.
    let table = this.tables.get(kind.table);
    if (!table) {
      table = new SqliteDocumentTable(this, kind);
      this.tables.set(kind.table, table);
    }
    return table;
  }

  /** Runs a synchronous job in the next group commit. See {@link GroupCommit.write}. */
  write<T>(job: WriteJob<T>, options?: WriteOptions): Promise<T> {
    return this.commits.write(job, options);
  }

  /**
   * Runs asynchronous work in one transaction of the mapper. Short, never a network call inside, and neither
   * {@link write} nor another transaction awaited inside: both would wait for this one.
   * Rejects with what the work threw, or with {@link StorageUnavailable} if nothing could be stored.
   */
  async transaction<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    try {
      return await this.commits.exclusive(() => this.dataSource.transaction(work));
    } catch (error) {
      throw isStorageFault(error) ? new StorageUnavailable(error) : error;
    }
  }

  /** Always granted: no other process has the file. */
  async duty(): Promise<boolean> {
    return true;
  }

  /** Whether a write would reach the disk now. After a failed flush this is what makes sure of the log and lets writes go on. */
  probe(): Promise<boolean> {
    this.probing ??= this.tryWrite().finally(() => {
      this.probing = undefined;
    });
    return this.probing;
  }

  private async tryWrite(): Promise<boolean> {
    // Rewrites the file's header: proves that the disk takes a commit.
    const writeHeader = (): Promise<unknown> => this.write(({ db }) => db.pragma('user_version = 1'));
    try {
      if (this.commits.inDoubt) await this.commits.recover(() => this.rewriteLog());
      await writeHeader().catch((error: unknown) => {
        if (this.commits.inDoubt) throw error;
        // On a full disk the log may be what takes the room.
        this.fold();
        return writeHeader();
      });
      return true;
    } catch {
      return false;
    }
  }

  private async rewriteLog(): Promise<void> {
    // A descriptor is told once of each failure; what this one has not been told yet is older than the proof.
    await this.sync.durable().catch(() => undefined);
    const [state] = this.writer.pragma('wal_checkpoint(NOOP)') as { log: number }[];
    await rewriteLog(`${this.options.file}-wal`, state?.log ?? 0);
    await this.sync.durable();
  }

  /** Waits for writes under way, folds the log into the file and gives the lock back. */
  async close(): Promise<void> {
    await this.commits.drain();
    if (this.commits.inDoubt) await this.probe();
    // Of a log that is perhaps not whole on disk nothing may go into the file: the next start sorts out what is there.
    const whole = !this.commits.inDoubt;
    await this.sync.close();
    this.reader.close();
    if (whole) {
      this.fold();
      await this.dataSource.destroy();
    }
    this.unlock();
  }

  /** Folds the log into the file and gives its room back. Where the disk does not take that now, the log stays. */
  private fold(): void {
    try {
      this.writer.pragma('wal_checkpoint(TRUNCATE)');
    } catch (error) {
      if (!isStorageFault(error)) throw error;
    }
  }
}

function prepare(db: SqliteDatabase): void {
  // The log is flushed by WalSync after each commit; SQLite itself flushes where the log is folded into the file.
  db.pragma('synchronous = NORMAL');
  db.pragma('journal_mode = WAL');
  db.pragma('foreign_keys = ON');
  db.pragma('busy_timeout = 5000');
  db.pragma('journal_size_limit = 134217728');
  db.pragma('trusted_schema = OFF');
  // SQLite walks its whole cache at each commit: a small one costs less, and the system keeps the file's pages anyway.
  db.pragma('cache_size = -16384');
  // Pages that change often are folded into the file once per 64 MB of log, not once per few commits.
  db.pragma('wal_autocheckpoint = 16384');
}

function assertDurable(db: SqliteDatabase): void {
  const mode = db.pragma('journal_mode', { simple: true });
  const synchronous = db.pragma('synchronous', { simple: true });
  if (mode !== 'wal' || synchronous !== 1)
    throw new StorageRefusal(
      `The database cannot be made durable (journal_mode ${mode}, synchronous ${synchronous}); is it on a network file system?`,
    );
}

/** Refuses a file that a later release has migrated: this one would misread it. */
async function refuseNewer(dataSource: DataSource, file: string): Promise<void> {
  if (!existsSync(file)) return;
  const tables = (await dataSource.query("SELECT 1 FROM sqlite_master WHERE name = 'migrations'")) as unknown[];
  if (tables.length === 0) return;
  const known = new Set(dataSource.migrations.map((migration) => migration.name));
  const applied = (await dataSource.query('SELECT name FROM migrations')) as { name: string }[];
  const unknown = applied.find((row) => !known.has(row.name));
  if (unknown)
    throw new StorageRefusal(
      `The database ${file} was written by a newer release of the hub; start that release instead.`,
    );
}
