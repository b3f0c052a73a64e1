import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Clock } from '../kernel/clock.js';
import type { DatabaseConfig } from '../platform/config/index.js';
import { type LaneStore, PostgresLaneStore, SqliteLaneStore } from '../platform/delivery/index.js';
import { type DurableRows, PostgresRows, SqliteRows } from '../platform/forwarding/index.js';
import { type SharedDatabase, SharedTurns, type Turns } from '../platform/partners/index.js';
import {
  PostgresPullSchedule,
  PostgresPullStateStore,
  type PullSchedule,
  type PullStateStore,
  pullTurnPrefix,
  SqlitePullStateStore,
} from '../platform/pull/index.js';
import { type HubStorage, PostgresStorage, SqliteStorage } from '../platform/storage/index.js';
import { postgresSchema, sqliteSchema } from './schema-of-storage.js';

/** Everything that outlives the process, over the database that the operator chose. */
export interface Stores {
  readonly storage: HubStorage;
  readonly lanes: LaneStore;
  readonly pullStates: PullStateStore;
  /** The small tables of forwarding. */
  readonly rows: DurableRows;
  /** What nodes on one database have in common; undefined where one process owns it. */
  readonly shared: SharedStores | undefined;
}

export interface SharedStores {
  readonly database: SharedDatabase;
  readonly pulls: { readonly turns: Turns; readonly schedule: PullSchedule };
}

export interface StoresOptions {
  readonly clock: Clock;
  /** Where the name of this process among the nodes is kept, so that it has it again after a crash. */
  readonly dataDir: string;
  /** Nothing may be lost in a crash of the database's machine; only a development hub may do without. */
  readonly requireDurable: boolean;
  /** Told of each commit: how many writes, and how long until they were durable, ms. */
  readonly onCommit: (writes: number, durationMs: number) => void;
  /** Told when nothing could be stored. */
  readonly onFailure: (error: unknown) => void;
}

/** @throws StorageRefusal with one sentence for the operator */
export async function openStores(database: DatabaseConfig, options: StoresOptions): Promise<Stores> {
  const { clock, dataDir, requireDurable, onCommit, onFailure } = options;
  if (database.kind === 'sqlite') {
    const groupCommit = { onCommit, onFailure };
    const storage = await SqliteStorage.open({ file: database.file, ...sqliteSchema, groupCommit });
    return {
      storage,
      lanes: new SqliteLaneStore(storage, clock, 'hub'),
      pullStates: new SqlitePullStateStore(storage),
      rows: new SqliteRows(storage, clock),
      shared: undefined,
    };
  }
  const storage = await PostgresStorage.open({
    url: database.url,
    ...postgresSchema,
    node: keptNodeName(dataDir),
    requireDurable,
    onCommit,
    onFailure,
  });
  return {
    storage,
    lanes: new PostgresLaneStore(storage, storage.node),
    pullStates: new PostgresPullStateStore(storage),
    rows: new PostgresRows(storage),
    shared: {
      database: storage,
      pulls: { turns: new SharedTurns(storage), schedule: new PostgresPullSchedule(storage, pullTurnPrefix) },
    },
  };
}

/** The name that this data directory's process has among the nodes, made at its first start. */
function keptNodeName(dataDir: string): string {
  const file = path.join(dataDir, 'node-name');
  if (existsSync(file)) {
    const kept = readFileSync(file, 'utf8').trim();
    if (/^[\w-]{8,64}$/.test(kept)) return kept;
  }
  const name = randomUUID();
  writeFileSync(file, `${name}\n`);
  return name;
}
