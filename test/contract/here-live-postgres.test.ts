import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PostgresLiveStore } from '../../src/extensions/here/store/live-store.postgres.js';
import { PostgresLiveStatus1700000120000 } from '../../src/extensions/here/store/migrations/postgres/1700000120000-live-status.js';
import { describeWithPostgres } from '../support/services/index.js';
import { describeLiveStore } from './here-live-contract.js';
import { PostgresUnderTest } from './postgres-under-test.js';

describeWithPostgres('live status store', () => {
  let under: PostgresUnderTest;

  beforeAll(async () => {
    under = await PostgresUnderTest.open({ entities: [], migrations: [PostgresLiveStatus1700000120000] });
  });
  afterAll(() => under?.release());

  describeLiveStore('PostgreSQL', async () => {
    await under.storage.query('TRUNCATE live_status, live_removal, live_position');
    return {
      open: async () => new PostgresLiveStore(under.storage),
      release: async () => undefined,
    };
  });

  describe('of several nodes', () => {
    it('takes the same rows from both at once, and the newer ones stay', async () => {
      const other = await under.node();
      const stores = [new PostgresLiveStore(under.storage), new PostgresLiveStore(other)];
      const keys = Array.from({ length: 200 }, (_, n) => `NL/VLT/L${n}`);
      await Promise.all(
        stores.flatMap((store, node) =>
          Array.from({ length: 5 }, (_, turn) =>
            store.write({
              statuses: (node === 0 ? keys : [...keys].reverse()).map((key) => ({
                key,
                offset: 1_000 + turn,
                text: `at ${1_000 + turn}`,
              })),
              removals: [],
              cursor: 1_000 + turn,
              floor: 0,
            }),
          ),
        ),
      );
      const rows = await stores[0]?.read(keys);
      expect(rows?.size).toBe(200);
      expect(new Set(rows?.values())).toEqual(new Set(['at 1004']));
    });
  });
});
