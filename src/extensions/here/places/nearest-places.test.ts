import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Database } from 'better-sqlite3';
import { openHereFile } from '../store/here-file.sqlite.js';
import { kindOf, type PlaceFilter } from './facets.js';
import { NearestPlaces } from './nearest-places.js';
import type { PlaceIndex, PlaceRow } from './place-index.js';
import { SqlitePlaceIndex } from './place-index.sqlite.js';

const side = 70;
const rare = kindOf(9, true);

/** Places on a grid of 0.01°, one of them with a connector that no other has. */
const rows: PlaceRow[] = Array.from({ length: side * side }, (_, n) => ({
  key: `NL/CP1/${n}`,
  owner: 'NL/CP1',
  offset: 1,
  latitude: 52 + Math.floor(n / side) / 100,
  longitude: 5 + (n % side) / 100,
  offers: [{ kind: n === 0 ? rare : kindOf(3, false), power: 11_000 }],
  payments: 0,
  operator: { partnerId: 'p', name: 'O' },
  providers: [],
  details: '{}',
}));

describe('work of a search', () => {
  let db: Database;
  let index: SqlitePlaceIndex;
  let read: number;

  beforeEach(async () => {
    db = openHereFile({ file: ':memory:', warn: () => undefined });
    index = new SqlitePlaceIndex(db);
    await index.write(rows, []);
    read = 0;
  });
  afterEach(() => void db.close());

  const counted = (): PlaceIndex => ({
    offsets: () => index.offsets(),
    write: () => Promise.reject(new Error('not here')),
    names: () => index.names(),
    details: (numbers) => index.details(numbers),
    inBoxes: async (boxes, filter, limit) => {
      const found = await index.inBoxes(boxes, filter, limit);
      read += found.flat().length;
      return found;
    },
  });
  const find = (filter: PlaceFilter, maxDistance = 100_000) =>
    new NearestPlaces(counted()).find({
      ...{ centre: { latitude: 52.3, longitude: 5.3 }, maxDistance, filter, limit: 10 },
      accept: (places) => places,
    });

  it('is no scan, however large the radius', async () => {
    expect(await find({})).toHaveLength(10);
    expect(read).toBeLessThan(500);
  });

  it('meets of what is rare only what there is', async () => {
    expect(await find({ kinds: [rare] })).toMatchObject([{ key: 'NL/CP1/0' }]);
    expect(read).toBe(1);
  });

  it('is small too where the first guess is far too large', async () => {
    const nearest = new NearestPlaces(counted());
    const search = { maxDistance: 100_000, filter: {}, limit: 10, accept: () => [] };
    await nearest.find({ ...search, centre: { latitude: 52.3, longitude: 5.3 } });
    read = 0;
    const found = await nearest.find({
      ...{ ...search, centre: { latitude: 52.3, longitude: 5.3 } },
      accept: (places) => places,
    });
    expect(found).toHaveLength(10);
    expect(read).toBeLessThan(2_000);
  });
});
