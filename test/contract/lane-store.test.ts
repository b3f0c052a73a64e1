import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { laneMigrations, SqliteLaneStore } from '../../src/platform/delivery/index.js';
import { MemoryLaneStore } from '../../src/platform/delivery/testing/memory-lane-store.js';
import { SqliteStorage } from '../../src/platform/storage/index.js';
import { describeLaneStore } from './lane-store-contract.js';

describeLaneStore('SQLite', async (time) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'roamhub-lanes-'));
  const file = path.join(folder, 'hub.sqlite');
  const storage = await SqliteStorage.open({ file, entities: [], migrations: laneMigrations });
  return {
    here: new SqliteLaneStore(storage, time, 'here'),
    there: new SqliteLaneStore(storage, time, 'there'),
    close: async () => {
      await storage.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
});

describeLaneStore('memory, for tests', async (time) => {
  const here = new MemoryLaneStore(time, 'here');
  return { here, there: here.as('there'), close: async () => undefined };
});
