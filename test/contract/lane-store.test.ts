import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { laneMigrations, SqliteLaneStore } from '../../src/platform/delivery/index.js';
import type { FakeTime } from '../../src/platform/delivery/testing/fake-time.js';
import { MemoryLaneStore } from '../../src/platform/delivery/testing/memory-lane-store.js';
import { SqliteStorage } from '../../src/platform/storage/index.js';
import { describeLaneStore, type LaneStoresUnderTest } from './lane-store-contract.js';
import { describeOwed } from './lane-store-owed-contract.js';

const onSqlite = async (time: FakeTime): Promise<LaneStoresUnderTest> => {
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
};
const inMemory = async (time: FakeTime): Promise<LaneStoresUnderTest> => {
  const here = new MemoryLaneStore(time, 'here');
  return { here, there: here.as('there'), close: async () => undefined };
};

for (const describeThem of [describeLaneStore, describeOwed]) {
  describeThem('SQLite', onSqlite);
  describeThem('memory, for tests', inMemory);
}
