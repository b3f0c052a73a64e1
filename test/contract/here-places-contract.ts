import { beforeEach, describe, expect, it } from '@jest/globals';
import { generator } from '../../bench/data/invented-locations.js';
import { type Attributes, kindOf, type PlaceFilter } from '../../src/extensions/here/places/facets.js';
import { type Box, distanceBetween, isInside, type Point } from '../../src/extensions/here/places/geo.js';
import { comparePositions, NearestPlaces, type Position } from '../../src/extensions/here/places/nearest-places.js';
import { namesOf, type PlaceIndex, type PlaceRow } from '../../src/extensions/here/places/place-index.js';

export interface IndexUnderTest {
  /** Empty. */
  open(): Promise<PlaceIndex>;
  /** Another one on the same rows. */
  reopen(): Promise<PlaceIndex>;
}

const everywhere: Box[] = [{ south: -90, west: -180, north: 90, east: 180 }];

export const placeRowAt = (
  id: string,
  latitude: number,
  longitude: number,
  more: Partial<PlaceRow> = {},
): PlaceRow => ({
  key: `NL/CP1/${id}`,
  owner: 'NL/CP1',
  offset: 1,
  latitude,
  longitude,
  offers: [{ kind: kindOf(3, false), power: 11_000 }],
  payments: 0,
  operator: { partnerId: 'p-1', name: 'One' },
  providers: [],
  details: `{"id":"${id}"}`,
  ...more,
});

/** What a place index promises, whichever database it is in. */
export function describePlaceIndex(database: string, under: IndexUnderTest): void {
  describe(`place index in ${database}`, () => {
    let index: PlaceIndex;

    beforeEach(async () => {
      index = await under.open();
    });

    const keysIn = async (boxes: readonly Box[] = everywhere, filter: PlaceFilter = {}): Promise<string[]> =>
      [...new Set((await index.inBoxes(boxes, filter, 10_000)).flat().map(({ key }) => key))].sort();
    const numbersOf = async (names: readonly string[]): Promise<number[]> =>
      (await index.names()).filter(({ id, name }) => names.includes(id) || names.includes(name)).map(({ no }) => no);

    it('finds a place where it is, with what was put', async () => {
      await index.write([placeRowAt('A', 52.1, 4.3), placeRowAt('B', 52.2, 4.4)], []);
      const [found = []] = await index.inBoxes([{ south: 52, west: 4.2, north: 52.15, east: 4.35 }], {}, 10);
      expect(found).toEqual([
        { no: expect.any(Number), key: 'NL/CP1/A', owner: 'NL/CP1', latitude: 52.1, longitude: 4.3 },
      ]);
      const [{ no } = { no: 0 }] = found;
      expect([...(await index.details([no]))]).toEqual([[no, '{"id":"A"}']]);
    });

    it('has borders in the box, to the last digit', async () => {
      await index.write([placeRowAt('A', 52.123456789, 4.987654321)], []);
      expect(
        await keysIn([{ south: 52.123456789, west: 4.987654321, north: 52.123456789, east: 4.987654321 }]),
      ).toEqual(['NL/CP1/A']);
    });

    it('lets no older row replace a newer one', async () => {
      await index.write([placeRowAt('A', 52, 4, { offset: 5 })], []);
      await index.write([placeRowAt('A', 10, 10, { offset: 4 })], []);
      await index.write([placeRowAt('A', 11, 11, { offset: 5 })], []);
      expect(await index.inBoxes(everywhere, {}, 10)).toMatchObject([[{ latitude: 52, longitude: 4 }]]);
      expect(await index.offsets()).toEqual(new Map([['NL/CP1/A', 5]]));
    });

    it('moves a place and changes what it has', async () => {
      await index.write([placeRowAt('A', 52, 4, { offset: 5, providers: ['e-1'] })], []);
      await index.write(
        [
          placeRowAt('A', 10, 10, {
            offset: 6,
            offers: [{ kind: kindOf(7, true), power: 350_000 }],
            operator: { partnerId: 'p-2', name: 'Two' },
            payments: 4,
            details: '{"new":1}',
          }),
        ],
        [],
      );
      expect(await keysIn([{ south: 51, west: 3, north: 53, east: 5 }])).toEqual([]);
      expect(await keysIn([{ south: 9, west: 9, north: 11, east: 11 }])).toEqual(['NL/CP1/A']);
      expect(await keysIn(everywhere, { kinds: [kindOf(3, false)] })).toEqual([]);
      expect(await keysIn(everywhere, { kinds: [kindOf(7, true)], minPower: 300_000 })).toEqual(['NL/CP1/A']);
      expect(await keysIn(everywhere, { operators: await numbersOf(['p-1']) })).toEqual([]);
      expect(await keysIn(everywhere, { operators: await numbersOf(['two']) })).toEqual(['NL/CP1/A']);
      expect(await keysIn(everywhere, { providers: await numbersOf(['e-1']) })).toEqual([]);
      expect(await keysIn(everywhere, { payments: 6 })).toEqual(['NL/CP1/A']);
      const [[{ no } = { no: 0 }] = []] = await index.inBoxes(everywhere, {}, 10);
      expect((await index.details([no])).get(no)).toBe('{"new":1}');
    });

    it('removes what is not newer', async () => {
      await index.write([placeRowAt('A', 52, 4, { offset: 5 }), placeRowAt('B', 52, 4, { offset: 5 })], []);
      await index.write(
        [],
        [
          { key: 'NL/CP1/A', offset: 4 },
          { key: 'NL/CP1/B', offset: 5 },
          { key: 'NL/CP1/none', offset: 9 },
        ],
      );
      expect(await keysIn()).toEqual(['NL/CP1/A']);
      expect([...(await index.offsets()).keys()]).toEqual(['NL/CP1/A']);
    });

    it('wants power, type and current of one connector', async () => {
      const offers = [
        { kind: kindOf(7, true), power: 50_000 },
        { kind: kindOf(3, false), power: 150_000 },
      ];
      await index.write([placeRowAt('A', 52, 4, { offers })], []);
      expect(await keysIn(everywhere, { kinds: [kindOf(7, true)], minPower: 150_000 })).toEqual([]);
      expect(await keysIn(everywhere, { kinds: [kindOf(7, true)], minPower: 50_000 })).toEqual(['NL/CP1/A']);
      expect(await keysIn(everywhere, { minPower: 150_000 })).toEqual(['NL/CP1/A']);
      expect(await keysIn(everywhere, { minPower: 150_001 })).toEqual([]);
      expect(await keysIn(everywhere, { kinds: [kindOf(7, false), kindOf(3, true)] })).toEqual([]);
    });

    it('finds nothing for names that nobody has', async () => {
      await index.write([placeRowAt('A', 52, 4)], []);
      expect(await keysIn(everywhere, { operators: [] })).toEqual([]);
      expect(await keysIn(everywhere, { providers: [4_711] })).toEqual([]);
    });

    it('gives no more than the limit', async () => {
      await index.write(
        Array.from({ length: 30 }, (_, n) => placeRowAt(`L${n}`, 52, 4 + n / 100)),
        [],
      );
      const south = { south: -90, west: -180, north: 0, east: 180 };
      const found = await index.inBoxes([...everywhere, south, ...everywhere], {}, 7);
      expect(found.map(({ length }) => length)).toEqual([7, 0, 7]);
    });

    it('keeps everything when it is opened again', async () => {
      await index.write([placeRowAt('A', 52, 4, { offset: 7 })], []);
      index = await under.reopen();
      expect(await keysIn(everywhere, { kinds: [kindOf(3, false)] })).toEqual(['NL/CP1/A']);
      await index.write([placeRowAt('A', 53, 4, { offset: 6 }), placeRowAt('B', 53, 4)], []);
      expect(await keysIn([{ south: 53, west: 4, north: 53, east: 4 }])).toEqual(['NL/CP1/B']);
    });

    it('knows one meridian by both of its numbers', async () => {
      await index.write([placeRowAt('A', 0, 180), placeRowAt('B', 1, -180)], []);
      const found = await new NearestPlaces(index).find({
        ...{ centre: { latitude: 0.5, longitude: 180 }, maxDistance: 100_000, filter: {}, limit: 9 },
        accept: (places) => places,
      });
      expect(found.map(({ key }) => key)).toEqual(['NL/CP1/A', 'NL/CP1/B']);
    });

    it('gives with rings what looking at every place gives', async () => {
      const random = generator(7);
      const rows = Array.from({ length: 3_000 }, (_, n) => inventedRow(n, random));
      for (let from = 0; from < rows.length; from += 500) await index.write(rows.slice(from, from + 500), []);
      const names = await index.names();
      const numbered = rows.map((row) => ({ row, attributes: attributesOf(row, names) }));
      const nearest = new NearestPlaces(index);
      const seen = { full: 0, empty: 0, some: 0 };
      for (let round = 0; round < 400; round++) {
        const question = inventedQuestion(
          random,
          rows,
          names.map(({ no }) => no),
        );
        const expected = numbered
          .filter(({ attributes }) => fits(attributes, question.filter))
          .map(({ row }) => ({
            key: row.key,
            distance: distanceBetween(question.centre, stored(row)),
            at: stored(row),
          }))
          .filter(
            ({ distance, at }) => distance <= question.maxDistance && (!question.box || isInside(question.box, at)),
          )
          .sort(comparePositions);
        const first = await nearest.find({ ...question, accept: (places) => places });
        const page = expected.slice(0, question.limit).map(({ key }) => key);
        expect({ question, keys: first.map(({ key }) => key) }).toEqual({ question, keys: page });
        seen[page.length === question.limit ? 'full' : page.length === 0 ? 'empty' : 'some']++;
        const after: Position | undefined = first.at(-1);
        if (!after) continue;
        const second = await nearest.find({ ...question, after, accept: (places) => places });
        const next = expected.slice(question.limit, 2 * question.limit).map(({ key }) => key);
        expect({ question, after, keys: second.map(({ key }) => key) }).toEqual({ question, after, keys: next });
      }
      expect(Math.min(...Object.values(seen))).toBeGreaterThan(20);
    });
  });
}

const stored = ({ latitude, longitude }: PlaceRow): Point => ({ latitude, longitude });

/** Crowds in cities and on the very same spot, the date line, the poles, and the rest of the world. */
function inventedRow(n: number, random: () => number): PlaceRow {
  const spread = (middle: number, by: number): number => middle + (random() - 0.5) * by;
  const spots: readonly (() => readonly [number, number])[] = [
    () => [spread(52.37, 0.1), spread(4.9, 0.15)],
    () => [51.9, 4.5],
    () => [spread(-17, 2), ((spread(180, 3) + 540) % 360) - 180],
    () => [spread(89, 2), spread(0, 359)],
    () => [spread(-89.5, 1), spread(0, 359)],
    () => [spread(0, 178), spread(0, 359)],
  ];
  const [latitude, longitude] = spots[Math.floor(random() * spots.length)]?.() ?? [0, 0];
  const types = [3, 7, 7, 20].slice(0, Math.floor(random() * 4));
  const owner = `NL/CP${Math.floor(random() * 3)}`;
  return placeRowAt(`L${n}`, latitude, longitude, {
    key: `${owner}/L${n}`,
    owner,
    offers: [...new Map(types.map((type) => kindOf(type, random() < 0.3)).map((kind) => [kind, kind])).keys()].map(
      (kind) => ({
        kind,
        power: Math.floor(random() ** 3 * 400) * 1_000,
      }),
    ),
    payments: Math.floor(random() * 4) * 32,
    operator: { partnerId: owner, name: `Operator ${Math.floor(random() * 5)}` },
    providers: random() < 0.1 ? ['e-1', 'e-2'].slice(0, 1 + Math.floor(random() * 2)) : [],
  });
}

function inventedQuestion(random: () => number, rows: readonly PlaceRow[], numbers: readonly number[]) {
  const near = rows[Math.floor(random() * rows.length)] ?? { latitude: 0, longitude: 0 };
  const shift = random() < 0.3 ? 0 : (random() - 0.5) * 0.1;
  const centre = {
    latitude: Math.min(90, Math.max(-90, near.latitude + shift)),
    longitude: Math.min(180, Math.max(-180, near.longitude + shift)),
  };
  const maybe = <T>(chance: number, value: T): T | undefined => (random() < chance ? value : undefined);
  const filter: PlaceFilter = {
    kinds: maybe(0.3, [kindOf(7, true), ...(random() < 0.5 ? [kindOf(20, false)] : [])]),
    minPower: maybe(0.3, Math.floor(random() * 350) * 1_000),
    payments: maybe(0.2, 32 + (random() < 0.5 ? 64 : 0)),
    operators: maybe(
      0.2,
      numbers.filter(() => random() < 0.3),
    ),
    providers: maybe(
      0.1,
      numbers.filter(() => random() < 0.5),
    ),
  };
  const size = 10 ** (random() * 4 - 2);
  const box = maybe(0.3, {
    south: Math.max(-90, centre.latitude - size),
    north: Math.min(90, centre.latitude + size * random()),
    west: centre.longitude - size < -180 ? centre.longitude - size + 360 : centre.longitude - size,
    east: centre.longitude + size > 180 ? centre.longitude + size - 360 : centre.longitude + size,
  });
  return { centre, box, filter, limit: 1 + Math.floor(random() * 60), maxDistance: 10 ** (1 + random() * 6.3) };
}

function attributesOf(
  row: PlaceRow,
  names: readonly { no: number; owner: string; id: string; name: string }[],
): Attributes {
  const [operator = 0, ...providers] = namesOf(row).map(
    (one) => names.find(({ owner, id, name }) => owner === one.owner && id === one.id && name === one.name)?.no ?? 0,
  );
  return { offers: row.offers, payments: row.payments, operator, providers };
}

function fits(place: Attributes, { kinds, minPower = 0, payments, operators, providers }: PlaceFilter): boolean {
  return (
    ((!kinds && minPower === 0) ||
      place.offers.some(({ kind, power }) => (!kinds || kinds.includes(kind)) && power >= minPower)) &&
    (payments === undefined || (place.payments & payments) !== 0) &&
    (!operators || operators.includes(place.operator)) &&
    (!providers || place.providers.some((no) => providers.includes(no)))
  );
}
