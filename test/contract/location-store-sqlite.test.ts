import { describeLocationStore, type LocationStoreUnderTest } from './location-store-contract.js';
import { SqliteWorld } from './sqlite-stores.js';

describeLocationStore('SQLite', async (): Promise<LocationStoreUnderTest> => {
  const world = await SqliteWorld.open();
  return {
    get store() {
      return world.locations;
    },
    get feed() {
      return world.storage.changes;
    },
    reopen: () => world.reopen(),
    release: () => world.release(),
  };
});
