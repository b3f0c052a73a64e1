import { createHash } from 'node:crypto';
import type { DurableRows } from '../durable-rows.js';

/** Where the result of something asked for is to go. */
export interface CallbackRow {
  /** Digest of the id in the hub's URL: who reads the table cannot call it. */
  readonly id: string;
  readonly module: string;
  /** First segment behind the hub's SENDER interface: the command, or `callbacks`. */
  readonly command: string;
  readonly originator_partner: string;
  /** `FR/EM1`, as it spells itself. */
  readonly originator: string;
  readonly receiver_partner: string;
  /** Party key of who may answer. */
  readonly receiver: string;
  /** Sealed. */
  readonly url: string;
  /** 1: may be called more than once (CMD-09). */
  readonly reusable: number;
  /** ms since the epoch */
  readonly expires_at: number;
}

/** Who calls a URL that the hub gave out. */
export interface CallbackClaim
  extends Pick<CallbackRow, 'id' | 'module' | 'command' | 'receiver_partner' | 'receiver'> {
  /** How long nobody else may, ms. */
  readonly busyMs: number;
}

/** A result that its originator could not be told yet. */
export interface ResultRow {
  readonly id: string;
  /** Id of the {@link CallbackRow}. */
  readonly callback: string;
  /** Sealed. */
  readonly body: string;
  /** `DE/CP1`, as it spells itself. */
  readonly responder: string;
  readonly correlation_id: string;
  readonly tries: number;
  /** Time until the deadline, ms. */
  readonly ms_left: number;
}

export const digestOf = (...parts: readonly (string | Buffer)[]): string => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length} `).update(part);
  return hash.digest('hex');
};

const columns =
  'id, module, command, originator_partner, originator, receiver_partner, receiver, url, reusable, expires_at';

/** What is still to come back, and what has come and waits; durable, the same on both databases. */
export class CallbackStore {
  constructor(private readonly rows: DurableRows) {}

  /** @param ttlMs how long it may be called */
  async add(row: Omit<CallbackRow, 'expires_at'>, ttlMs: number): Promise<void> {
    await this.rows.run(
      `INSERT INTO callback (${columns}, busy_until)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, {now} + $10, 0)`,
      [
        row.id,
        row.module,
        row.command,
        row.originator_partner,
        row.originator,
        row.receiver_partner,
        row.receiver,
        row.url,
        row.reusable,
        ttlMs,
      ],
    );
  }

  /** Lets it be called for `ttlMs` from now. */
  async extend(id: string, ttlMs: number): Promise<void> {
    await this.rows.run('UPDATE callback SET expires_at = {now} + $2 WHERE id = $1', [id, ttlMs]);
  }

  async remove(id: string): Promise<void> {
    await this.rows.run('DELETE FROM callback WHERE id = $1', [id]);
  }

  async find(id: string): Promise<CallbackRow | undefined> {
    const [row] = await this.rows.run<CallbackRow>(`SELECT ${columns} FROM callback WHERE id = $1`, [id]);
    return row;
  }

  /** Takes it for one call, unless it is used up, expired, busy, or somebody else's. */
  async claim(claim: CallbackClaim): Promise<CallbackRow | undefined> {
    const [row] = await this.rows.run<CallbackRow>(
      `UPDATE callback SET busy_until = {now} + $6
        WHERE id = $1 AND module = $2 AND command = $3 AND receiver_partner = $4 AND receiver = $5
          AND expires_at > {now} AND busy_until <= {now} AND (used_at IS NULL OR reusable = 1)
        RETURNING ${columns}`,
      [claim.id, claim.module, claim.command, claim.receiver_partner, claim.receiver, claim.busyMs],
    );
    return row;
  }

  /** Whether it would be this caller's, but for another call that is under way. */
  async isBusy(claim: Omit<CallbackClaim, 'busyMs'>): Promise<boolean> {
    const rows = await this.rows.run(
      `SELECT id FROM callback
        WHERE id = $1 AND module = $2 AND command = $3 AND receiver_partner = $4 AND receiver = $5
          AND expires_at > {now} AND busy_until > {now} AND (used_at IS NULL OR reusable = 1)`,
      [claim.id, claim.module, claim.command, claim.receiver_partner, claim.receiver],
    );
    return rows.length > 0;
  }

  /** Ends all calls: for a process that has the database for itself and has just started. */
  async letAllGo(): Promise<void> {
    await this.rows.run('UPDATE callback SET busy_until = 0 WHERE busy_until > 0', []);
  }

  /** Ends a call: `used` if it has brought its result. */
  async letGo(id: string, used: boolean): Promise<void> {
    await this.rows.run(
      used
        ? 'UPDATE callback SET busy_until = 0, used_at = {now} WHERE id = $1'
        : 'UPDATE callback SET busy_until = 0 WHERE id = $1',
      [id],
    );
  }

  /** Keeps a result that was tried once, until its callback expires. */
  async keep(row: Omit<ResultRow, 'tries' | 'ms_left'>, dueInMs: number): Promise<void> {
    await this.rows.run(
      `INSERT INTO callback_result (id, callback, body, responder, correlation_id, tries, next_due, deadline)
        SELECT $1, id, $3, $4, $5, 1, {now} + $6, expires_at FROM callback WHERE id = $2`,
      [row.id, row.callback, row.body, row.responder, row.correlation_id, dueInMs],
    );
  }

  /** Takes a result that is due for one more try; nobody else does for `busyMs`. */
  async take(id: string, busyMs: number): Promise<ResultRow | undefined> {
    const [row] = await this.rows.run<ResultRow>(
      `UPDATE callback_result SET tries = tries + 1, next_due = {now} + $2 WHERE id = $1 AND next_due <= {now}
        RETURNING id, callback, body, responder, correlation_id, tries, deadline - {now} AS ms_left`,
      [id, busyMs],
    );
    return row;
  }

  async postpone(id: string, dueInMs: number): Promise<void> {
    await this.rows.run('UPDATE callback_result SET next_due = {now} + $2 WHERE id = $1', [id, dueInMs]);
  }

  async drop(id: string): Promise<void> {
    await this.rows.run('DELETE FROM callback_result WHERE id = $1', [id]);
  }

  /** Results that are due now. */
  async due(): Promise<readonly string[]> {
    const rows = await this.rows.run<{ id: string }>(
      'SELECT id FROM callback_result WHERE next_due <= {now} ORDER BY next_due LIMIT 200',
      [],
    );
    return rows.map((row) => row.id);
  }

  /** Takes out what can be called no more; a callback stays as long as a result for it waits. */
  async sweep(): Promise<void> {
    await this.rows.note(
      `DELETE FROM callback WHERE expires_at <= {now}
        AND NOT EXISTS (SELECT 1 FROM callback_result WHERE callback_result.callback = callback.id)`,
      [],
    );
  }
}
