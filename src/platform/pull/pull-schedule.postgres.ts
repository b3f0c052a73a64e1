import { databaseNow, heldTurn, type SharedDatabase } from '../partners/index.js';
import type { PullDue, PullSchedule, PullTurn, PullWish } from './pull-schedule.js';

/** Where PostgreSQL tells the nodes that somebody asked for a pull. */
const channel = 'roamhub_pulls';

const wish = `WITH wished AS (
    INSERT INTO pull_schedule (partner, due_at, full_wished, wishes) VALUES ($1, ${databaseNow} + $2::bigint, $3, 1)
    ON CONFLICT (partner) DO UPDATE SET due_at = least(pull_schedule.due_at, excluded.due_at),
      full_wished = pull_schedule.full_wished OR excluded.full_wished, wishes = pull_schedule.wishes + 1
    RETURNING partner
  ) SELECT pg_notify($4, $2::bigint || ' ' || partner) FROM wished`;

const due = `SELECT due_at - ${databaseNow} AS in_ms, full_wished, wishes FROM pull_schedule WHERE partner = $1`;

const ended = `INSERT INTO pull_schedule AS known (partner, due_at, full_wished, wishes)
  SELECT $1, ${databaseNow} + $2::bigint, false, 0 WHERE EXISTS (${heldTurn('$4', '$5')})
  ON CONFLICT (partner) DO UPDATE SET
    due_at = CASE WHEN known.wishes = $3 THEN excluded.due_at ELSE known.due_at END,
    full_wished = known.wishes <> $3 AND known.full_wished`;

const sweep = `SELECT partner, coalesce(due_at, 0) - ${databaseNow} AS in_ms
  FROM unnest($1::text[]) AS given (partner) LEFT JOIN pull_schedule USING (partner)
  WHERE NOT EXISTS (SELECT 1 FROM node_turn WHERE name = $2 || partner AND held_until > ${databaseNow})`;

/** Numbers of 64 bits come as text unless the connection says otherwise. */
type Big = string | number;

/** The schedule of all nodes on one database: wishes and due times are rows, by the database's clock. */
export class PostgresPullSchedule implements PullSchedule {
  /** @param turnPrefix what stands before the partner in the name of a turn */
  constructor(
    private readonly shared: SharedDatabase,
    private readonly turnPrefix: string,
  ) {}

  async wish(partner: string, { delayMs, full }: { readonly delayMs: number; readonly full: boolean }): Promise<void> {
    await this.shared.query(wish, [partner, delayMs, full, channel]);
  }

  async due(partner: string): Promise<PullDue> {
    const { rows } = await this.shared.query<{ in_ms: Big; full_wished: boolean; wishes: Big }>(due, [partner]);
    const [row] = rows;
    if (!row) return { inMs: 0, full: false, wishes: 0 };
    return { inMs: Math.max(0, Number(row.in_ms)), full: row.full_wished, wishes: Number(row.wishes) };
  }

  async ended({ partner, name, holder }: PullTurn, { wishes }: PullDue, nextMs: number): Promise<void> {
    await this.shared.query(ended, [partner, nextMs, wishes, name, holder]);
  }

  async sweep(partners: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const { rows } = await this.shared.query<{ partner: string; in_ms: Big }>(sweep, [[...partners], this.turnPrefix]);
    return new Map(rows.map((row) => [row.partner, Math.max(0, Number(row.in_ms))]));
  }

  onWish(listener: (wish: PullWish | undefined) => void): () => void {
    return this.shared.listen(channel, (text) => {
      const [delayMs, partner] = text?.split(' ') ?? [];
      listener(partner === undefined ? undefined : { partner, delayMs: Number(delayMs) });
    });
  }
}
