import path from 'node:path';
import { PostgresStorage } from '../../platform/storage/index.js';
import type { HereParts } from './here-parts.js';
import type { PlaceIndex } from './places/place-index.js';
import { PostgresPlaceIndex } from './places/place-index.postgres.js';
import { SqlitePlaceIndex } from './places/place-index.sqlite.js';
import { openHereFile } from './store/here-file.sqlite.js';
import type { LiveStore } from './store/live-store.js';
import { PostgresLiveStore } from './store/live-store.postgres.js';
import { SqliteLiveStore } from './store/live-store.sqlite.js';

/** The file beside a SQLite database, in the data directory. */
const fileName = 'here.sqlite';

/** What is derived from stored objects and outlives the process. */
export interface HereStores {
  readonly live: LiveStore;
  readonly places: PlaceIndex;
  /** Lets the file go. */
  close(): void;
}

/** Beside a SQLite database in a file of its own; in PostgreSQL in its tables, which all nodes share. */
export function openHereStores({ storage, dataDir, warn }: HereParts): HereStores {
  if (storage instanceof PostgresStorage)
    return {
      live: new PostgresLiveStore(storage),
      places: new PostgresPlaceIndex(storage),
      close: () => undefined,
    };
  const db = openHereFile({
    file: path.join(dataDir, fileName),
    warn: (detail) => warn('ev.file-put-aside', { detail }),
  });
  return { live: new SqliteLiveStore(db), places: new SqlitePlaceIndex(db), close: () => void db.close() };
}
