import { describeWithPostgres } from '../support/services/index.js';
import { describePartners } from './partners-contract.js';
import { partnersOnPostgres } from './partners-under-test.js';

describeWithPostgres('contract', () => describePartners('PostgreSQL', partnersOnPostgres));
