import { describeWithPostgres } from '../support/services/index.js';
import { describeChangeFeed } from './change-feed-contract.js';
import { openPostgres } from './postgres-under-test.js';

describeWithPostgres('on PostgreSQL', () => describeChangeFeed('PostgreSQL', openPostgres));
