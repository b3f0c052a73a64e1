import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PostgresLiveStore } from '../../src/extensions/here/store/live-store.postgres.js';
import { PostgresLiveStatus1700000120000 } from '../../src/extensions/here/store/migrations/postgres/1700000120000-live-status.js';
import type { PostgresStorage } from '../../src/platform/storage/index.js';
import { PostgresUnderTest } from '../contract/postgres-under-test.js';
import { describeWithPostgres } from '../support/services/index.js';
import { describeLivePlaces } from './here-live-cases.js';
import { CutStore, keyOf, location, Owner, resumed, seen, Watched } from './here-live-world.js';

const schema = { entities: [], migrations: [PostgresLiveStatus1700000120000] };

describeWithPostgres('live places', () => {
  describeLivePlaces('PostgreSQL', {
    open: () => PostgresUnderTest.open(schema),
    store: (under) => new PostgresLiveStore(under.storage as PostgresStorage),
  });

  describe('of two nodes on one database', () => {
    let under: PostgresUnderTest;
    let watched: Watched[];

    beforeEach(async () => {
      under = await PostgresUnderTest.open(schema);
      const other = await under.node();
      watched = [under.storage, other].map((node) => new Watched(node, new CutStore(new PostgresLiveStore(node))));
      for (const one of watched) await one.ready();
    });
    afterEach(async () => {
      for (const one of watched) await one.keeper.stop();
      await under.release();
    });

    it('end equal, and a consumer may go on with the other one', async () => {
      const [one, two] = watched as [Watched, Watched];
      const owners = [new Owner(under.storage), new Owner(await under.node())];
      const ids = Array.from({ length: 12 }, (_, n) => `L${n}`);
      const evses = ['E1', 'E2', 'E3'].map((uid) => ({ uid }));
      for (const id of ids) await owners[0]?.put(location(id, evses));
      await Promise.all(watched.map((node) => node.caughtUp()));
      const offset = one.keeper.offset;
      const statuses = ['CHARGING', 'AVAILABLE', 'BLOCKED', 'UNKNOWN', 'RESERVED'];
      await Promise.all(
        owners.map(async (owner, node) => {
          for (let n = 0; n < 150; n++) {
            const id = ids[(n * 5 + node) % ids.length] ?? '';
            await owner.status(id, `E${(n % 2) + 1}`, statuses[(n * 3 + node) % 5] ?? '', 2_000 + n * 10 + node);
            if (n % 40 === 20)
              await owner.put(location(id, evses.slice(0, 2), { last_updated: '2026-01-01T00:00:00Z' }));
          }
        }),
      );
      await owners[0]?.remove('L0');
      await Promise.all(watched.map((node) => node.caughtUp()));
      expect(seen(one.keeper)).toEqual(seen(two.keeper));
      expect(one.keeper.find(keyOf('L0'))).toBeUndefined();
      expect(resumed(one.keeper, offset)).toEqual(resumed(two.keeper, offset));
      await Promise.all(watched.map((node) => node.keeper.stop()));
      const [three] = await Promise.all([
        new Watched(under.storage, new CutStore(new PostgresLiveStore(under.storage))).ready(),
      ]);
      watched.push(three);
      expect(seen(three.keeper)).toEqual(seen(one.keeper));
      for (const [name, status] of resumed(one.keeper, offset))
        expect([name, resumed(three.keeper, offset).get(name)]).toEqual([name, status]);
    });
  });
});
