import { postgresSchema } from '../../src/app/schema-of-storage.js';
import { describeWithPostgres } from '../support/services/index.js';
import { describePassThrough } from './pass-through-contract.js';
import { PostgresUnderTest } from './postgres-under-test.js';

describeWithPostgres('on PostgreSQL', () =>
  describePassThrough('PostgreSQL', () => PostgresUnderTest.open(postgresSchema)),
);
