import { PostgresEvHistory1700000122000 } from '../../src/extensions/here/predictions/migrations/postgres/1700000122000-ev-history.js';
import { PostgresRows } from '../../src/platform/forwarding/index.js';
import { describeWithPostgres } from '../support/services/index.js';
import { describeHistory } from './here-history-contract.js';
import { PostgresUnderTest } from './postgres-under-test.js';

describeWithPostgres('history', () => {
  describeHistory('PostgreSQL', async () => {
    const under = await PostgresUnderTest.open({ entities: [], migrations: [PostgresEvHistory1700000122000] });
    return {
      nodes: [new PostgresRows(under.storage), new PostgresRows(await under.node())],
      release: () => under.release(),
    };
  });
});
