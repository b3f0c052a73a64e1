import { PostgresEvKeys1700000118000 } from '../../src/extensions/here/http/migrations/postgres/1700000118000-ev-keys.js';
import { PostgresRows } from '../../src/platform/forwarding/index.js';
import { describeWithPostgres } from '../support/services/index.js';
import { describeEvKeys } from './here-keys-contract.js';
import { PostgresUnderTest } from './postgres-under-test.js';

describeWithPostgres('keys', () => {
  describeEvKeys('PostgreSQL', async () => {
    const under = await PostgresUnderTest.open({ entities: [], migrations: [PostgresEvKeys1700000118000] });
    return {
      nodes: [new PostgresRows(under.storage), new PostgresRows(await under.node())],
      release: () => under.release(),
    };
  });
});
