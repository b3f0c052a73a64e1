import { databaseNow, PostgresExceptionTable, type PostgresLaneStorage } from './exception-table.postgres.js';
import type { LaneProgress, LaneRecord, LaneStore, PauseReason, TakenLane } from './lane-store.js';
import { nothingOwed, type OwedRecord } from './owed-flows.js';

type Big = string | number;

interface LaneRow {
  partner: string;
  cursor_seq: Big;
  ahead: string;
  fence: Big;
  lease_owner: string | null;
  lease_left: Big;
  breaker: LaneRecord['circuit']['state'];
  failures: number;
  opened_at: Big | null;
  first_failure_at: Big | null;
  next_due: Big;
  paused_by: PauseReason | null;
  paused_at: Big | null;
}

interface OwedRow {
  policy: Big;
  flows: string;
}

const leaseLeft = `CASE WHEN lease_owner IS NULL THEN 0 ELSE greatest(0, lease_until - ${databaseNow}) END AS lease_left`;

/** Whoever has it in hand must take it up again; the lease stays, so that nobody else does meanwhile. */
const voidFence = 'fence = fence + 1';

const take = `UPDATE push_lane SET lease_owner = $2, lease_until = ${databaseNow} + $3::bigint, fence = fence + 1
  WHERE partner = $1 AND paused_by IS NULL
    AND (lease_owner IS NULL OR lease_owner = $2 OR lease_until <= ${databaseNow})
  RETURNING *, $3::bigint AS lease_left`;

/** $1 lease, ms; $2…$10 one list per column, one place per lane. */
const saved = `given AS (
    SELECT * FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::integer[], $8::bigint[],
      $9::bigint[], $10::bigint[]) AS g (partner, fence, cursor_seq, ahead, breaker, failures, opened_at,
      first_failure_at, next_due)
  ), saved AS (
    UPDATE push_lane lane SET cursor_seq = given.cursor_seq, ahead = given.ahead, breaker = given.breaker,
      failures = given.failures, opened_at = given.opened_at, first_failure_at = given.first_failure_at,
      next_due = given.next_due, lease_until = ${databaseNow} + $1::bigint
    FROM given WHERE lane.partner = given.partner AND lane.fence = given.fence
    RETURNING lane.partner
  )`;

/** $11…$16 one list per column of the objects that were taken. Only those of lanes that were written count. */
const voided = `voided AS (
    DELETE FROM push_exception e USING saved, unnest($11::text[], $12::text[], $13::text[], $14::text[], $15::boolean[],
      $16::bigint[]) AS taken (partner, party, module, object, whole, seq)
    WHERE taken.partner = saved.partner AND e.partner = taken.partner AND e.party = taken.party
      AND e.module = taken.module AND taken.object = CASE WHEN taken.whole THEN e.lane_key ELSE e.object END
      AND e.seq <= taken.seq AND e.state <> 'settle'
  )`;

/** $17…$19 one list per column of what lanes owe, where that has changed. */
const owing = `owing AS (
    INSERT INTO push_owed (partner, policy, flows)
    SELECT owed.partner, owed.policy, owed.flows
    FROM unnest($17::text[], $18::bigint[], $19::text[]) AS owed (partner, policy, flows) JOIN saved USING (partner)
    ON CONFLICT (partner) DO UPDATE SET policy = excluded.policy, flows = excluded.flows
  )`;

const lost = 'SELECT partner FROM given WHERE partner NOT IN (SELECT partner FROM saved)';
const save = `WITH ${saved} ${lost}`;
const saveAndVoid = `WITH ${saved}, ${voided} ${lost}`;
const saveAll = `WITH ${saved}, ${voided}, ${owing} ${lost}`;

/** $1 partner, $2 what it owed when it was read, $3 what it owes from now on. The lane first, as when progress is written. */
const owe = `WITH lane AS (UPDATE push_lane SET ${voidFence} WHERE partner = $1 RETURNING partner),
  present AS (INSERT INTO push_owed (partner, policy, flows) SELECT partner, -1, $3::text FROM lane WHERE $2::text = ''
    ON CONFLICT (partner) DO UPDATE SET policy = -1, flows = excluded.flows WHERE push_owed.flows = $2::text
    RETURNING partner),
  changed AS (UPDATE push_owed o SET policy = -1, flows = $3::text FROM lane
    WHERE o.partner = lane.partner AND $2::text <> '' AND o.flows = $2::text RETURNING o.partner)
  SELECT partner FROM present UNION ALL SELECT partner FROM changed`;

/**
 * Lanes in PostgreSQL, for any number of nodes. Each change is one statement with its guard inside, so that a node which stops
 * in the middle of anything holds no lock; and every time is the database's.
 */
export class PostgresLaneStore extends PostgresExceptionTable implements LaneStore {
  /** @param node name of this process, of no other one, and of none that ran before it */
  constructor(
    storage: PostgresLaneStorage,
    readonly node: string,
  ) {
    super(storage);
  }

  async attach(partner: string, cursor: number, owed?: OwedRecord): Promise<void> {
    await this.storage.query(
      `WITH made AS (
         INSERT INTO push_lane (partner, cursor_seq, ahead, fence, lease_until, breaker, failures, next_due)
         VALUES ($1, $2, '', 0, 0, 'closed', 0, 0) ON CONFLICT DO NOTHING RETURNING partner)
       INSERT INTO push_owed (partner, policy, flows)
       SELECT partner, $3::bigint, $4::text FROM made WHERE $4::text IS NOT NULL ON CONFLICT DO NOTHING`,
      [partner, cursor, owed?.policy ?? 0, owed?.flows ?? null],
    );
  }

  async detach(partner: string): Promise<void> {
    // The lane first: who is about to note an exception holds it, and finds it gone afterwards.
    await this.storage.query('DELETE FROM push_lane WHERE partner = $1', [partner]);
    await this.storage.query('DELETE FROM push_exception WHERE partner = $1', [partner]);
    await this.storage.query('DELETE FROM push_owed WHERE partner = $1', [partner]);
  }

  async all(): Promise<readonly LaneRecord[]> {
    const { rows } = await this.storage.query<LaneRow & { policy: Big }>(
      `SELECT push_lane.*, ${leaseLeft}, coalesce(push_owed.policy, 0) AS policy
       FROM push_lane LEFT JOIN push_owed USING (partner) ORDER BY partner`,
      [],
    );
    return rows.map((row) => toRecord(row, row.policy));
  }

  async acquire(partner: string, leaseMs: number): Promise<TakenLane | undefined> {
    const { rows } = await this.storage.query<LaneRow>(take, [partner, this.node, leaseMs]);
    const [row] = rows;
    if (!row) return undefined;
    // Only now: the statement above may have waited for what was being written under the fence before.
    const { policy, flows } = await this.owedRow(partner);
    return { ...toRecord(row, policy), owed: flows };
  }

  async owed(partner: string): Promise<string> {
    return (await this.owedRow(partner)).flows;
  }

  async owe(partner: string, before: string, flows: string): Promise<boolean> {
    const { rows } = await this.storage.query(owe, [partner, before, flows]);
    return rows.length > 0;
  }

  async save(progress: readonly LaneProgress[], leaseMs: number): Promise<readonly string[]> {
    const lanes = columns(
      progress,
      (one) => {
        const { state, failures, openedAt, firstFailureAt, nextDue } = one.circuit;
        const circuit = [state, failures, openedAt ?? null, firstFailureAt ?? null, nextDue];
        return [one.partner, one.fence, one.cursor, one.ahead, ...circuit];
      },
      9,
    );
    const cleared = progress.flatMap(({ partner, cleared }) => cleared.map((one) => ({ partner, ...one })));
    const taken = columns(
      cleared,
      ({ partner, party, module, object, whole, seq }) => [partner, party, module, object, whole, seq],
      6,
    );
    const owing = columns(
      progress.flatMap(({ partner, owed }) => (owed ? [{ partner, ...owed }] : [])),
      ({ partner, policy, flows }) => [partner, policy, flows],
      3,
    );
    const values: unknown[] = [leaseMs, ...lanes];
    let statement = save;
    if (owing[0]?.length) {
      statement = saveAll;
      values.push(...taken, ...owing);
    } else if (cleared.length > 0) {
      statement = saveAndVoid;
      values.push(...taken);
    }
    const { rows } = await this.storage.progress<{ partner: string }>(statement, values);
    return rows.map((row) => row.partner);
  }

  async release(partner: string, fence: number): Promise<void> {
    await this.storage.query(
      'UPDATE push_lane SET lease_owner = NULL, lease_until = 0 WHERE partner = $1 AND fence = $2',
      [partner, fence],
    );
  }

  async releaseOwn(): Promise<void> {
    await this.storage.query('UPDATE push_lane SET lease_owner = NULL, lease_until = 0 WHERE lease_owner = $1', [
      this.node,
    ]);
  }

  async rewind(partner: string, cursor: number): Promise<void> {
    await this.storage.query(`UPDATE push_lane SET cursor_seq = $2, ahead = '', ${voidFence} WHERE partner = $1`, [
      partner,
      cursor,
    ]);
  }

  async pause(partner: string, by: PauseReason): Promise<void> {
    await this.storage.query(
      `UPDATE push_lane SET paused_by = $2, paused_at = ${databaseNow}, ${voidFence} WHERE partner = $1`,
      [partner, by],
    );
  }

  private async owedRow(partner: string): Promise<OwedRecord> {
    const { rows } = await this.storage.query<OwedRow>('SELECT policy, flows FROM push_owed WHERE partner = $1', [
      partner,
    ]);
    const [row] = rows;
    return row ? { policy: Number(row.policy), flows: row.flows } : nothingOwed;
  }

  async resume(partner: string): Promise<void> {
    await this.storage.query(
      `UPDATE push_lane SET paused_by = NULL, paused_at = NULL, breaker = 'closed', failures = 0, opened_at = NULL,
         first_failure_at = NULL, next_due = 0, ${voidFence} WHERE partner = $1`,
      [partner],
    );
  }
}

/** Rows of `width` values as one list per column. */
function columns<T>(items: readonly T[], toRow: (item: T) => readonly unknown[], width: number): unknown[][] {
  const lists: unknown[][] = Array.from({ length: width }, () => []);
  for (const item of items) {
    for (const [index, value] of toRow(item).entries()) lists[index]?.push(value);
  }
  return lists;
}

function toRecord(row: LaneRow, policy: Big): LaneRecord {
  return {
    partner: row.partner,
    cursor: Number(row.cursor_seq),
    ahead: row.ahead,
    fence: Number(row.fence),
    leaseOwner: row.lease_owner ?? undefined,
    leaseLeftMs: Number(row.lease_left),
    circuit: {
      state: row.breaker,
      failures: row.failures,
      openedAt: numberOf(row.opened_at),
      firstFailureAt: numberOf(row.first_failure_at),
      nextDue: Number(row.next_due),
    },
    pausedBy: row.paused_by ?? undefined,
    pausedAt: numberOf(row.paused_at),
    policy: Number(policy),
  };
}

function numberOf(value: Big | null): number | undefined {
  return value === null ? undefined : Number(value);
}
