import type { Database, Statement } from 'better-sqlite3';
import type { ModuleId } from '../../kernel/module-id.js';
import type { ChangeKind, ChangeRow, LiveChangeFeed, ObjectChange } from './change-feed.js';
import { ChangeOrder } from './change-order.js';
import { type JoinedPatch, joinPatch } from './patch-joining.js';
import type { WriteTransaction } from './write-batch.js';

interface StoredChange {
  /** The module's id and the object's key: `locations/DE/CP1/LOC1/EVSE1`. */
  object: string;
  seq: number;
  lane_key: string;
  owner: string;
  kind: ChangeKind;
  patch: string | null;
  patch_base: number | null;
  correlation_id: string;
  recorded_at: number;
}

/**
 * The change sequence: one row per object with its newest change, never one per message.
 *
 * A row takes a higher place when its object changes again, so what a partner missed never grows beyond the number of
 * objects (P6), and the cost of a write does not depend on who is listening. The place is taken in the transaction
 * that stores the object: either both are on disk or neither.
 */
export class SqliteChangeLog implements LiveChangeFeed {
  private readonly order = new ChangeOrder();
  private readonly findBoth: Statement<[string, string]>;
  private readonly removeBelow: Statement<[string, string]>;
  private readonly upsert: Statement;
  private readonly newest: Statement<[string, string, string]>;
  private readonly read: Statement<[string]>;
  private taken: number;
  private readonly listeners = new Set<() => void>();

  /** @param settled resolves when all that readers can see by now is durable */
  constructor(
    writer: Database,
    reader: Database,
    private readonly settled: () => Promise<void> = async () => undefined,
  ) {
    this.findBoth = writer.prepare(
      'SELECT object, seq, kind, patch, patch_base FROM object_change WHERE object IN (?, ?)',
    );
    this.removeBelow = writer.prepare('DELETE FROM object_change WHERE object > ? AND object < ? RETURNING object');
    this.upsert = writer.prepare(
      `INSERT INTO object_change (object, seq, lane_key, owner, kind, patch, patch_base, correlation_id, recorded_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (object) DO UPDATE SET seq = excluded.seq, kind = excluded.kind, patch = excluded.patch,
         patch_base = excluded.patch_base, correlation_id = excluded.correlation_id, recorded_at = excluded.recorded_at`,
    );
    this.newest = writer.prepare(
      'SELECT max(recorded_at) AS at FROM object_change WHERE object = ? OR (object > ? AND object < ?)',
    );
    this.read = reader.prepare('SELECT * FROM object_change WHERE object = ?');
    const rows = writer.prepare('SELECT object, seq FROM object_change ORDER BY seq');
    for (const row of rows.iterate() as IterableIterator<{ object: string; seq: number }>)
      this.order.append(row.object, row.seq);
    // The highest row is never deleted without a higher one taking its place, so the table itself is the counter.
    this.taken = this.order.head;
  }

  /** Gives a change its place, inside the transaction that writes the object. Returns that place. */
  record(tx: WriteTransaction, change: ObjectChange): number {
    const object = `${change.module}/${change.object}`;
    const laneKey = `${change.module}/${change.laneKey}`;
    const { patch, patchBase } = this.joined(change, object, laneKey);
    const superseded = object === laneKey && change.kind !== 'PATCH' ? this.dropBelow(object) : [];
    const seq = ++this.taken;
    const { owner, kind, correlationId, recordedAt } = change;
    this.upsert.run(object, seq, laneKey, owner, kind, patch, patchBase, correlationId, recordedAt);
    tx.afterCommit(() => {
      for (const below of superseded) this.order.remove(below);
      this.order.append(object, seq);
      for (const listener of this.listeners) listener();
    });
    return seq;
  }

  /**
   * When an object or one below it last changed, ms since the epoch; undefined if it never did. Sees what the present
   * transaction has done.
   */
  changedAt(module: ModuleId, object: string): number | undefined {
    const key = `${module}/${object}`;
    return (this.newest.get(key, `${key}/`, `${key}0`) as { at: number | null }).at ?? undefined;
  }

  head(): number {
    return this.order.head;
  }

  /** This process alone writes and knows of everything that is durable; readers may see what is on its way to the disk. */
  async refresh(): Promise<number> {
    await this.settled();
    return this.order.head;
  }

  onAdvance(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async changesAfter(cursor: number, limit: number): Promise<readonly ChangeRow[]> {
    const rows: ChangeRow[] = [];
    for (const { object, place } of this.order.after(cursor)) {
      const row = this.read.get(object) as StoredChange | undefined;
      // A newer change of it is committed and not yet durable: it will be seen at its newer place.
      if (row?.seq !== place) continue;
      if (rows.push(toRow(row)) === limit) break;
    }
    return rows;
  }

  async countAfter(cursor: number): Promise<number> {
    if (cursor <= 0) return this.order.size;
    let count = 0;
    for (const _ of this.order.after(cursor)) count++;
    return count;
  }

  async oldestAfter(cursor: number): Promise<number | undefined> {
    const [oldest] = this.order.after(cursor);
    return oldest && (this.read.get(oldest.object) as StoredChange | undefined)?.recorded_at;
  }

  /** See {@link joinPatch}. */
  private joined(change: ObjectChange, object: string, laneKey: string): JoinedPatch {
    if (change.kind !== 'PATCH') return joinPatch(change, undefined, undefined);
    const rows = (this.findBoth.all(object, laneKey) as StoredChange[]).map((row) => ({
      object: row.object,
      seq: row.seq,
      kind: row.kind,
      patch: row.patch,
      patchBase: row.patch_base,
    }));
    return joinPatch(
      change,
      rows.find((row) => row.object === object),
      rows.find((row) => row.object === laneKey),
    );
  }

  /** What is sent whole carries everything below it; '0' is the character behind '/'. Returns the objects that went. */
  private dropBelow(object: string): string[] {
    return (this.removeBelow.all(`${object}/`, `${object}0`) as { object: string }[]).map((row) => row.object);
  }
}

function toRow(stored: StoredChange): ChangeRow {
  const slash = stored.object.indexOf('/');
  return {
    seq: stored.seq,
    module: stored.object.slice(0, slash) as ModuleId,
    object: stored.object.slice(slash + 1),
    laneKey: stored.lane_key.slice(slash + 1),
    owner: stored.owner,
    kind: stored.kind,
    correlationId: stored.correlation_id,
    recordedAt: stored.recorded_at,
    ...(stored.patch === null ? {} : { patch: stored.patch }),
    ...(stored.patch_base === null ? {} : { patchBase: stored.patch_base }),
  };
}
