import { postgresSchema } from '../../src/app/schema-of-storage.js';
import { describeWithPostgres } from '../support/services/index.js';
import { describeClientInfoStores } from './client-info-contract.js';
import { PostgresUnderTest } from './postgres-under-test.js';

describeWithPostgres('on PostgreSQL', () =>
  describeClientInfoStores('PostgreSQL', () => PostgresUnderTest.open(postgresSchema)),
);
