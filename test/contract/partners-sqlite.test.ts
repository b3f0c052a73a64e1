import { describePartners } from './partners-contract.js';
import { partnersOnSqlite } from './partners-under-test.js';

describePartners('SQLite', partnersOnSqlite);
