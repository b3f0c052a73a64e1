import { describeAgreements } from './agreements-contract.js';
import { agreementsOnSqlite } from './agreements-under-test.js';

describeAgreements('SQLite', agreementsOnSqlite);
