import { type LiveBatch, type LiveStore, removalsKept, type StoredRemoval } from './live-store.js';

/** The part of a PostgreSQL storage that this store needs; bigint comes as a number. */
export interface PostgresLiveStorage {
  query<Row>(sql: string, values: readonly unknown[]): Promise<{ readonly rows: readonly Row[] }>;
  /** The same without waiting for the disk. */
  progress<Row>(sql: string, values: readonly unknown[]): Promise<{ readonly rows: readonly Row[] }>;
}

// One statement: all of it or nothing. Rows are taken in the order of their keys, so that two nodes do not wait for each other.
const write = `WITH
  status AS (
    INSERT INTO live_status AS old (key, seq, text)
      SELECT * FROM unnest($1::TEXT[], $2::BIGINT[], $3::TEXT[]) AS given (key, seq, text) ORDER BY key COLLATE "C"
    ON CONFLICT (key) DO UPDATE SET seq = excluded.seq, text = excluded.text
      WHERE old.seq < excluded.seq OR (old.seq = excluded.seq AND old.text <> excluded.text)),
  gone AS (
    DELETE FROM live_status AS old USING unnest($4::TEXT[], $5::BIGINT[]) AS given (key, seq)
      WHERE old.key = given.key AND old.seq <= given.seq),
  removal AS (
    INSERT INTO live_removal AS old (object, seq, text)
      SELECT * FROM unnest($6::TEXT[], $7::BIGINT[], $8::TEXT[]) AS given (object, seq, text) ORDER BY object COLLATE "C"
    ON CONFLICT (object) DO UPDATE SET seq = excluded.seq, text = excluded.text WHERE old.seq <= excluded.seq)
  INSERT INTO live_position AS old (id, cursor, floor) VALUES (1, $9::BIGINT, $10::BIGINT)
    ON CONFLICT (id) DO UPDATE SET cursor = greatest(old.cursor, excluded.cursor), floor = greatest(old.floor, excluded.floor)`;

const trim = `DELETE FROM live_removal
  WHERE seq < (SELECT seq FROM live_removal ORDER BY seq DESC LIMIT 1 OFFSET $1)`;

/** In the database that all nodes share; any of them may write, and all write the same. */
export class PostgresLiveStore implements LiveStore {
  constructor(private readonly storage: PostgresLiveStorage) {}

  async position(): Promise<{ cursor: number; floor: number }> {
    const { rows } = await this.storage.query<{ cursor: number; floor: number }>(
      'SELECT cursor, floor FROM live_position',
      [],
    );
    const [row] = rows;
    return { cursor: Number(row?.cursor ?? 0), floor: Number(row?.floor ?? 0) };
  }

  async read(keys: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const byStored = new Map(keys.map((key) => [storable(key), key]));
    const { rows } = await this.storage.query<{ key: string; text: string }>(
      'SELECT key, text FROM live_status WHERE key = ANY ($1::TEXT[])',
      [[...byStored.keys()]],
    );
    return new Map(rows.map(({ key, text }) => [byStored.get(key) ?? key, text]));
  }

  async removals(limit: number): Promise<readonly StoredRemoval[]> {
    const { rows } = await this.storage.query<StoredRemoval>(
      'SELECT object, seq AS "offset", text FROM live_removal ORDER BY seq DESC, object LIMIT $1',
      [limit],
    );
    return rows.map(({ object, offset, text }) => ({ object, offset: Number(offset), text })).reverse();
  }

  async write({ statuses, removals, cursor, floor }: LiveBatch): Promise<void> {
    const kept = statuses.filter(({ text }) => text !== undefined);
    const gone = statuses.filter(({ text }) => text === undefined);
    // One object stands once in a statement, with its newest row.
    const removed = [...new Map(removals.map((removal) => [removal.object, removal])).values()];
    await this.storage.progress(write, [
      kept.map(({ key }) => storable(key)),
      kept.map(({ offset }) => offset),
      kept.map(({ text }) => text),
      gone.map(({ key }) => storable(key)),
      gone.map(({ offset }) => offset),
      removed.map(({ object }) => storable(object)),
      removed.map(({ offset }) => offset),
      removed.map(({ text }) => text),
      cursor,
      floor,
    ]);
    if (removed.length > 0) await this.storage.progress(trim, [removalsKept]);
  }

  async clear(): Promise<void> {
    await this.storage.query('TRUNCATE live_status, live_removal, live_position', []);
  }

  async close(): Promise<void> {}
}

/** A key as PostgreSQL can store it: no NUL (`%00` is in no object key), no half surrogate pairs. */
function storable(key: string): string {
  const text = key.replaceAll('\0', '%00');
  return /\p{Surrogate}/u.test(text) ? Buffer.from(text).toString() : text;
}
