import { describeKeptObjects } from './kept-objects-contract.js';
import { openSqlite } from './storage-under-test.js';

describeKeptObjects('SQLite', openSqlite);
