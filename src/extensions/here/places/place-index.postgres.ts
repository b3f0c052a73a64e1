import { facetsFor, facetsOf, type PlaceFilter } from './facets.js';
import { type Box, flatLongitude } from './geo.js';
import {
  type FoundPlace,
  type IndexedName,
  namesOf,
  numbered,
  type PlaceIndex,
  type PlaceRow,
  type RemovedPlace,
} from './place-index.js';

/** The part of a PostgreSQL storage that this index needs. */
export interface PostgresPlaceStorage {
  query<Row>(sql: string, values: readonly unknown[]): Promise<{ readonly rows: readonly Row[] }>;
  /** The same without waiting for the disk. */
  progress<Row>(sql: string, values: readonly unknown[]): Promise<{ readonly rows: readonly Row[] }>;
}

/** Degrees of longitude from one facet to the next. */
const apart = 1_000;

// One statement: all of it or nothing. Rows come in the order of their keys, so that two nodes do not wait for each other. If two
// write the same place at once, points of the older may stay: they lead to a row that is compared with the filter anyway.
const put = `WITH
  written AS (
    INSERT INTO ev_place AS old
      (key, owner, seq, latitude, longitude, operator, payments, providers, kinds, powers, facets, details)
      SELECT key, owner, seq, latitude, longitude, operator, payments, providers::integer[], kinds::integer[],
        powers::double precision[], facets::integer[], details
      FROM unnest($1::text[], $2::text[], $3::bigint[], $4::double precision[], $5::double precision[], $6::integer[], $7::integer[],
        $8::text[], $9::text[], $10::text[], $11::text[], $12::text[])
        AS given (key, owner, seq, latitude, longitude, operator, payments, providers, kinds, powers, facets, details)
      ORDER BY key COLLATE "C"
    ON CONFLICT (key) DO UPDATE SET owner = excluded.owner, seq = excluded.seq, latitude = excluded.latitude,
      longitude = excluded.longitude, operator = excluded.operator, payments = excluded.payments, providers = excluded.providers,
      kinds = excluded.kinds, powers = excluded.powers, facets = excluded.facets, details = excluded.details
      WHERE old.seq < excluded.seq
    RETURNING no, latitude, longitude, facets),
  gone AS (
    DELETE FROM ev_place_point USING written WHERE place = written.no AND NOT facet = ANY (written.facets))
  INSERT INTO ev_place_point AS old (place, facet, position)
    SELECT no, facet, point(longitude + ${apart}::double precision * facet, latitude) FROM written, unnest(facets) AS facet
  ON CONFLICT (place, facet) DO UPDATE SET position = excluded.position WHERE NOT old.position ~= excluded.position`;

const remove = `DELETE FROM ev_place USING (
    SELECT no FROM ev_place JOIN unnest($1::text[], $2::bigint[]) AS given (key, seq) USING (key)
    WHERE ev_place.seq <= given.seq ORDER BY key COLLATE "C" FOR UPDATE OF ev_place) AS old
  WHERE ev_place.no = old.no`;

const search = (where: string): string => `
  SELECT given.box, found.*
  FROM unnest($2::double precision[], $3::double precision[], $4::double precision[], $5::double precision[])
    WITH ORDINALITY AS given (south, west, north, east, box)
  CROSS JOIN LATERAL (
    SELECT p.no, p.key, p.owner, p.latitude, p.longitude
    FROM unnest($1::integer[]) AS wanted (facet)
    JOIN ev_place_point q ON q.position <@ box(
      point(given.west + ${apart}::double precision * wanted.facet, given.south),
      point(given.east + ${apart}::double precision * wanted.facet, given.north))
    JOIN ev_place p ON p.no = q.place
    WHERE true${where} LIMIT $6) AS found`;

type FoundRow = Omit<FoundPlace, 'no'> & { readonly no: string | number; readonly box: string | number };

/** Counts are read again after so many searches. */
const countsFor = 2_000;

/** Places in the PostgreSQL database that all nodes share; of its core only points and their index are used. */
export class PostgresPlaceIndex implements PlaceIndex {
  private counts: ReadonlyMap<number, number> = new Map();
  private searches = 0;
  private counting: Promise<void> | undefined;

  constructor(private readonly storage: PostgresPlaceStorage) {}

  async offsets(): Promise<Map<string, number>> {
    const { rows } = await this.storage.query<{ key: string; seq: string | number }>(
      'SELECT key, seq FROM ev_place',
      [],
    );
    return new Map(rows.map(({ key, seq }) => [key, Number(seq)]));
  }

  async write(rows: readonly PlaceRow[], removed: readonly RemovedPlace[]): Promise<void> {
    // One statement can take a key only once.
    const newest = new Map<string, PlaceRow>();
    for (const row of rows) if (row.offset >= (newest.get(row.key)?.offset ?? 0)) newest.set(row.key, row);
    if (newest.size > 0) await this.put([...newest.values()]);
    if (removed.length > 0)
      await this.storage.progress(remove, [removed.map(({ key }) => key), removed.map(({ offset }) => offset)]);
  }

  async names(): Promise<readonly IndexedName[]> {
    return (await this.storage.query<IndexedName>('SELECT no, owner, id, name FROM ev_place_name', [])).rows;
  }

  async inBoxes(boxes: readonly Box[], filter: PlaceFilter, limit: number): Promise<FoundPlace[][]> {
    if (this.searches++ % countsFor === 0) this.counting = this.count();
    if (this.counts.size === 0) await this.counting;
    // Another node may have brought a facet that was not counted.
    const facets = facetsFor(filter, (facet) => this.counts.get(facet) ?? 1);
    const values: unknown[] = [
      facets,
      boxes.map(({ south }) => south),
      boxes.map(({ west }) => west),
      boxes.map(({ north }) => north),
      boxes.map(({ east }) => east),
      limit,
    ];
    const sql = search(conditionsOf(filter, (value) => `$${values.push(value)}`));
    const { rows } = await this.storage.query<FoundRow>(sql, values);
    const found: FoundPlace[][] = boxes.map(() => []);
    for (const { box, no, ...place } of rows) found[Number(box) - 1]?.push({ no: Number(no), ...place });
    return found;
  }

  async details(numbers: readonly number[]): Promise<ReadonlyMap<number, string>> {
    const { rows } = await this.storage.query<{ no: string | number; details: string }>(
      'SELECT no, details FROM ev_place WHERE no = ANY ($1::bigint[])',
      [numbers],
    );
    return new Map(rows.map(({ no, details }) => [Number(no), details]));
  }

  private async put(given: readonly PlaceRow[]): Promise<void> {
    const numbers = await this.numbersOf(given);
    const rows = given.map((row) => numbered(row, (name) => numbers.get(textOf(name)) ?? 0));
    await this.storage.progress(put, [
      rows.map(({ key }) => key),
      rows.map(({ owner }) => owner),
      rows.map(({ offset }) => offset),
      rows.map(({ latitude }) => latitude),
      rows.map(({ longitude }) => flatLongitude(longitude)),
      rows.map(({ attributes }) => attributes.operator),
      rows.map(({ payments }) => payments),
      rows.map(({ attributes }) => arrayText(attributes.providers)),
      rows.map(({ offers }) => arrayText(offers.map(({ kind }) => kind))),
      rows.map(({ offers }) => arrayText(offers.map(({ power }) => power))),
      rows.map(({ attributes }) => arrayText(facetsOf(attributes))),
      rows.map(({ details }) => details),
    ]);
  }

  private async numbersOf(rows: readonly PlaceRow[]): Promise<ReadonlyMap<string, number>> {
    const names = [...new Map(rows.flatMap(namesOf).map((name) => [textOf(name), name])).entries()]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, name]) => name);
    const values = [names.map(({ owner }) => owner), names.map(({ id }) => id), names.map(({ name }) => name)];
    const given = 'unnest($1::text[], $2::text[], $3::text[]) AS given (owner, id, name)';
    await this.storage.progress(
      `INSERT INTO ev_place_name (owner, id, name) SELECT owner, id, name FROM ${given}
       WHERE NOT EXISTS (SELECT 1 FROM ev_place_name n WHERE n.owner = given.owner AND n.id = given.id AND n.name = given.name)
       ON CONFLICT DO NOTHING`,
      values,
    );
    const { rows: found } = await this.storage.query<IndexedName>(
      `SELECT n.no, n.owner, n.id, n.name FROM ev_place_name n JOIN ${given} USING (owner, id, name)`,
      values,
    );
    return new Map(found.map((name) => [textOf(name), name.no]));
  }

  private async count(): Promise<void> {
    try {
      const { rows } = await this.storage.query<{ facet: number; count: string | number }>(
        'SELECT facet, count(*) AS count FROM ev_place_point GROUP BY facet',
        [],
      );
      this.counts = new Map(rows.map(({ facet, count }) => [facet, Number(count)]));
    } catch {
      // They only guide the search, which says itself that the database is away.
    }
  }
}

const textOf = ({ owner, id, name }: Omit<IndexedName, 'no'>): string => JSON.stringify([owner, id, name]);
const arrayText = (values: readonly number[]): string => `{${values.join(',')}}`;

function conditionsOf(
  { kinds, minPower, payments, operators, providers }: PlaceFilter,
  bind: (value: unknown) => string,
): string {
  const all: string[] = [];
  if (kinds || minPower) {
    const oneOfThem = kinds ? `AND o.kind = ANY (${bind(kinds)}::integer[])` : '';
    all.push(
      `EXISTS (SELECT 1 FROM unnest(p.kinds, p.powers) AS o (kind, power) WHERE o.power >= ${bind(minPower ?? 0)} ${oneOfThem})`,
    );
  }
  if (payments !== undefined) all.push(`(p.payments & ${bind(payments)}::integer) <> 0`);
  if (operators) all.push(`p.operator = ANY (${bind(operators)}::integer[])`);
  if (providers) all.push(`p.providers && ${bind(providers)}::integer[]`);
  return all.map((one) => ` AND ${one}`).join('');
}
