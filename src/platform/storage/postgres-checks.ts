import type pg from 'pg';
import { StorageRefusal } from './storage-error.js';

interface ServerSettings {
  version: string;
  encoding: string;
  recovery: boolean;
  read_only: string;
  synchronous_commit: string;
  fsync: string;
  full_page_writes: string;
}

/** Oldest major release that is asked for. */
const oldest = 13;

/**
 * Looks whether this server keeps what it acknowledges.
 * @param durable whether a server whose files may break in a crash (fsync, full_page_writes off) is a reason not to start
 * @throws StorageRefusal with one sentence.
 */
export async function checkServer(client: pg.Client, durable: boolean): Promise<void> {
  const { rows } = await client.query<ServerSettings>(
    `SELECT current_setting('server_version_num') AS version, current_setting('server_encoding') AS encoding,
       pg_is_in_recovery() AS recovery, current_setting('transaction_read_only') AS read_only,
       current_setting('synchronous_commit') AS synchronous_commit, current_setting('fsync') AS fsync,
       current_setting('full_page_writes') AS full_page_writes`,
  );
  const settings = rows[0];
  if (!settings) return;
  const major = Math.floor(Number(settings.version) / 10_000);
  if (major < oldest) throw new StorageRefusal(`PostgreSQL ${major} is too old; release ${oldest} or newer is needed.`);
  if (settings.encoding !== 'UTF8')
    throw new StorageRefusal(`The database's encoding is ${settings.encoding}; create one with UTF8.`);
  if (settings.recovery || settings.read_only === 'on')
    throw new StorageRefusal('The database takes no writes (a standby, or default_transaction_read_only is on).');
  const names = durable
    ? (['synchronous_commit', 'fsync', 'full_page_writes'] as const)
    : ['synchronous_commit' as const];
  for (const name of names)
    if (settings[name] === 'off')
      throw new StorageRefusal(
        `PostgreSQL's setting ${name} is off, so a crash could lose what was acknowledged; switch it on.`,
      );
}

/** Refuses a database that a later release has migrated: this one would misread it. */
export async function refuseNewer(client: pg.Client, migrations: readonly string[]): Promise<void> {
  const { rows: tables } = await client.query<{ there: boolean }>(
    "SELECT to_regclass('migrations') IS NOT NULL AS there",
  );
  if (!tables[0]?.there) return;
  const known = new Set(migrations);
  const { rows } = await client.query<{ name: string }>('SELECT name FROM migrations');
  if (rows.some((row) => !known.has(row.name)))
    throw new StorageRefusal('The database was written by a newer release of the hub; start that release instead.');
}
