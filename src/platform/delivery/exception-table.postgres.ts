import type { ModuleId } from '../../kernel/module-id.js';
import type { ExceptionState, LaneStore, NewException, ParkedFilter, ParkedPage, PushException } from './lane-store.js';

/** The part of a PostgreSQL storage that lanes need. Each statement is a transaction of its own. */
export interface PostgresLaneStorage {
  /** Resolves once what was written is durable. Rejects with StorageUnavailable if the database cannot be used. */
  query<Row>(sql: string, values: readonly unknown[]): Promise<{ readonly rows: readonly Row[] }>;
  /** The same without waiting for the disk: for what may be lost when the database ends, as progress may. */
  progress<Row>(sql: string, values: readonly unknown[]): Promise<{ readonly rows: readonly Row[] }>;
}

/** Now in ms since the epoch by the database's clock: nodes' own clocks differ. */
export const databaseNow = 'floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint';

/** Numbers of 64 bits come as text unless the connection says otherwise. */
type Big = string | number;

interface ExceptionRow {
  partner: string;
  party: string;
  object: string;
  lane_key: string;
  module: ModuleId;
  owner: string;
  is_delete: boolean;
  seq: Big;
  attempts: number;
  next_due: Big;
  http: number | null;
  ocpi: number | null;
  reason: string;
  state: ExceptionState;
  correlation_id: string;
  recorded_at: Big;
}

/**
 * The lane whose partner is $1, if its fence still is $2. The share lock keeps the fence where it is until the statement has
 * ended: whoever takes the lane over waits, and so finds all that was written under the old fence.
 */
const laneInHand = 'SELECT partner FROM push_lane WHERE partner = $1 AND fence = $2 FOR SHARE';

// What is to settle has its own time, whatever the partner says meanwhile.
const further = "excluded.state = 'settle' OR (old.state <> 'settle' AND excluded.attempts > old.attempts)";

const upsert = `INSERT INTO push_exception AS old (partner, party, module, object, lane_key, owner, is_delete, seq, attempts,
    next_due, http, ocpi, reason, state, correlation_id, recorded_at)
  SELECT lane.partner, $3::text, $4::text, $5::text, $6::text, $7::text, $8::boolean, $9::bigint, $10::integer,
    ${databaseNow} + $11::bigint, $12::integer, $13::integer, $14::text, $15::text, $16::text, $17::bigint
  FROM (${laneInHand}) lane
  ON CONFLICT (partner, party, module, object) DO UPDATE SET
    lane_key = excluded.lane_key, owner = excluded.owner, is_delete = excluded.is_delete, seq = excluded.seq,
    http = excluded.http, ocpi = excluded.ocpi, reason = excluded.reason,
    correlation_id = excluded.correlation_id, recorded_at = excluded.recorded_at,
    next_due = CASE WHEN ${further} THEN excluded.next_due ELSE old.next_due END,
    state = CASE WHEN ${further} THEN excluded.state ELSE old.state END,
    attempts = CASE WHEN ${further} THEN excluded.attempts ELSE old.attempts END
  RETURNING partner`;

const drop = `WITH lane AS (${laneInHand}), dropped AS (
    DELETE FROM push_exception e USING lane
    WHERE e.partner = lane.partner AND e.party = $3 AND e.module = $4 AND e.object = $5 AND e.state = $6 AND e.next_due = $7
  )
  SELECT partner FROM lane`;

const matching = `state = 'parked' AND ($1::text IS NULL OR partner = $1) AND ($2::text IS NULL OR module = $2)
  AND ($3::text IS NULL OR object = $3) AND ($4::bigint IS NULL OR next_due >= $4) AND ($5::bigint IS NULL OR next_due <= $5)`;

/** The objects that go their own way, in PostgreSQL. */
export abstract class PostgresExceptionTable
  implements
    Pick<
      LaneStore,
      | 'noteException'
      | 'pendingExceptions'
      | 'dropException'
      | 'hasExceptions'
      | 'partnersWithDueExceptions'
      | 'parked'
      | 'parkedCounts'
      | 'replay'
    >
{
  protected constructor(protected readonly storage: PostgresLaneStorage) {}

  async noteException(exception: NewException, fence: number): Promise<boolean> {
    const { partner, party, module, object, laneKey, owner, isDelete, seq, attempts, dueInMs } = exception;
    const { http, ocpi, reason, state, correlationId, recordedAt } = exception;
    const where = [partner, fence, party, module, object, laneKey, owner];
    const what = [
      isDelete,
      seq,
      attempts,
      dueInMs,
      http ?? null,
      ocpi ?? null,
      reason,
      state,
      correlationId,
      recordedAt,
    ];
    const { rows } = await this.storage.query(upsert, [...where, ...what]);
    return rows.length > 0;
  }

  async pendingExceptions(partner: string, limit: number): Promise<readonly PushException[]> {
    const { rows } = await this.storage.query<ExceptionRow>(
      `SELECT * FROM push_exception WHERE partner = $1 AND state <> 'parked' ORDER BY next_due, object LIMIT $2`,
      [partner, limit],
    );
    return rows.map(toException);
  }

  async dropException(exception: PushException, fence: number): Promise<boolean> {
    const { partner, party, module, object, state, nextDue } = exception;
    const { rows } = await this.storage.query(drop, [partner, fence, party, module, object, state, nextDue]);
    return rows.length > 0;
  }

  async hasExceptions(partner: string): Promise<boolean> {
    const { rows } = await this.storage.query('SELECT 1 FROM push_exception WHERE partner = $1 LIMIT 1', [partner]);
    return rows.length > 0;
  }

  async partnersWithDueExceptions(): Promise<readonly string[]> {
    const { rows } = await this.storage.query<{ partner: string }>(
      `SELECT DISTINCT partner FROM push_exception WHERE state IN ('retry', 'settle') AND next_due <= ${databaseNow}`,
      [],
    );
    return rows.map((row) => row.partner);
  }

  async parked(filter: ParkedFilter, limit: number): Promise<ParkedPage> {
    const values = toValues(filter);
    const counted = await this.storage.query<{ n: Big }>(
      `SELECT count(*) AS n FROM push_exception WHERE ${matching}`,
      values,
    );
    const { rows } = await this.storage.query<ExceptionRow>(
      `SELECT * FROM push_exception WHERE ${matching} ORDER BY next_due DESC, partner, party, module, object LIMIT $6`,
      [...values, limit],
    );
    return { total: Number(counted.rows[0]?.n ?? 0), items: rows.map(toException) };
  }

  async parkedCounts(): Promise<ReadonlyMap<string, number>> {
    const { rows } = await this.storage.query<{ partner: string; n: Big }>(
      `SELECT partner, count(*) AS n FROM push_exception WHERE state = 'parked' GROUP BY partner`,
      [],
    );
    return new Map(rows.map((row) => [row.partner, Number(row.n)]));
  }

  async replay(filter: ParkedFilter): Promise<{ readonly partners: readonly string[]; readonly objects: number }> {
    const { rows } = await this.storage.query<{ partner: string }>(
      `UPDATE push_exception SET state = 'retry', attempts = 0, next_due = ${databaseNow} WHERE ${matching}
       RETURNING partner`,
      toValues(filter),
    );
    return { partners: [...new Set(rows.map((row) => row.partner))], objects: rows.length };
  }
}

function toValues({ partner, module, object, from, to }: ParkedFilter): (string | number | null)[] {
  return [partner ?? null, module ?? null, object ?? null, from ?? null, to ?? null];
}

function toException(row: ExceptionRow): PushException {
  return {
    partner: row.partner,
    party: row.party,
    module: row.module,
    object: row.object,
    laneKey: row.lane_key,
    owner: row.owner,
    isDelete: row.is_delete,
    seq: Number(row.seq),
    attempts: row.attempts,
    nextDue: Number(row.next_due),
    http: row.http ?? undefined,
    ocpi: row.ocpi ?? undefined,
    reason: row.reason,
    state: row.state,
    correlationId: row.correlation_id,
    recordedAt: Number(row.recorded_at),
  };
}
