import pg from 'pg';

/** What every connection of a node has in common; times in ms. */
export interface ConnectionSettings {
  readonly url: string;
  /** What the server shows of this connection in pg_stat_activity. */
  readonly name: string;
  readonly statementTimeout: number;
  readonly lockTimeout: number;
  /** Server settings of the session, such as `synchronous_commit=off`. */
  readonly session?: readonly string[];
}

/** Ids and times fit a number: 2^53 changes, or years. */
const types = {
  getTypeParser: ((oid: number, format: 'text' | 'binary') =>
    oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
};

/**
 * Options for one connection. Whoever hangs is cut off: 3 s to connect, and the server ends statements, waits for locks and
 * idle transactions; a server that went silent is given up a little later than it would have answered.
 */
export function connectionOptions(settings: ConnectionSettings): pg.ClientConfig {
  const session = ['default_transaction_isolation=read\\ committed', ...(settings.session ?? [])];
  // What the URL itself sets comes first: in the URL it would replace ours.
  const url = new URL(settings.url);
  const given = url.searchParams.get('options') ?? '';
  url.searchParams.delete('options');
  return {
    connectionString: url.href,
    application_name: settings.name,
    connectionTimeoutMillis: 3_000,
    statement_timeout: settings.statementTimeout,
    lock_timeout: settings.lockTimeout,
    idle_in_transaction_session_timeout: 5_000,
    ...(settings.statementTimeout === 0 ? {} : { query_timeout: settings.statementTimeout + 3_000 }),
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    options: [given, ...session.map((setting) => `-c ${setting}`)].join(' '),
    types,
  };
}

/** A pool whose idle connections may break without harm: the next query gets a new one. */
export function createPool(settings: ConnectionSettings, max: number): pg.Pool {
  const pool = new pg.Pool({ ...connectionOptions(settings), max, idleTimeoutMillis: 60_000 });
  // Whoever uses the next connection learns soon enough that the server is gone.
  pool.on('error', () => undefined);
  return pool;
}

/** A statement; with a name it is parsed and planned once for each connection. */
export interface Statement {
  readonly name?: string;
  readonly text: string;
  readonly values?: readonly unknown[];
}

/** Runs one statement in a transaction of its own. */
export type RunQuery = <Row extends pg.QueryResultRow>(statement: Statement) => Promise<pg.QueryResult<Row>>;

/** Runs statements on any connection of a pool; rejects with what the driver throws. */
export function runOn(pool: pg.Pool): RunQuery {
  return <Row extends pg.QueryResultRow>({ values, ...statement }: Statement) =>
    pool.query<Row>(values === undefined ? statement : { ...statement, values: [...values] });
}
