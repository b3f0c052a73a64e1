import { randomUUID } from 'node:crypto';
import type { DurableRows } from '../../../platform/forwarding/index.js';
import { DayRows } from '../store/day-rows.js';
import { packJson, unpackJson } from '../store/packed-text.js';
import { type DayRecord, dayRecord, mergeDay, type StoredDay, storedDay } from './day-record.js';

/** So many of the newest local days with data are kept of each owner. */
export const daysKept = 28;

/** Days of one owner, as they came from an import. */
export type DaysOfOwner = Map<number, DayRecord>;

/**
 * History of statuses in the hub's own database: a row for each owner and local day. What is written says the same however often
 * it is written, so that any node may do it.
 */
export class HistoryStore {
  private readonly kept: DayRows;

  constructor(private readonly rows: DurableRows) {
    this.kept = new DayRows(rows, 'ev_history');
  }

  /** Party keys of all that have any. */
  async owners(): Promise<readonly string[]> {
    const versions = await this.kept.versions(0);
    return [...new Set(versions.map(({ owner }) => owner))].sort();
  }

  /** Days since 1970 of an owner that are kept, oldest first. */
  async days(owner: string): Promise<readonly number[]> {
    return (await this.kept.versions(0, owner)).map(({ day }) => day);
  }

  async read(owner: string, day: number): Promise<DayRecord> {
    return dayRecord(await this.kept.read(owner, day));
  }

  /** Adds what is known in `record`; an hour that was known before is told anew. */
  merge(owner: string, day: number, record: DayRecord): Promise<void> {
    return this.kept.change(owner, day, (known) => {
      const merged = dayRecord(known);
      mergeDay(merged, record);
      return storedDay(merged);
    });
  }

  /** Forgets all but the newest days with data. */
  async prune(owner: string): Promise<void> {
    const oldest = (await this.days(owner)).at(-daysKept);
    if (oldest !== undefined) await this.kept.prune(oldest, owner);
  }

  /** Keeps what came from outside until it is taken in; resolves once it is on disk. */
  async stage(owners: ReadonlyMap<string, DaysOfOwner>): Promise<void> {
    for (const [owner, days] of owners) {
      const data = await packJson([...days].map(([day, record]) => [day, storedDay(record)]));
      await this.rows.run('INSERT INTO ev_history_staged (id, owner, data) VALUES ($1, $2, $3)', [
        randomUUID(),
        owner,
        data,
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
      for (const [day, stored] of (await unpackJson(data)) as readonly [number, StoredDay][]) {
        const record = dayRecord(stored);
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
}
