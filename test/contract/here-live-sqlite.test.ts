import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from '@jest/globals';
import type { Database } from 'better-sqlite3';
import { openHereFile } from '../../src/extensions/here/store/here-file.sqlite.js';
import { SqliteLiveStore } from '../../src/extensions/here/store/live-store.sqlite.js';
import { describeLiveStore } from './here-live-contract.js';

describeLiveStore('SQLite', async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'roamhub-live-'));
  const file = path.join(directory, 'here.sqlite');
  let db: Database | undefined;
  return {
    open: async () => {
      db?.close();
      db = openHereFile({ file, warn: (detail) => expect(detail).toBe('') });
      return new SqliteLiveStore(db);
    },
    release: async () => {
      db?.close();
      rmSync(directory, { recursive: true });
    },
  };
});
