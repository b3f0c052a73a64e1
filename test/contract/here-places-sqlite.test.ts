import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach } from '@jest/globals';
import type { Database } from 'better-sqlite3';
import { SqlitePlaceIndex } from '../../src/extensions/here/places/place-index.sqlite.js';
import { openHereFile } from '../../src/extensions/here/store/here-file.sqlite.js';
import { describePlaceIndex } from './here-places-contract.js';

let directory: string | undefined;
let db: Database | undefined;

const openFile = (): SqlitePlaceIndex => {
  db?.close();
  directory ??= mkdtempSync(path.join(tmpdir(), 'roamhub-places-'));
  db = openHereFile({
    file: path.join(directory, 'here.sqlite'),
    warn: (detail) => {
      throw new Error(detail);
    },
  });
  return new SqlitePlaceIndex(db);
};

afterEach(() => {
  db?.close();
  db = undefined;
  if (directory !== undefined) rmSync(directory, { recursive: true });
  directory = undefined;
});

describePlaceIndex('SQLite', { open: async () => openFile(), reopen: async () => openFile() });
