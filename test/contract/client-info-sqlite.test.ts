import { describeClientInfoStores } from './client-info-contract.js';
import { openSqlite } from './storage-under-test.js';

describeClientInfoStores('SQLite', openSqlite);
