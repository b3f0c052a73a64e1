import { describePassThrough } from './pass-through-contract.js';
import { openSqlite } from './storage-under-test.js';

describePassThrough('SQLite', openSqlite);
