/** What a database that several nodes share offers besides transactions. */
export interface SharedDatabase {
  /** One statement, a transaction of its own. Rejects with StorageUnavailable if the database cannot be used. */
  query<Row>(sql: string, values: readonly unknown[]): Promise<{ readonly rows: readonly Row[] }>;
  /**
   * Calls `listener` with the text of each notification on a channel, and with `undefined` when listening begins (again). Notifications may
   * be lost. Returns how to end that.
   */
  listen(channel: string, listener: (text: string | undefined) => void): () => void;
}

/** Now in ms since the epoch by the database's clock: nodes' own clocks differ. */
export const databaseNow = 'floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint';
