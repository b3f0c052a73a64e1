import { SqliteRows } from '../../src/platform/forwarding/index.js';
import { describeReliability } from './here-reliability-contract.js';
import { SqliteUnderTest } from './storage-under-test.js';

describeReliability('SQLite', async () => {
  const under = await SqliteUnderTest.open();
  const rows = new SqliteRows(under.storage, { now: () => 0 });
  return { nodes: [rows, rows], release: () => under.release() };
});
