import type { Database, Statement } from 'better-sqlite3';
import { facetsFor, facetsOf, type PlaceFilter } from './facets.js';
import { type Box, flatLongitude } from './geo.js';
import {
  type FoundPlace,
  type IndexedName,
  type NumberedRow,
  numbered,
  type PlaceIndex,
  type PlaceRow,
  type RemovedPlace,
} from './place-index.js';

/** A point's number is that of its place and of its facet in one, so that the tree alone says whose it is. */
const facets = 65_536;
/**
 * The third axis of the tree is the facet, with so much between two of them that the tree keeps them apart as if each had one of its
 * own. Coordinates of the tree are rounded outwards to 32 bits.
 */
const apart = 512;

const tables = `
  CREATE TABLE IF NOT EXISTS place (
    no INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    owner TEXT NOT NULL,
    at INTEGER NOT NULL,
    latitude REAL NOT NULL,
    longitude REAL NOT NULL,
    operator INTEGER NOT NULL,
    payments INTEGER NOT NULL,
    providers TEXT NOT NULL,
    facets TEXT NOT NULL
  );
  CREATE TABLE IF NOT EXISTS place_details (no INTEGER PRIMARY KEY, details TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS place_offer (
    place INTEGER NOT NULL, kind INTEGER NOT NULL, power INTEGER NOT NULL, PRIMARY KEY (place, kind)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS place_name (
    no INTEGER PRIMARY KEY, owner TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, UNIQUE (owner, id, name)
  );
  CREATE VIRTUAL TABLE IF NOT EXISTS place_point USING rtree (
    id, south, north, west, east, facet_from, facet_to
  );`;

const given = '(SELECT value FROM json_each';
const conditions = {
  connectors: `EXISTS (SELECT 1 FROM place_offer o WHERE o.place = p.no AND o.power >= $minPower
    AND ($kinds IS NULL OR o.kind IN ${given}($kinds))))`,
  payments: '(p.payments & $payments) <> 0',
  operators: `p.operator IN ${given}($operators))`,
  providers: `EXISTS (SELECT 1 FROM json_each(p.providers) e WHERE e.value IN ${given}($providers)))`,
} as const;

type FoundRow = [no: number, key: string, owner: string, latitude: number, longitude: number];
interface Kept {
  readonly no: number;
  readonly at: number;
  readonly latitude: number;
  readonly longitude: number;
  readonly facets: string;
}

/** Places in the file of derived data; the file's owner closes it. Reads and writes are done when the call returns. */
export class SqlitePlaceIndex implements PlaceIndex {
  private readonly searches = new Map<string, Statement>();
  private readonly counts = new Map<number, number>();
  private readonly numbers = new Map<string, number>();
  private readonly sql: ReturnType<typeof prepared>;

  constructor(private readonly db: Database) {
    db.exec(tables);
    this.sql = prepared(db);
    this.recount();
  }

  async offsets(): Promise<Map<string, number>> {
    return new Map(this.db.prepare('SELECT key, at FROM place').raw().all() as [string, number][]);
  }

  async write(rows: readonly PlaceRow[], removed: readonly RemovedPlace[]): Promise<void> {
    try {
      this.db.transaction(() => {
        for (const row of rows) this.put(numbered(row, (name) => this.numberOf(name)));
        for (const { key, offset } of removed) this.remove(key, offset);
      })();
    } catch (error) {
      // What it changed in memory has to be undone too.
      this.numbers.clear();
      this.recount();
      throw error;
    }
  }

  async names(): Promise<readonly IndexedName[]> {
    return this.db.prepare('SELECT no, owner, id, name FROM place_name').all() as IndexedName[];
  }

  async inBoxes(boxes: readonly Box[], filter: PlaceFilter, limit: number): Promise<FoundPlace[][]> {
    const search = this.search(filter);
    const values = valuesOf(filter);
    const searched = facetsFor(filter, (one) => this.counts.get(one) ?? 0);
    return boxes.map((box) => {
      const found: FoundPlace[] = [];
      for (const facet of searched) {
        const limited = { ...values, ...box, facet: facet * apart, limit: limit - found.length };
        for (const row of search.all(limited) as FoundRow[]) found.push(placeOf(row));
        if (found.length >= limit) break;
      }
      return found;
    });
  }

  async details(numbers: readonly number[]): Promise<ReadonlyMap<number, string>> {
    return new Map(this.sql.details.all(JSON.stringify(numbers)) as [number, string][]);
  }

  private put(row: NumberedRow): void {
    const kept = this.sql.find.get(row.key) as Kept | undefined;
    if (kept && kept.at >= row.offset) return;
    const facetList = facetsOf(row.attributes);
    const longitude = flatLongitude(row.longitude);
    const values = {
      key: row.key,
      owner: row.owner,
      at: row.offset,
      latitude: row.latitude,
      longitude,
      operator: row.attributes.operator,
      payments: row.payments,
      providers: JSON.stringify(row.attributes.providers),
      facets: JSON.stringify(facetList),
    };
    const no = kept ? kept.no : Number(this.sql.insert.run(values).lastInsertRowid);
    if (kept) this.sql.update.run({ ...values, no });
    this.sql.putDetails.run(no, row.details);
    if (kept) this.sql.removeOffers.run(no);
    for (const { kind, power } of row.offers) this.sql.putOffer.run(no, kind, power);
    const stays = kept?.facets === values.facets && kept.latitude === row.latitude && kept.longitude === longitude;
    if (stays) return;
    if (kept) this.removePoints(kept);
    for (const facet of facetList) {
      const at = facet * apart;
      this.sql.putPoint.run(no * facets + facet, row.latitude, row.latitude, longitude, longitude, at, at);
    }
    this.count(values.facets, 1);
  }

  private remove(key: string, offset: number): void {
    const kept = this.sql.find.get(key) as Kept | undefined;
    if (!kept || kept.at > offset) return;
    this.removePoints(kept);
    this.sql.removeOffers.run(kept.no);
    this.sql.removeDetails.run(kept.no);
    this.sql.remove.run(kept.no);
  }

  private removePoints(kept: Kept): void {
    for (const facet of JSON.parse(kept.facets) as number[]) this.sql.removePoint.run(kept.no * facets + facet);
    this.count(kept.facets, -1);
  }

  private recount(): void {
    this.counts.clear();
    const texts = this.db.prepare('SELECT facets, count(*) FROM place GROUP BY facets').raw();
    for (const [text, count] of texts.iterate() as IterableIterator<[string, number]>) this.count(text, count);
  }

  private count(facetText: string, by: number): void {
    for (const facet of JSON.parse(facetText) as number[])
      this.counts.set(facet, Math.max(0, (this.counts.get(facet) ?? 0) + by));
  }

  private numberOf({ owner, id, name }: Omit<IndexedName, 'no'>): number {
    const text = JSON.stringify([owner, id, name]);
    const known = this.numbers.get(text);
    if (known !== undefined) return known;
    this.sql.putName.run(owner, id, name);
    const no = this.sql.findName.get(owner, id, name) as number;
    if (this.numbers.size >= 10_000) this.numbers.clear();
    this.numbers.set(text, no);
    return no;
  }

  /** One statement for each set of conditions. */
  private search(filter: PlaceFilter): Statement {
    const wanted = [
      filter.kinds || filter.minPower ? conditions.connectors : undefined,
      filter.payments === undefined ? undefined : conditions.payments,
      filter.operators && conditions.operators,
      filter.providers && conditions.providers,
    ].flatMap((condition) => (condition === undefined ? [] : [` AND ${condition}`]));
    const where = wanted.join('');
    let search = this.searches.get(where);
    if (!search) {
      search = this.db
        .prepare(
          `SELECT p.no, p.key, p.owner, p.latitude, p.longitude FROM place_point q CROSS JOIN place p ON p.no = q.id / ${facets}
           WHERE q.facet_from <= $facet AND q.facet_to >= $facet AND q.north >= $south AND q.south <= $north
             AND q.east >= $west AND q.west <= $east${where} LIMIT $limit`,
        )
        .raw();
      this.searches.set(where, search);
    }
    return search;
  }
}

const placeOf = ([no, key, owner, latitude, longitude]: FoundRow): FoundPlace => ({
  no,
  key,
  owner,
  latitude,
  longitude,
});

function valuesOf({ kinds, minPower, payments, operators, providers }: PlaceFilter): Record<string, unknown> {
  return {
    ...((kinds || minPower) && { kinds: kinds ? JSON.stringify(kinds) : null, minPower: minPower ?? 0 }),
    ...(payments !== undefined && { payments }),
    ...(operators && { operators: JSON.stringify(operators) }),
    ...(providers && { providers: JSON.stringify(providers) }),
  };
}

const prepared = (db: Database) => ({
  find: db.prepare('SELECT no, at, latitude, longitude, facets FROM place WHERE key = ?'),
  insert: db.prepare(
    `INSERT INTO place (key, owner, at, latitude, longitude, operator, payments, providers, facets)
     VALUES ($key, $owner, $at, $latitude, $longitude, $operator, $payments, $providers, $facets)`,
  ),
  update: db.prepare(
    `UPDATE place SET owner = $owner, at = $at, latitude = $latitude, longitude = $longitude, operator = $operator,
       payments = $payments, providers = $providers, facets = $facets WHERE no = $no AND key = $key`,
  ),
  remove: db.prepare('DELETE FROM place WHERE no = ?'),
  putDetails: db.prepare('INSERT OR REPLACE INTO place_details (no, details) VALUES (?, ?)'),
  removeDetails: db.prepare('DELETE FROM place_details WHERE no = ?'),
  details: db.prepare(`SELECT no, details FROM place_details WHERE no IN (SELECT value FROM json_each(?))`).raw(),
  putOffer: db.prepare(
    `INSERT INTO place_offer (place, kind, power) VALUES (?, ?, ?)
     ON CONFLICT (place, kind) DO UPDATE SET power = max(power, excluded.power)`,
  ),
  removeOffers: db.prepare('DELETE FROM place_offer WHERE place = ?'),
  putPoint: db.prepare('INSERT OR REPLACE INTO place_point VALUES (?, ?, ?, ?, ?, ?, ?)'),
  removePoint: db.prepare('DELETE FROM place_point WHERE id = ?'),
  putName: db.prepare('INSERT OR IGNORE INTO place_name (owner, id, name) VALUES (?, ?, ?)'),
  findName: db.prepare('SELECT no FROM place_name WHERE owner = ? AND id = ? AND name = ?').pluck(),
});
