import { describeLocationStore } from './location-store-contract.js';
import { openSqlite } from './storage-under-test.js';

describeLocationStore('SQLite', openSqlite);
