import type pg from 'pg';
import type { DataSource, EntityManager, EntitySchema } from 'typeorm';
import { changeChannel, PostgresChangeFeed } from './change-feed.postgres.js';
import type { DocumentKind, DocumentTable } from './document-table.js';
import { PostgresDocumentTable } from './document-table.postgres.js';
import type { HubStorage } from './hub-storage.js';
import { PostgresDocumentWriter } from './postgres-document-writer.js';
import { asUnavailable, isRetryable, refusalOf } from './postgres-error.js';
import { type NotificationListener, PostgresListener } from './postgres-listener.js';
import { createDataSource, lockOf, migrate } from './postgres-migrations.js';
import { PostgresNodeClaim } from './postgres-node-claim.js';
import { createPool, type RunQuery, runOn, type Statement } from './postgres-pools.js';
import type { MigrationClass } from './sqlite-storage.js';

export interface PostgresStorageOptions {
  /** `postgres://user:password@host:port/database`; with `sslmode` and `sslrootcert` as node-postgres knows them. */
  readonly url: string;
  readonly entities: readonly EntitySchema[];
  /** All migrations of the other folders for PostgreSQL, in any order; their names carry their time. */
  readonly migrations: readonly MigrationClass[];
  /** The name that this process had before it was killed; it gets it again unless another process lives under it. */
  readonly node?: string;
  /** Told of each commit of documents: how many writes, and how long it took until it was durable, in ms. */
  readonly onCommit?: (writes: number, durationMs: number) => void;
  /** Told when nothing could be stored. */
  readonly onFailure?: (error: unknown) => void;
  /**
   * Whether a server whose files a crash may break (fsync or full_page_writes off) is refused. Default true; false is for databases
   * that are thrown away after a test. With synchronous_commit off it is refused in any case.
   */
  readonly requireDurable?: boolean;
  /** Told when the database was replaced by an older state of itself. Default: the process ends, and its next start reads anew. */
  readonly onReversed?: () => void;
}

/** What a statement came to, as the caller knows its columns. */
export interface Rows<Row> {
  readonly rows: readonly Row[];
  readonly rowCount: number | null;
}

/** The head is asked for this often, ms, in case a notification was lost. */
const pollEvery = 1_000;

/**
 * A PostgreSQL database that several nodes share.
 *
 * Documents and their changes go through {@link documents}; stores of the platform run single statements by {@link query} and
 * {@link progress}; administration uses the mapper through {@link transaction}. What cannot be done at the moment is
 * StorageUnavailable, and works again, without a restart, once the database does.
 */
export class PostgresStorage implements HubStorage {
  readonly kind = 'postgres';
  readonly changes: PostgresChangeFeed;
  private readonly writer: PostgresDocumentWriter;
  private readonly reading: RunQuery;
  private readonly statement: RunQuery;
  private readonly unflushed: RunQuery;
  private readonly poll: NodeJS.Timeout;
  private turn: Promise<unknown> = Promise.resolve();
  private polling: Promise<unknown> | undefined;

  private constructor(
    private readonly claim: PostgresNodeClaim,
    private readonly dataSource: DataSource,
    private readonly hot: pg.Pool,
    private readonly service: pg.Pool,
    private readonly writing: pg.Pool,
    private readonly relaxed: pg.Pool,
    private readonly listener: PostgresListener,
    options: PostgresStorageOptions,
  ) {
    this.reading = mapped(runOn(hot));
    this.statement = mapped(runOn(service));
    this.unflushed = mapped(runOn(relaxed));
    this.changes = new PostgresChangeFeed(this.statement, options.onReversed ?? endProcess);
    this.writer = new PostgresDocumentWriter(runOn(writing), this.changes, options);
    listener.listen(changeChannel, (payload) => {
      if (payload === undefined) this.look();
      else this.changes.raise(Number(payload));
    });
    this.poll = setInterval(() => this.look(), pollEvery);
    this.poll.unref();
  }

  /**
   * Connects, checks that the server keeps what it acknowledges, and brings the tables up to date; several nodes may do so at
   * once.
   * @throws StorageRefusal with one sentence if the database cannot be reached or used, or is newer than this program.
   */
  static async open(options: PostgresStorageOptions): Promise<PostgresStorage> {
    const settings = { url: options.url, name: 'roamhub', statementTimeout: 5_000, lockTimeout: 2_000 };
    // Transactions of the mapper wait for one another; one whose node was frozen is ended by the server after 5 s.
    const mapper = { ...settings, name: 'roamhub admin', statementTimeout: 10_000, lockTimeout: 8_000 };
    const { entities, migrations, requireDurable = true } = options;
    try {
      await migrate({ ...settings, name: 'roamhub migration' }, migrations, requireDurable);
      const dataSource = createDataSource(mapper, entities, migrations, 3);
      await dataSource.initialize();
      const claim = await PostgresNodeClaim.take({ ...settings, name: 'roamhub node' }, options.node);
      const storage = new PostgresStorage(
        claim,
        dataSource,
        createPool(settings, 8),
        // Lanes, leases and the probe do not wait behind lists that somebody reads.
        createPool({ ...settings, name: 'roamhub service' }, 4),
        createPool({ ...settings, name: 'roamhub writer', session: writerSession }, 2),
        createPool({ ...settings, name: 'roamhub progress', session: ['synchronous_commit=off'] }, 2),
        new PostgresListener({ ...settings, name: 'roamhub listener' }),
        options,
      );
      await storage.changes.refresh().catch(async (error: unknown) => {
        await storage.close();
        throw error;
      });
      return storage;
    } catch (error) {
      throw refusalOf(error) ?? error;
    }
  }

  /** Name of this process, which no other living one has. */
  get node(): string {
    return this.claim.node;
  }

  documents(kind: DocumentKind): DocumentTable {
    return new PostgresDocumentTable(kind, this.reading, this.writer, this.changes);
  }

  /**
   * Runs one statement, committed and durable once it resolves; bigint comes as a number.
   * Rejects with what the server says, or with StorageUnavailable if the database cannot be used.
   */
  query<Row = pg.QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<Rows<Row>> {
    return this.statement({ text, values }) as Promise<pg.QueryResult & Rows<Row>>;
  }

  /** As {@link query}, but does not wait for the disk: a crash of the server may undo the last moments. */
  progress<Row = pg.QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<Rows<Row>> {
    return this.unflushed({ text, values }) as Promise<pg.QueryResult & Rows<Row>>;
  }

  /**
   * Runs work of the mapper in one transaction, alone among all nodes; run again, at most three times, if the server undid it
   * for the sake of others. Not to be awaited inside itself.
   */
  transaction<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    const result = this.turn.then(() => this.attempt(work, 3));
    this.turn = result.catch(() => undefined);
    return result;
  }

  /**
   * Calls `listener` for each notification on a channel, and without a payload whenever listening begins (again): anything may
   * have happened before. A hint, which may get lost: whoever listens must also look from time to time. Returns how to stop.
   */
  listen(channel: string, listener: NotificationListener): () => void {
    return this.listener.listen(channel, listener);
  }

  /** As declared, on the database's clock. False as well when the database cannot be asked. */
  async duty(name: string, forMs: number): Promise<boolean> {
    try {
      const { rows } = await this.query(
        `INSERT INTO hub_duty AS d (name, holder, ends_at)
           VALUES ($1, $2, clock_timestamp() + $3::DOUBLE PRECISION * INTERVAL '1 millisecond')
         ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, ends_at = excluded.ends_at
           WHERE d.holder = excluded.holder OR d.ends_at <= clock_timestamp()
         RETURNING 1 AS granted`,
        [name, this.node, forMs],
      );
      return rows.length > 0;
    } catch {
      return false;
    }
  }

  async probe(): Promise<boolean> {
    try {
      await this.query('UPDATE hub_probe SET n = n + 1');
      return true;
    } catch {
      return false;
    }
  }

  async close(): Promise<void> {
    clearInterval(this.poll);
    await this.turn;
    await this.writer.drain();
    await this.polling;
    await this.listener.close();
    await this.claim.close();
    await Promise.all([
      this.hot.end(),
      this.service.end(),
      this.writing.end(),
      this.relaxed.end(),
      this.dataSource.destroy(),
    ]);
  }

  private async attempt<T>(work: (manager: EntityManager) => Promise<T>, attempts: number): Promise<T> {
    try {
      return await this.dataSource.transaction(async (manager) => {
        await manager.query(`SELECT pg_advisory_xact_lock(${lockOf.transaction})`);
        return work(manager);
      });
    } catch (error) {
      if (attempts > 1 && isRetryable(error)) return this.attempt(work, attempts - 1);
      throw asUnavailable(error);
    }
  }

  private look(): void {
    // One at a time; a database that is away is asked again at the next turn.
    this.polling ??= this.changes
      .refresh()
      .catch(() => undefined)
      .finally(() => {
        this.polling = undefined;
      });
  }
}

/** The writer finds rows by their keys alone. A plan made while tables were small would go through them all for ever. */
const writerSession = ['enable_seqscan=off', 'enable_hashjoin=off', 'enable_mergejoin=off', 'jit=off'] as const;

/** Cursors and memories of this process are ahead of such a database: it would push nothing of what comes next. */
function endProcess(): void {
  setImmediate(() => {
    throw new Error('The database went back to an older state of itself; this process has to start anew.');
  });
}

/** As {@link runOn}, but a fault of the storage as a whole is StorageUnavailable. */
function mapped(run: RunQuery): RunQuery {
  return <Row extends pg.QueryResultRow>(statement: Statement) =>
    run<Row>(statement).catch((error: unknown) => {
      throw asUnavailable(error);
    });
}
