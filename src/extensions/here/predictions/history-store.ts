import { randomUUID } from 'node:crypto';
import type { DurableRows } from '../../../platform/forwarding/index.js';
import { type DayRecord, decodeDay, encodeDay, mergeDay } from './day-record.js';

/** So many of the newest local days with data are kept of each owner. */
export const daysKept = 28;

/** Days of one owner, as they came from an import. */
export type DaysOfOwner = Map<number, DayRecord>;

interface DayRow {
  readonly day: number | string;
  readonly version: number | string;
  readonly data: string;
}

/**
 * History of statuses in the hub's own database: a row for each owner and local day. What is written says the same however often
 * it is written, so that any node may do it.
 */
export class HistoryStore {
  constructor(private readonly rows: DurableRows) {}

  /** Party keys of all that have any. */
  async owners(): Promise<readonly string[]> {
    const rows = await this.rows.run<{ owner: string }>('SELECT DISTINCT owner FROM ev_history ORDER BY owner', []);
    return rows.map(({ owner }) => owner);
  }

  /** Days since 1970 of an owner that are kept, oldest first. */
  async days(owner: string): Promise<readonly number[]> {
    const rows = await this.rows.run<{ day: number | string }>(
      'SELECT day FROM ev_history WHERE owner = $1 ORDER BY day',
      [owner],
    );
    return rows.map(({ day }) => Number(day));
  }

  async read(owner: string, day: number): Promise<DayRecord> {
    const row = await this.row(owner, day);
    return row ? decodeDay(row.data) : new Map();
  }

  /** Adds what is known in `record`; an hour that was known before is told anew. */
  async merge(owner: string, day: number, record: DayRecord): Promise<void> {
    for (;;) {
      const row = await this.row(owner, day);
      const merged = row ? await decodeDay(row.data) : (new Map() as DayRecord);
      mergeDay(merged, record);
      const data = await encodeDay(merged);
      const written = row
        ? await this.rows.run(
            'UPDATE ev_history SET data = $3, version = version + 1 WHERE owner = $1 AND day = $2 AND version = $4 RETURNING version',
            [owner, day, data, Number(row.version)],
          )
        : await this.rows.run(
            'INSERT INTO ev_history (owner, day, version, data) VALUES ($1, $2, 1, $3) ON CONFLICT (owner, day) DO NOTHING RETURNING version',
            [owner, day, data],
          );
      // Another node was quicker: its part is taken in as well.
      if (written.length > 0) return;
    }
  }

  /** Forgets all but the newest days with data. */
  async prune(owner: string): Promise<void> {
    const days = await this.days(owner);
    const oldest = days.at(-daysKept);
    if (oldest === undefined) return;
    await this.rows.run('DELETE FROM ev_history WHERE owner = $1 AND day < $2', [owner, oldest]);
  }

  /** Keeps what came from outside until it is taken in; resolves once it is on disk. */
  async stage(owners: ReadonlyMap<string, DaysOfOwner>): Promise<void> {
    for (const [owner, days] of owners) {
      const parts = await Promise.all([...days].map(async ([day, record]) => [day, await encodeDay(record)]));
      await this.rows.run('INSERT INTO ev_history_staged (id, owner, data) VALUES ($1, $2, $3)', [
        randomUUID(),
        owner,
        JSON.stringify(parts),
      ]);
    }
  }

  /** How many parts wait to be taken in. */
  async waiting(): Promise<number> {
    const [row] = await this.rows.run<{ count: number | string }>(
      'SELECT count(*) AS count FROM ev_history_staged',
      [],
    );
    return Number(row?.count ?? 0);
  }

  /** Takes in what waits for one owner. @returns its party key; undefined: nothing waits */
  async absorb(): Promise<string | undefined> {
    const [first] = await this.rows.run<{ owner: string }>('SELECT owner FROM ev_history_staged LIMIT 1', []);
    if (!first) return undefined;
    const { owner } = first;
    const staged = await this.rows.run<{ id: string; data: string }>(
      'SELECT id, data FROM ev_history_staged WHERE owner = $1',
      [owner],
    );
    const days: DaysOfOwner = new Map();
    for (const { data } of staged) {
      for (const [day, text] of JSON.parse(data) as readonly [number, string][]) {
        const record = await decodeDay(text);
        const kept = days.get(day);
        if (kept) mergeDay(kept, record);
        else days.set(day, record);
      }
    }
    for (const [day, record] of days) await this.merge(owner, day, record);
    await this.prune(owner);
    for (const { id } of staged) await this.rows.run('DELETE FROM ev_history_staged WHERE id = $1', [id]);
    return owner;
  }

  private async row(owner: string, day: number): Promise<DayRow | undefined> {
    const [row] = await this.rows.run<DayRow>(
      'SELECT day, version, data FROM ev_history WHERE owner = $1 AND day = $2',
      [owner, day],
    );
    return row;
  }
}
