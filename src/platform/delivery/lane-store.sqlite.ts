import type { Statement } from 'better-sqlite3';
import type { Clock } from '../../kernel/clock.js';
import { ExceptionTable, type LaneStorage } from './exception-table.sqlite.js';
import type { LaneProgress, LaneRecord, LaneStore, PauseReason, TakenLane } from './lane-store.js';
import { nothingOwed, type OwedRecord } from './owed-flows.js';

interface LaneRow {
  partner: string;
  cursor_seq: number;
  fence: number;
  lease_owner: string | null;
  lease_until: number;
  breaker: LaneRecord['circuit']['state'];
  failures: number;
  opened_at: number | null;
  first_failure_at: number | null;
  next_due: number;
  paused_by: PauseReason | null;
  paused_at: number | null;
  ahead: string;
}

interface OwedRow {
  policy: number;
  flows: string;
}

/**
 * Lanes in SQLite. One process owns the file, so this process's clock is the database's clock and one name of the node
 * serves for ever; the statements are guarded all the same.
 */
export class SqliteLaneStore extends ExceptionTable implements LaneStore {
  private readonly insert: Statement;
  private readonly deleteLane: Statement<[string]>;
  private readonly deleteExceptions: Statement<[string]>;
  private readonly selectAll: Statement<[]>;
  private readonly take: Statement;
  private readonly progress: Statement;
  private readonly give: Statement;
  private readonly giveOwn: Statement;
  private readonly setCursor: Statement;
  private readonly stop: Statement;
  private readonly goOn: Statement;
  private readonly selectOwed: Statement<[string]>;
  private readonly readOwed: Statement<[string]>;
  private readonly setOwed: Statement<[string, number, string]>;
  private readonly deleteOwed: Statement<[string]>;
  private readonly voidFence: Statement<[string]>;

  /** @param node name of this node, the same after a restart */
  constructor(
    storage: LaneStorage,
    clock: Clock,
    readonly node: string,
  ) {
    super(storage, clock);
    const { writer, reader } = storage;
    this.insert = writer.prepare(
      `INSERT INTO push_lane (partner, cursor_seq, fence, lease_until, breaker, failures, next_due)
       VALUES (?, ?, 0, 0, 'closed', 0, 0) ON CONFLICT DO NOTHING`,
    );
    this.deleteLane = writer.prepare('DELETE FROM push_lane WHERE partner = ?');
    this.deleteExceptions = writer.prepare('DELETE FROM push_exception WHERE partner = ?');
    this.selectAll = reader.prepare(
      `SELECT push_lane.*, coalesce(push_owed.policy, 0) AS policy
       FROM push_lane LEFT JOIN push_owed ON push_owed.partner = push_lane.partner ORDER BY push_lane.partner`,
    );
    this.selectOwed = writer.prepare('SELECT policy, flows FROM push_owed WHERE partner = ?');
    this.readOwed = reader.prepare('SELECT policy, flows FROM push_owed WHERE partner = ?');
    this.setOwed = writer.prepare(
      `INSERT INTO push_owed (partner, policy, flows) VALUES (?, ?, ?)
       ON CONFLICT (partner) DO UPDATE SET policy = excluded.policy, flows = excluded.flows`,
    );
    this.deleteOwed = writer.prepare('DELETE FROM push_owed WHERE partner = ?');
    this.voidFence = writer.prepare('UPDATE push_lane SET fence = fence + 1 WHERE partner = ?');
    this.take = writer.prepare(
      `UPDATE push_lane SET lease_owner = :node, lease_until = :now + :leaseMs, fence = fence + 1
       WHERE partner = :partner AND paused_by IS NULL
         AND (lease_owner IS NULL OR lease_owner = :node OR lease_until <= :now)
       RETURNING *`,
    );
    this.progress = writer.prepare(
      `UPDATE push_lane SET cursor_seq = :cursor, ahead = :ahead, lease_until = :now + :leaseMs, breaker = :state, failures = :failures,
         opened_at = :openedAt, first_failure_at = :firstFailureAt, next_due = :nextDue
       WHERE partner = :partner AND fence = :fence`,
    );
    this.give = writer.prepare(
      'UPDATE push_lane SET lease_owner = NULL, lease_until = 0 WHERE partner = ? AND fence = ?',
    );
    this.giveOwn = writer.prepare('UPDATE push_lane SET lease_owner = NULL, lease_until = 0 WHERE lease_owner = ?');
    this.setCursor = writer.prepare(
      `UPDATE push_lane SET cursor_seq = ?, ahead = '', fence = fence + 1 WHERE partner = ?`,
    );
    this.stop = writer.prepare(
      `UPDATE push_lane SET paused_by = ?, paused_at = ?, fence = fence + 1 WHERE partner = ?`,
    );
    this.goOn = writer.prepare(
      `UPDATE push_lane SET paused_by = NULL, paused_at = NULL, fence = fence + 1, breaker = 'closed', failures = 0, opened_at = NULL, first_failure_at = NULL, next_due = 0
       WHERE partner = ?`,
    );
  }

  attach(partner: string, cursor: number, owed?: OwedRecord): Promise<void> {
    return this.run(() => {
      const { changes } = this.insert.run(partner, cursor);
      if (changes > 0 && owed) this.setOwed.run(partner, owed.policy, owed.flows);
    });
  }

  detach(partner: string): Promise<void> {
    return this.run(() => {
      this.deleteExceptions.run(partner);
      this.deleteOwed.run(partner);
      this.deleteLane.run(partner);
    });
  }

  async all(): Promise<readonly LaneRecord[]> {
    const now = this.clock.now();
    return (this.selectAll.all() as (LaneRow & OwedRow)[]).map((row) => toRecord(row, row.policy, now));
  }

  async acquire(partner: string, leaseMs: number): Promise<TakenLane | undefined> {
    const { node, clock } = this;
    return this.storage.write(() => {
      const now = clock.now();
      const row = this.take.get({ partner, node, now, leaseMs }) as LaneRow | undefined;
      if (!row) return undefined;
      const { policy, flows } = (this.selectOwed.get(partner) as OwedRow | undefined) ?? nothingOwed;
      return { ...toRecord(row, policy, now), owed: flows };
    });
  }

  async owed(partner: string): Promise<string> {
    return ((this.readOwed.get(partner) as OwedRow | undefined) ?? nothingOwed).flows;
  }

  owe(partner: string, before: string, flows: string): Promise<boolean> {
    return this.storage.write(() => {
      const now = (this.selectOwed.get(partner) as OwedRow | undefined) ?? nothingOwed;
      if (now.flows !== before || this.voidFence.run(partner).changes === 0) return false;
      this.setOwed.run(partner, -1, flows);
      return true;
    });
  }

  save(progress: readonly LaneProgress[], leaseMs: number): Promise<readonly string[]> {
    return this.storage.write(
      () => {
        const lost: string[] = [];
        for (const one of progress) if (!this.saveOne(one, leaseMs)) lost.push(one.partner);
        return lost;
      },
      { durable: false },
    );
  }

  release(partner: string, fence: number): Promise<void> {
    return this.run(() => this.give.run(partner, fence));
  }

  releaseOwn(): Promise<void> {
    return this.run(() => this.giveOwn.run(this.node));
  }

  rewind(partner: string, cursor: number): Promise<void> {
    return this.run(() => this.setCursor.run(cursor, partner));
  }

  pause(partner: string, by: PauseReason): Promise<void> {
    return this.run(() => this.stop.run(by, this.clock.now(), partner));
  }

  resume(partner: string): Promise<void> {
    return this.run(() => this.goOn.run(partner));
  }

  private saveOne({ partner, fence, cursor, ahead, circuit, owed, cleared }: LaneProgress, leaseMs: number): boolean {
    const { changes } = this.progress.run({
      partner,
      fence,
      cursor,
      ahead,
      leaseMs,
      now: this.clock.now(),
      state: circuit.state,
      failures: circuit.failures,
      openedAt: circuit.openedAt ?? null,
      firstFailureAt: circuit.firstFailureAt ?? null,
      nextDue: circuit.nextDue,
    });
    if (changes === 0) return false;
    if (owed) this.setOwed.run(partner, owed.policy, owed.flows);
    for (const object of cleared) this.clear(partner, object);
    return true;
  }
}

function toRecord(row: LaneRow, policy: number, now: number): LaneRecord {
  return {
    partner: row.partner,
    cursor: row.cursor_seq,
    fence: row.fence,
    leaseOwner: row.lease_owner ?? undefined,
    leaseLeftMs: row.lease_owner === null ? 0 : Math.max(0, row.lease_until - now),
    circuit: {
      state: row.breaker,
      failures: row.failures,
      openedAt: row.opened_at ?? undefined,
      firstFailureAt: row.first_failure_at ?? undefined,
      nextDue: row.next_due,
    },
    pausedBy: row.paused_by ?? undefined,
    pausedAt: row.paused_at ?? undefined,
    ahead: row.ahead,
    policy,
  };
}
