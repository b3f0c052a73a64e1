import { describeWithPostgres } from '../support/services/index.js';
import { describeLocationStore } from './location-store-contract.js';
import { openPostgres } from './postgres-under-test.js';

describeWithPostgres('on PostgreSQL', () => describeLocationStore('PostgreSQL', openPostgres));
