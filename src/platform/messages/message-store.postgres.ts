import type { MessageFilter } from './message-filter.js';
import type { MessageBounds, MessagePage, MessageRow, MessageStore } from './message-store.js';
import { type MessageSource, type PartWanted, type PlacedText, searchMessages } from './search-messages.js';

/** The part of a PostgreSQL storage that messages need. */
export interface PostgresMessageStorage {
  query<Row>(sql: string, values: readonly unknown[]): Promise<{ readonly rows: readonly Row[] }>;
  /** The same without waiting for the disk. */
  progress<Row>(
    sql: string,
    values: readonly unknown[],
  ): Promise<{ readonly rows: readonly Row[]; readonly rowCount: number | null }>;
  duty(name: string, forMs: number): Promise<boolean>;
}

/** Rows that are removed by one statement. */
const slice = 5_000;
/** A node keeps the duty to sweep for so long, ms. */
const dutyMs = 150_000;

const insert = `INSERT INTO message (at, correlation_id, entry)
  SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[]) AS given (at, correlation_id, entry)`;

const removeOld = `DELETE FROM message WHERE id IN (SELECT id FROM message ORDER BY id LIMIT $1) AND at < $2`;
const removeMany = `DELETE FROM message WHERE id IN (
  SELECT id FROM message WHERE id <= (SELECT max(id) FROM message) - $2::bigint ORDER BY id LIMIT $1)`;

/** Messages of all nodes in one PostgreSQL table. A crash of the server may cost the last moments. */
export class PostgresMessageStore implements MessageStore {
  /** A server that was away comes back. If it had taken them, and only its answer got lost, they stand there twice. */
  readonly again = true;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly storage: PostgresMessageStorage,
    private readonly bounds: MessageBounds,
  ) {}

  async write(rows: readonly MessageRow[]): Promise<void> {
    await this.storage.progress(insert, [
      rows.map(({ at }) => at),
      rows.map(({ correlationId }) => correlationId),
      rows.map(({ text }) => text),
    ]);
  }

  /** One search at a time: connections are for lanes and leases first. */
  find(filter: MessageFilter, limit: number, before: number | undefined): Promise<MessagePage> {
    const found = this.turn.then(() => searchMessages(this.source, filter, limit, before));
    this.turn = found.catch(() => undefined);
    return found;
  }

  async sweep(now: number): Promise<void> {
    if (!(await this.storage.duty('messages', dutyMs))) return;
    await this.removeAll(removeOld, now - this.bounds.keepMs);
    await this.removeAll(removeMany, this.bounds.entries);
  }

  async close(): Promise<void> {
    await this.turn;
  }

  private async removeAll(sql: string, limit: number): Promise<void> {
    for (;;) {
      const { rowCount } = await this.storage.progress(sql, [slice, limit]);
      if ((rowCount ?? 0) < slice) return;
    }
  }

  private readonly source: MessageSource = {
    window: 20_000,
    hasIndex: true,
    range: async () => {
      const { rows } = await this.storage.query<{ low: string | number | null; high: string | number | null }>(
        'SELECT min(id) AS low, max(id) AS high FROM message',
        [],
      );
      const { low = null, high = null } = rows[0] ?? {};
      return low === null || high === null ? undefined : [Number(low), Number(high)];
    },
    part: (wanted) => this.part(wanted),
    timeBelow: async (place) => {
      const { rows } = await this.storage.query<{ at: string | number }>(
        'SELECT at FROM message WHERE id < $1 ORDER BY id DESC LIMIT 1',
        [place],
      );
      return rows[0] === undefined ? undefined : Number(rows[0].at);
    },
  };

  private async part({ from, below, correlationId, since, until, needles, limit }: PartWanted): Promise<PlacedText[]> {
    const { rows } = await this.storage.query<{ place: string | number; text: string }>(
      `SELECT id AS place, entry AS text FROM message
       WHERE id >= $1 AND id < $2 AND at >= $3 AND at <= $4 AND ${correlationOf(correlationId)}
         ${needles.map((_, index) => `AND strpos(entry, $${index + 7}) > 0`).join(' ')}
       ORDER BY id DESC LIMIT $6`,
      [from, below, since, until, correlationId ?? '', limit, ...needles],
    );
    return rows.map(({ place, text }) => ({ place: Number(place), text }));
  }
}

/** Written so that the planner sees whether the index helps. */
const correlationOf = (id: string | undefined): string => (id === undefined ? "$5::text = ''" : 'correlation_id = $5');
