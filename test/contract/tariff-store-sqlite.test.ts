import { SqliteWorld } from './sqlite-stores.js';
import { describeTariffStore, type TariffStoreUnderTest } from './tariff-store-contract.js';

describeTariffStore('SQLite', async (): Promise<TariffStoreUnderTest> => {
  const world = await SqliteWorld.open();
  return {
    get store() {
      return world.tariffs;
    },
    get feed() {
      return world.storage.changes;
    },
    reopen: () => world.reopen(),
    release: () => world.release(),
  };
});
