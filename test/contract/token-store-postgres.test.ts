import { describeWithPostgres } from '../support/services/index.js';
import { openPostgres } from './postgres-under-test.js';
import { describeTokenStore } from './token-store-contract.js';

describeWithPostgres('on PostgreSQL', () => describeTokenStore('PostgreSQL', openPostgres));
