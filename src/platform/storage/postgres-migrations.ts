import pg from 'pg';
import { DataSource, type EntitySchema } from 'typeorm';
import { PostgresDocuments1700000100000 } from './migrations/postgres/1700000100000-documents.js';
import { checkServer, refuseNewer } from './postgres-checks.js';
import { type ConnectionSettings, connectionOptions } from './postgres-pools.js';
import type { MigrationClass } from './sqlite-storage.js';

/** Two halves of an advisory lock's name: the hub, and what is locked. */
export const lockOf = { migration: '7401, 1', transaction: '7401, 2' } as const;

/** Longest that a node waits while another one migrates, ms. */
const migrationWait = 120_000;

/** What the mapper needs of a database; its connections hang no longer than ours. */
export function createDataSource(
  settings: ConnectionSettings,
  entities: readonly EntitySchema[],
  migrations: readonly MigrationClass[],
  poolSize: number,
): DataSource {
  const { connectionString: url, ...extra } = connectionOptions(settings);
  // Ids of the mapper's tables are text, and its entities read bigint in either form.
  return new DataSource({
    type: 'postgres',
    driver: pg,
    url: url ?? settings.url,
    entities: [...entities],
    migrations: [PostgresDocuments1700000100000, ...migrations],
    migrationsTransactionMode: 'each',
    synchronize: false,
    installExtensions: false,
    poolSize,
    connectTimeoutMS: 3_000,
    poolErrorHandler: () => undefined,
    extra,
  });
}

/**
 * Checks the server and brings the tables up to date, one node at a time: the others wait and then find nothing to do.
 * @throws StorageRefusal with one sentence, or what the driver throws.
 */
export async function migrate(
  settings: ConnectionSettings,
  migrations: readonly MigrationClass[],
  durable: boolean,
): Promise<void> {
  const unhurried = { ...settings, statementTimeout: 0, lockTimeout: migrationWait };
  const client = new pg.Client(connectionOptions(unhurried));
  client.on('error', () => undefined);
  const dataSource = createDataSource(unhurried, [], migrations, 1);
  try {
    await client.connect();
    await checkServer(client, durable);
    await client.query(`SELECT pg_advisory_lock(${lockOf.migration})`);
    await dataSource.initialize();
    await refuseNewer(
      client,
      dataSource.migrations.map((migration) => migration.name ?? migration.constructor.name),
    );
    await dataSource.runMigrations();
  } finally {
    if (dataSource.isInitialized) await dataSource.destroy();
    // The lock goes with its connection.
    await client.end().catch(() => undefined);
  }
}
