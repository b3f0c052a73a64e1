import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PostgresPlaces1700000121000 } from '../../src/extensions/here/places/migrations/postgres/1700000121000-places.js';
import { PostgresPlaceIndex } from '../../src/extensions/here/places/place-index.postgres.js';
import type { PostgresStorage } from '../../src/platform/storage/index.js';
import { describeWithPostgres } from '../support/services/index.js';
import { describePlaceIndex, placeRowAt } from './here-places-contract.js';
import { PostgresUnderTest } from './postgres-under-test.js';

describeWithPostgres('places', () => {
  let under: PostgresUnderTest;
  let other: PostgresStorage;

  beforeAll(async () => {
    under = await PostgresUnderTest.open({ entities: [], migrations: [PostgresPlaces1700000121000] });
    other = await under.node();
  });
  afterAll(async () => {
    await under?.release();
  });
  const empty = async (): Promise<PostgresPlaceIndex> => {
    await under.storage.query('TRUNCATE ev_place, ev_place_point, ev_place_name');
    return new PostgresPlaceIndex(under.storage);
  };

  describePlaceIndex('PostgreSQL', {
    open: empty,
    reopen: async () => new PostgresPlaceIndex(other),
  });

  describe('of several nodes', () => {
    it('takes the same rows from both at once', async () => {
      const [one, two] = [await empty(), new PostgresPlaceIndex(other)];
      const rows = (offset: number) =>
        Array.from({ length: 300 }, (_, n) => placeRowAt(`L${n}`, offset, n / 10, { offset }));
      await Promise.all(
        [1, 3, 2, 5, 4].flatMap((offset) => [one.write(rows(offset), []), two.write(rows(offset).reverse(), [])]),
      );
      const [found = []] = await two.inBoxes([{ south: 5, west: -1, north: 5, east: 31 }], {}, 1_000);
      expect(new Set(found.map(({ key }) => key)).size).toBe(300);
      expect(new Set((await one.offsets()).values())).toEqual(new Set([5]));
    });
  });
});
