import { type ChangeFeedUnderTest, describeChangeFeed } from './change-feed-contract.js';
import { SqliteWorld } from './sqlite-stores.js';

describeChangeFeed('SQLite', async (): Promise<ChangeFeedUnderTest> => {
  const world = await SqliteWorld.open();
  return {
    get feed() {
      return world.storage.changes;
    },
    record: (...changes) =>
      world.storage.write((tx) => changes.map((change) => world.storage.changes.record(tx, change))),
    undone: async (change) => {
      const undone = world.storage.write((tx) => {
        world.storage.changes.record(tx, change);
        throw new RangeError('undone');
      });
      await undone.catch((error: unknown) => {
        if (!(error instanceof RangeError)) throw error;
      });
    },
    reopen: () => world.reopen(),
    release: () => world.release(),
  };
});
