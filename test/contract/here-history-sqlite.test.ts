import { SqliteRows } from '../../src/platform/forwarding/index.js';
import { describeHistory } from './here-history-contract.js';
import { SqliteUnderTest } from './storage-under-test.js';

describeHistory('SQLite', async () => {
  const under = await SqliteUnderTest.open();
  const rows = new SqliteRows(under.storage, { now: () => 0 });
  return { nodes: [rows, rows], release: () => under.release() };
});
