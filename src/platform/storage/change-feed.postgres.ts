import type { ModuleId } from '../../kernel/module-id.js';
import type { ChangeKind, ChangeRow, LiveChangeFeed } from './change-feed.js';
import { decodeKey } from './postgres-keys.js';
import type { RunQuery } from './postgres-pools.js';

/** The channel on which the writing function tells the new head. */
export const changeChannel = 'roamhub_change';

interface Row {
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
 * The change sequence of a PostgreSQL database that several nodes write.
 *
 * Places become visible in their order, since each batch of changes keeps the counter's lock until its commit is seen; so a
 * cursor is one number here as well.
 */
export class PostgresChangeFeed implements LiveChangeFeed {
  private known = 0;
  private readonly listeners = new Set<() => void>();

  /** @param onReversed told when the database knows less than it did: it was replaced by an older state of itself */
  constructor(
    private readonly query: RunQuery,
    private readonly onReversed: () => void = () => undefined,
  ) {}

  head(): number {
    return this.known;
  }

  /** Tells of a place that is committed. */
  raise(place: number): void {
    if (!(place > this.known)) return;
    this.known = place;
    for (const listener of this.listeners) listener();
  }

  async refresh(): Promise<number> {
    const before = this.known;
    const { rows } = await this.query<{ n: number }>({ name: 'feed_head', text: 'SELECT n FROM feed_counter' });
    const head = rows[0]?.n ?? 0;
    // What was known before the question was committed, so no answer can lie below it.
    if (head < before) this.onReversed();
    this.raise(head);
    return this.known;
  }

  onAdvance(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async changesAfter(cursor: number, limit: number): Promise<readonly ChangeRow[]> {
    const { rows } = await this.query<Row>({
      name: 'feed_after',
      text: 'SELECT * FROM object_change WHERE seq > $1 ORDER BY seq LIMIT $2',
      values: [cursor, limit],
    });
    this.raise(rows.at(-1)?.seq ?? 0);
    return rows.map(toChange);
  }

  async countAfter(cursor: number): Promise<number> {
    const { rows } = await this.query<{ n: number }>({
      // Planned for this cursor each time: nearly all rows or nearly none may lie behind it.
      text: 'SELECT count(*) AS n FROM object_change WHERE seq > $1',
      values: [cursor],
    });
    return rows[0]?.n ?? 0;
  }

  async oldestAfter(cursor: number): Promise<number | undefined> {
    const { rows } = await this.query<{ recorded_at: number }>({
      name: 'feed_oldest',
      text: 'SELECT recorded_at FROM object_change WHERE seq > $1 ORDER BY seq LIMIT 1',
      values: [cursor],
    });
    return rows[0]?.recorded_at;
  }
}

function toChange(row: Row): ChangeRow {
  const slash = row.object.indexOf('/');
  return {
    seq: row.seq,
    module: row.object.slice(0, slash) as ModuleId,
    object: decodeKey(row.object.slice(slash + 1)),
    laneKey: decodeKey(row.lane_key.slice(slash + 1)),
    owner: decodeKey(row.owner),
    kind: row.kind,
    correlationId: row.correlation_id,
    recordedAt: row.recorded_at,
    ...(row.patch === null ? {} : { patch: row.patch }),
    ...(row.patch_base === null ? {} : { patchBase: row.patch_base }),
  };
}
