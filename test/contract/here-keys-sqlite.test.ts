import { SqliteRows } from '../../src/platform/forwarding/index.js';
import { describeEvKeys } from './here-keys-contract.js';
import { SqliteUnderTest } from './storage-under-test.js';

describeEvKeys('SQLite', async () => {
  const under = await SqliteUnderTest.open();
  const rows = new SqliteRows(under.storage, { now: () => 0 });
  return { nodes: [rows, rows], release: () => under.release() };
});
