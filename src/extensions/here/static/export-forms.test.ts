import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Pace, sortGently } from '../store/pace.js';
import { isVersion, nextVersion } from './export-version.js';
import { csvCells, featureOf, rowColumns, rowsOf } from './other-forms.js';
import { splitByTile, tileOf } from './tile.js';

describe('names of versions', () => {
  const at = Date.UTC(2026, 10, 24, 2, 10, 59, 999);

  it('say when they were made, and count up where the clock stands or goes back', () => {
    expect(nextVersion(at, undefined)).toBe('2026-11-24T02-10-59Z-0000');
    expect(nextVersion(at, '2026-11-24T02-10-59Z-0000')).toBe('2026-11-24T02-10-59Z-0001');
    expect(nextVersion(at - 99_999_999, '2026-11-24T02-10-59Z-0009')).toBe('2026-11-24T02-10-59Z-0010');
    expect(nextVersion(at, '2026-11-24T02-10-59Z-9999')).toBe('2026-11-24T02-11-00Z-0000');
  });

  it('are told from anything else', () => {
    expect(isVersion(nextVersion(at, undefined))).toBe(true);
    for (const other of ['', '..', 'latest', '.making-2026-11-24T02-10-59Z-0000-ab', '2026-11-24T02-10-59Z-0000/..'])
      expect(isVersion(other)).toBe(false);
  });
});

describe('tiles', () => {
  const pace = new Pace();

  it('are quarters of the tile above, by the rows and columns of a quadtree', async () => {
    const items = [
      { at: 'south west', tile: tileOf(-89, -179) },
      { at: 'north west', tile: tileOf(89.9, -1) },
      { at: 'south east', tile: tileOf(-1, 1) },
      { at: 'north east', tile: tileOf(1, 1) },
    ];
    const parts = await splitByTile(items, 1, pace);
    expect(parts.map(({ quadkey, items: [item] }) => [quadkey, item?.at])).toEqual([
      ['00', 'south west'],
      ['03', 'north west'],
      ['10', 'south east'],
      ['12', 'north east'],
    ]);
  });

  it('of one point cannot be split, and the poles and the date line lie in one', async () => {
    const items = Array.from({ length: 5 }, () => ({ tile: tileOf(52.1, 5.1) }));
    const parts = await splitByTile(items, 2, pace);
    expect(parts).toHaveLength(1);
    expect(parts[0]?.quadkey).toHaveLength(15);
    for (const [lat, lng] of [
      [90, 180],
      [-90, -180],
      [90, -180],
      [-90, 180],
    ] as const) {
      const tile = tileOf(lat, lng);
      expect(tile >= 0 && tile < 4 ** 15).toBe(true);
    }
  });

  it('hold everything once, in its order, and not more than the limit', async () => {
    const point = fc.tuple(
      fc.double({ min: -90, max: 90, noNaN: true }),
      fc.double({ min: -180, max: 180, noNaN: true }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(point, { selector: ([lat, lng]) => tileOf(lat, lng) }),
        fc.integer({ min: 1, max: 5 }),
        async (points, limit) => {
          const items = points.map(([lat, lng], at) => ({ at, tile: tileOf(lat, lng) }));
          const parts = await splitByTile(items, limit, pace);
          for (const part of parts) {
            expect(part.items.length).toBeLessThanOrEqual(limit);
            expect([...part.items].sort((a, b) => a.at - b.at)).toEqual(part.items);
          }
          expect(parts.flatMap((part) => part.items.map(({ at }) => at)).sort((a, b) => a - b)).toEqual(
            items.map(({ at }) => at),
          );
          expect(parts.map(({ quadkey }) => quadkey).sort()).toEqual(parts.map(({ quadkey }) => quadkey));
        },
      ),
    );
  });
});

describe('a line of the table', () => {
  it.each([
    ['=1+1', "'=1+1"],
    ['+31 6', "'+31 6"],
    ['-2', "'-2"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['  =1', "'  =1"],
    ['\t=1', "'\t=1"],
    ['＝1', "'＝1"],
    ['a=b', 'a=b'],
    ['say "hi", now', '"say ""hi"", now"'],
    ['two\r\nlines', '"two\r\nlines"'],
    ['=a,b', `"'=a,b"`],
    ['', ''],
  ])('writes %j as %j', (text, written) => {
    expect(csvCells([text, -1.5, null])).toBe(`${written},-1.5,`);
  });

  it('has a cell for every column, also of what is hardly known', () => {
    const record = {
      id: 'x',
      location: { lat: 1, lng: 2 },
      evses: [{ uid: 'E', connectors: [{ id: '1', standard: 'MCS' }] }],
    };
    const { place, rows } = rowsOf(record, 'NL/T', 'NLD');
    expect(place.length + (rows[0]?.length ?? 0)).toBe(rowColumns.length);
    const named = Object.fromEntries([...place, ...(rows[0] ?? [])].map((cell, at) => [rowColumns[at]?.name, cell]));
    expect(named).toMatchObject({
      location_id: 'x',
      party: 'NL/T',
      latitude: 1,
      longitude: 2,
      evse_uid: 'E',
      standard: 'MCS',
      max_power_w: null,
    });
    expect(featureOf(record, 'NL/T', 'NLD')).toMatchObject({ properties: { connectors: 1, standards: ['MCS'] } });
  });
});

describe('long work', () => {
  it('lets others have their turn every few milliseconds', async () => {
    const pace = new Pace();
    let turns = 0;
    let working = true;
    const others = (): void => {
      turns++;
      if (working) setImmediate(others);
    };
    setImmediate(others);
    const busyUntil = performance.now() + 100;
    while (performance.now() < busyUntil) await pace.rest();
    working = false;
    // Some 4 ms each, if nothing else keeps this machine busy.
    expect(turns).toBeGreaterThan(5);
  });

  it('ends when it is told to', async () => {
    const stop = new AbortController();
    const pace = new Pace(stop.signal);
    await pace.rest();
    stop.abort(new Error('enough'));
    await expect(pace.rest()).rejects.toThrow('enough');
  });

  it('sorts like any other, and keeps the order of equals', async () => {
    const pace = new Pace();
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 6_000 }), fc.integer(), async (length, seed) => {
        const items = Array.from({ length }, (_, at) => ({ at, key: Math.abs(Math.sin(seed + at) * 1_000) | 0 }));
        const sorted = await sortGently(items, (a, b) => a.key - b.key, pace);
        expect(sorted).toEqual([...items].sort((a, b) => a.key - b.key || a.at - b.at));
      }),
      { numRuns: 20 },
    );
  });
});
