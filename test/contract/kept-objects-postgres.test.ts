import { describeWithPostgres } from '../support/services/index.js';
import { describeKeptObjects } from './kept-objects-contract.js';
import { openPostgres } from './postgres-under-test.js';

describeWithPostgres('on PostgreSQL', () => describeKeptObjects('PostgreSQL', openPostgres));
