import type { Database, Statement } from 'better-sqlite3';
import { memberTexts, withMembers } from '../../kernel/json-text.js';
import type { ModuleId } from '../../kernel/module-id.js';
import type { WriteTransaction } from './group-commit.js';

/** How the newest change of an object came about. */
export type ChangeKind = 'PUT' | 'PATCH' | 'DELETE';

/** What a module says of a change when it writes an object. */
export interface ObjectChange {
  readonly module: ModuleId;
  /** The object's key within its module, upper case: `DE/CP1/LOC1` or `DE/CP1/LOC1/EVSE1`. */
  readonly object: string;
  /** What order is kept for: the object itself or the Location that it belongs to. */
  readonly laneKey: string;
  /** Owner as a party key, `DE/CP1`. */
  readonly owner: string;
  readonly kind: ChangeKind;
  /** With PATCH: the text of the merge patch, a flat object. */
  readonly patch?: string;
  readonly correlationId: string;
  /** When the hub took the change, ms since the epoch. */
  readonly recordedAt: number;
}

/** The newest change of one object, with its place in the change sequence. */
export interface ChangeRow extends ObjectChange {
  readonly seq: number;
  /**
   * With PATCH: whoever holds this object's state of any place from here on becomes right by applying the patch.
   * Patches that follow one another are joined, so the base stays that of the first.
   */
  readonly patchBase?: number;
}

interface StoredChange {
  seq: number;
  module: ModuleId;
  object: string;
  lane_key: string;
  owner: string;
  kind: ChangeKind;
  patch: string | null;
  patch_base: number | null;
  correlation_id: string;
  recorded_at: number;
}

/** Read side of the change sequence, the same for every database. */
export interface ChangeFeed {
  /** The newest changes of objects behind `cursor`, oldest first, at most `limit`. */
  changesAfter(cursor: number, limit: number): Promise<readonly ChangeRow[]>;
  /** The highest place handed out so far; 0 when nothing ever changed. */
  head(): number;
  /** How many objects have changed behind `cursor`. */
  countAfter(cursor: number): Promise<number>;
  /** When the oldest change behind `cursor` was recorded, ms since the epoch; undefined if there is none. */
  oldestAfter(cursor: number): Promise<number | undefined>;
}

/**
 * The change sequence: one row per object with its newest change, never one per message.
 *
 * A row moves to the end when its object changes again, so what a partner missed never grows beyond the number of
 * objects (P6), and the cost of a write does not depend on who is listening. The place is taken in the transaction
 * that stores the object: either both are on disk or neither.
 */
export class SqliteChangeLog implements ChangeFeed {
  private readonly find: Statement<[string]>;
  private readonly remove: Statement<[string]>;
  private readonly removeBelow: Statement<[string, string]>;
  private readonly insert: Statement;
  private readonly after: Statement<[number, number]>;
  private readonly count: Statement<[number]>;
  private readonly oldest: Statement<[number]>;
  private taken: number;
  private committed: number;
  private readonly listeners = new Set<() => void>();

  constructor(writer: Database, reader: Database) {
    this.find = writer.prepare('SELECT seq, kind, patch, patch_base FROM object_change WHERE object = ?');
    this.remove = writer.prepare('DELETE FROM object_change WHERE object = ?');
    this.removeBelow = writer.prepare('DELETE FROM object_change WHERE object > ? AND object < ?');
    this.insert = writer.prepare(
      `INSERT INTO object_change (seq, module, object, lane_key, owner, kind, patch, patch_base, correlation_id, recorded_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.after = reader.prepare('SELECT * FROM object_change WHERE seq > ? ORDER BY seq LIMIT ?');
    this.count = reader.prepare('SELECT count(*) AS n FROM object_change WHERE seq > ?');
    this.oldest = reader.prepare('SELECT recorded_at FROM object_change WHERE seq > ? ORDER BY seq LIMIT 1');
    // The highest row is never deleted without a higher one taking its place, so the table itself is the counter.
    const last = writer.prepare('SELECT max(seq) AS seq FROM object_change').get() as { seq: number | null };
    this.taken = last.seq ?? 0;
    this.committed = this.taken;
  }

  /** Gives a change its place, inside the transaction that writes the object. Returns that place. */
  record(tx: WriteTransaction, change: ObjectChange): number {
    const object = `${change.module}/${change.object}`;
    const laneKey = `${change.module}/${change.laneKey}`;
    const previous = this.find.get(object) as StoredChange | undefined;
    const whole = object === laneKey ? previous : (this.find.get(laneKey) as StoredChange | undefined);
    let patch: string | null = null;
    let patchBase: number | null = null;
    if (change.kind === 'PATCH' && change.patch !== undefined) {
      const follows = previous?.kind === 'PATCH' && previous.patch !== null && previous.seq >= (whole?.seq ?? 0);
      patch = follows && previous.patch ? withMembers(previous.patch, memberTexts(change.patch)) : change.patch;
      patchBase = follows ? previous.patch_base : Math.max(previous?.seq ?? 0, whole?.seq ?? 0);
    }
    if (previous) this.remove.run(object);
    // What is sent whole carries everything below it; '0' is the character behind '/'.
    if (object === laneKey && change.kind !== 'PATCH') this.removeBelow.run(`${object}/`, `${object}0`);
    const seq = ++this.taken;
    this.insert.run(
      seq,
      change.module,
      object,
      laneKey,
      change.owner,
      change.kind,
      patch,
      patchBase,
      change.correlationId,
      change.recordedAt,
    );
    tx.afterCommit(() => {
      if (seq > this.committed) this.committed = seq;
      for (const listener of this.listeners) listener();
    });
    return seq;
  }

  head(): number {
    return this.committed;
  }

  /** Calls `listener` after each commit that moved the head; it must be quick. Returns how to stop that. */
  onAdvance(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async changesAfter(cursor: number, limit: number): Promise<readonly ChangeRow[]> {
    return (this.after.all(cursor, limit) as StoredChange[]).map(toRow);
  }

  async countAfter(cursor: number): Promise<number> {
    return (this.count.get(cursor) as { n: number }).n;
  }

  async oldestAfter(cursor: number): Promise<number | undefined> {
    return (this.oldest.get(cursor) as { recorded_at: number } | undefined)?.recorded_at;
  }
}

function toRow(stored: StoredChange): ChangeRow {
  const prefix = stored.module.length + 1;
  return {
    seq: stored.seq,
    module: stored.module,
    object: stored.object.slice(prefix),
    laneKey: stored.lane_key.slice(prefix),
    owner: stored.owner,
    kind: stored.kind,
    correlationId: stored.correlation_id,
    recordedAt: stored.recorded_at,
    ...(stored.patch === null ? {} : { patch: stored.patch }),
    ...(stored.patch_base === null ? {} : { patchBase: stored.patch_base }),
  };
}
