import type { Clock } from '../../kernel/clock.js';
import { databaseNow } from '../partners/index.js';
import type { PostgresStorage, SqliteStorage } from '../storage/index.js';

/**
 * Single statements for the few small tables of forwarding, in SQL that both databases read; each is a transaction of its own.
 *
 * Values stand as `$1`, `$2`…, and `{now}` in the text is the present in ms since the epoch, by the clock that all nodes share.
 * Everything rejects with StorageUnavailable if the database cannot be used.
 */
export interface DurableRows {
  /** Resolves once what was written is on disk. */
  run<Row>(sql: string, values: readonly Value[]): Promise<readonly Row[]>;
  /** The same without waiting for the disk: a crash of the machine may undo it. */
  note(sql: string, values: readonly Value[]): Promise<void>;
}

export type Value = string | number | null;

type SqlitePart = Pick<SqliteStorage, 'write' | 'reader'>;
type Statement = ReturnType<SqlitePart['reader']['prepare']>;

/** In the SQLite file of this process. */
export class SqliteRows implements DurableRows {
  private readonly statements = new Map<string, Statement>();

  constructor(
    private readonly storage: SqlitePart,
    private readonly clock: Clock,
  ) {}

  async run<Row>(sql: string, values: readonly Value[]): Promise<readonly Row[]> {
    if (sql.startsWith('SELECT')) return this.rows<Row>(this.storage.reader, sql, values);
    return this.storage.write(({ db }) => this.rows<Row>(db, sql, values));
  }

  async note(sql: string, values: readonly Value[]): Promise<void> {
    await this.storage.write(({ db }) => this.rows(db, sql, values), { durable: false });
  }

  private rows<Row>(db: SqlitePart['reader'], sql: string, values: readonly Value[]): readonly Row[] {
    let statement = this.statements.get(sql);
    if (!statement) {
      statement = db.prepare(sql.replaceAll('{now}', '$now'));
      this.statements.set(sql, statement);
    }
    const bound: Record<string, Value> = { now: this.clock.now() };
    for (const [index, value] of values.entries()) bound[index + 1] = value;
    if (statement.reader) return statement.all(bound) as Row[];
    statement.run(bound);
    return [];
  }
}

/** In a PostgreSQL database that several nodes share. */
export class PostgresRows implements DurableRows {
  constructor(private readonly storage: Pick<PostgresStorage, 'query' | 'progress'>) {}

  async run<Row>(sql: string, values: readonly Value[]): Promise<readonly Row[]> {
    return (await this.storage.query<Row>(sql.replaceAll('{now}', databaseNow), values)).rows;
  }

  async note(sql: string, values: readonly Value[]): Promise<void> {
    await this.storage.progress(sql.replaceAll('{now}', databaseNow), values);
  }
}
