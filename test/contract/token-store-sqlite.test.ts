import { openSqlite } from './storage-under-test.js';
import { describeTokenStore } from './token-store-contract.js';

describeTokenStore('SQLite', openSqlite);
