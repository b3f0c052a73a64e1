import { expect, it } from '@jest/globals';
import type { ObjectChange } from '../../src/platform/storage/index.js';
import { describeChangeFeed } from './change-feed-contract.js';
import { openSqlite, SqliteUnderTest } from './storage-under-test.js';

describeChangeFeed('SQLite', openSqlite);

it('knows nothing of a change whose transaction was undone, and neither does its head', async () => {
  const under = await SqliteUnderTest.open();
  const { changes } = under.storage;
  const put = (id: string): ObjectChange => ({
    module: 'locations',
    object: `DE/CP1/${id}`,
    laneKey: `DE/CP1/${id}`,
    owner: 'DE/CP1',
    kind: 'PUT',
    correlationId: 'c',
    recordedAt: 1,
  });
  try {
    await under.storage.write((tx) => changes.record(tx, put('LOC1')));
    const undone = under.storage.write((tx) => {
      changes.record(tx, put('LOC2'));
      throw new RangeError('undone');
    });
    await expect(undone).rejects.toThrow(RangeError);
    expect(changes.head()).toBe(1);
    expect(await under.storage.write((tx) => changes.record(tx, put('LOC3')))).toBeGreaterThan(1);
    expect((await changes.changesAfter(0, 10)).map((row) => row.object)).toEqual(['DE/CP1/LOC1', 'DE/CP1/LOC3']);
  } finally {
    await under.release();
  }
});
