import type { Database, Statement } from 'better-sqlite3';
import type { Clock } from '../../kernel/clock.js';
import type { ModuleId } from '../../kernel/module-id.js';
import type { WriteJob, WriteOptions } from '../storage/index.js';
import type {
  ClearedObject,
  ExceptionState,
  LaneStore,
  NewException,
  ParkedFilter,
  ParkedPage,
  PushException,
} from './lane-store.js';

/** The part of the storage that lanes need. */
export interface LaneStorage {
  write<T>(job: WriteJob<T>, options?: WriteOptions): Promise<T>;
  readonly reader: Database;
  readonly writer: Database;
}

interface ExceptionRow {
  partner: string;
  party: string;
  object: string;
  lane_key: string;
  module: ModuleId;
  owner: string;
  is_delete: number;
  seq: number;
  attempts: number;
  next_due: number;
  http: number | null;
  ocpi: number | null;
  reason: string;
  state: ExceptionState;
  correlation_id: string;
  recorded_at: number;
}

const matching = `state = 'parked' AND (:partner IS NULL OR partner = :partner) AND (:module IS NULL OR module = :module)
  AND (:object IS NULL OR object = :object) AND (:from IS NULL OR next_due >= :from) AND (:to IS NULL OR next_due <= :to)`;

/** The objects that go their own way, in SQLite. */
export abstract class ExceptionTable
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
  private readonly upsert: Statement;
  private readonly pending: Statement;
  private readonly drop: Statement;
  private readonly fenceOf: Statement<[string, number]>;
  private readonly any: Statement<[string]>;
  private readonly due: Statement<[number]>;
  private readonly selectParked: Statement;
  private readonly countMatching: Statement;
  private readonly countParked: Statement<[]>;
  private readonly revive: Statement;
  private readonly clearOne: Statement;
  private readonly clearWhole: Statement;

  protected constructor(
    protected readonly storage: LaneStorage,
    protected readonly clock: Clock,
  ) {
    const { writer, reader } = storage;
    // What is to settle has its own time, whatever the partner says meanwhile.
    const further = "excluded.state = 'settle' OR (push_exception.state <> 'settle' AND excluded.attempts > attempts)";
    this.upsert = writer.prepare(
      `INSERT INTO push_exception SELECT :partner, :party, :module, :object, :laneKey, :owner, :isDelete, :seq, :attempts,
         :nextDue, :http, :ocpi, :reason, :state, :correlationId, :recordedAt
       FROM push_lane WHERE partner = :partner AND fence = :fence
       ON CONFLICT (partner, party, module, object) DO UPDATE SET
         lane_key = excluded.lane_key, owner = excluded.owner, is_delete = excluded.is_delete, seq = excluded.seq,
         http = excluded.http, ocpi = excluded.ocpi, reason = excluded.reason,
         correlation_id = excluded.correlation_id, recorded_at = excluded.recorded_at,
         next_due = CASE WHEN ${further} THEN excluded.next_due ELSE next_due END,
         state = CASE WHEN ${further} THEN excluded.state ELSE state END,
         attempts = CASE WHEN ${further} THEN excluded.attempts ELSE attempts END`,
    );
    this.pending = reader.prepare(
      `SELECT * FROM push_exception WHERE partner = ? AND state <> 'parked' ORDER BY next_due, object LIMIT ?`,
    );
    this.drop = writer.prepare(
      `DELETE FROM push_exception WHERE partner = :partner AND party = :party
         AND module = :module AND object = :object AND state = :state AND next_due = :nextDue`,
    );
    this.fenceOf = writer.prepare('SELECT 1 FROM push_lane WHERE partner = ? AND fence = ?');
    this.any = reader.prepare('SELECT 1 FROM push_exception WHERE partner = ? LIMIT 1');
    this.due = reader.prepare(
      `SELECT DISTINCT partner FROM push_exception WHERE state IN ('retry', 'settle') AND next_due <= ?`,
    );
    this.selectParked = reader.prepare(
      `SELECT * FROM push_exception WHERE ${matching} ORDER BY next_due DESC, partner, party, module, object LIMIT :limit`,
    );
    this.countMatching = reader.prepare(`SELECT count(*) AS n FROM push_exception WHERE ${matching}`);
    this.countParked = reader.prepare(
      `SELECT partner, count(*) AS n FROM push_exception WHERE state = 'parked' GROUP BY partner`,
    );
    this.revive = writer.prepare(
      `UPDATE push_exception SET state = 'retry', attempts = 0, next_due = :now
       WHERE ${matching} RETURNING partner`,
    );
    this.clearOne = writer.prepare(
      `DELETE FROM push_exception WHERE partner = ? AND party = ? AND module = ? AND object = ? AND seq <= ? AND state <> 'settle'`,
    );
    this.clearWhole = writer.prepare(
      `DELETE FROM push_exception WHERE partner = ? AND party = ? AND module = ? AND lane_key = ? AND seq <= ? AND state <> 'settle'`,
    );
  }

  noteException(exception: NewException, fence: number): Promise<boolean> {
    const { dueInMs, isDelete, http, ocpi, ...rest } = exception;
    const nextDue = this.clock.now() + dueInMs;
    const values = { ...rest, fence, nextDue, isDelete: isDelete ? 1 : 0, http: http ?? null, ocpi: ocpi ?? null };
    return this.storage.write(() => this.upsert.run(values).changes > 0);
  }

  async pendingExceptions(partner: string, limit: number): Promise<readonly PushException[]> {
    return (this.pending.all(partner, limit) as ExceptionRow[]).map(toException);
  }

  dropException(exception: PushException, fence: number): Promise<boolean> {
    const { partner, party, module, object, state, nextDue } = exception;
    return this.storage.write(() => {
      if (this.fenceOf.get(partner, fence) === undefined) return false;
      this.drop.run({ partner, party, module, object, state, nextDue });
      return true;
    });
  }

  async hasExceptions(partner: string): Promise<boolean> {
    return this.any.get(partner) !== undefined;
  }

  async partnersWithDueExceptions(): Promise<readonly string[]> {
    return (this.due.all(this.clock.now()) as { partner: string }[]).map((row) => row.partner);
  }

  async parked(filter: ParkedFilter, limit: number): Promise<ParkedPage> {
    const values = toValues(filter);
    const { n } = this.countMatching.get(values) as { n: number };
    const rows = this.selectParked.all({ ...values, limit }) as ExceptionRow[];
    return { total: n, items: rows.map(toException) };
  }

  async parkedCounts(): Promise<ReadonlyMap<string, number>> {
    return new Map((this.countParked.all() as { partner: string; n: number }[]).map((row) => [row.partner, row.n]));
  }

  replay(filter: ParkedFilter): Promise<{ readonly partners: readonly string[]; readonly objects: number }> {
    const values = { ...toValues(filter), now: this.clock.now() };
    return this.storage.write(() => {
      const rows = this.revive.all(values) as { partner: string }[];
      return { partners: [...new Set(rows.map((row) => row.partner))], objects: rows.length };
    });
  }

  protected clear(partner: string, { party, module, object, whole, seq }: ClearedObject): void {
    (whole ? this.clearWhole : this.clearOne).run(partner, party, module, object, seq);
  }

  /** Runs a job for its effect. */
  protected run(job: () => unknown): Promise<void> {
    return this.storage.write(() => {
      job();
    });
  }
}

function toValues({ partner, module, object, from, to }: ParkedFilter): Record<string, string | number | null> {
  return {
    partner: partner ?? null,
    module: module ?? null,
    object: object ?? null,
    from: from ?? null,
    to: to ?? null,
  };
}

function toException(row: ExceptionRow): PushException {
  return {
    partner: row.partner,
    party: row.party,
    module: row.module,
    object: row.object,
    laneKey: row.lane_key,
    owner: row.owner,
    isDelete: row.is_delete === 1,
    seq: row.seq,
    attempts: row.attempts,
    nextDue: row.next_due,
    http: row.http ?? undefined,
    ocpi: row.ocpi ?? undefined,
    reason: row.reason,
    state: row.state,
    correlationId: row.correlation_id,
    recordedAt: row.recorded_at,
  };
}
