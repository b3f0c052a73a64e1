import { openHereFile } from '../../src/extensions/here/store/here-file.sqlite.js';
import { SqliteLiveStore } from '../../src/extensions/here/store/live-store.sqlite.js';
import { openSqlite, type StorageUnderTest } from '../contract/storage-under-test.js';
import { describeLivePlaces } from './here-live-cases.js';

const stores = new WeakMap<StorageUnderTest, SqliteLiveStore>();

describeLivePlaces('SQLite', {
  open: openSqlite,
  store: (under) => {
    let store = stores.get(under);
    if (!store) {
      store = new SqliteLiveStore(openHereFile({ file: ':memory:', warn: () => undefined }));
      stores.set(under, store);
    }
    return store;
  },
});
