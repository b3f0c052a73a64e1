import { PostgresEvSessions1700000123000 } from '../../src/extensions/here/reliability/migrations/postgres/1700000123000-ev-sessions.js';
import { PostgresRows } from '../../src/platform/forwarding/index.js';
import { describeWithPostgres } from '../support/services/index.js';
import { describeReliability } from './here-reliability-contract.js';
import { PostgresUnderTest } from './postgres-under-test.js';

describeWithPostgres('reliability', () => {
  describeReliability('PostgreSQL', async () => {
    const under = await PostgresUnderTest.open({ entities: [], migrations: [PostgresEvSessions1700000123000] });
    return {
      nodes: [new PostgresRows(under.storage), new PostgresRows(await under.node())],
      release: () => under.release(),
    };
  });
});
