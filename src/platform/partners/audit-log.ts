import { createHmac } from 'node:crypto';
import { type EntityManager, EntitySchema } from 'typeorm';
import type { Clock } from '../../kernel/clock.js';
import type { Actor } from './partner.js';
import { milliseconds } from './partner-entities.js';

/** Something done to a registration, a token, or a partner. Holds ids of tokens, never tokens. */
export interface AuditEntry {
  readonly actor: Actor;
  /** Such as `credentials.register`. */
  readonly action: string;
  /** Such as `partner:ID` or `invite:ID`. */
  readonly subject: string;
  /** `ok` or why not. */
  readonly result: string;
  readonly detail?: Readonly<Record<string, unknown>>;
}

export interface AuditRow {
  seq: number;
  /** ms since the epoch */
  at: number;
  actor: string;
  action: string;
  subject: string;
  result: string;
  source: string | null;
  /** JSON text */
  detail: string | null;
  previous_hash: string;
  hash: string;
}

export const auditEntity = new EntitySchema<AuditRow>({
  name: 'audit',
  tableName: 'audit',
  columns: {
    seq: { type: 'integer', primary: true, transformer: milliseconds },
    at: { type: 'integer', transformer: milliseconds },
    actor: { type: 'text' },
    action: { type: 'text' },
    subject: { type: 'text' },
    result: { type: 'text' },
    source: { type: 'text', nullable: true },
    detail: { type: 'text', nullable: true },
    previous_hash: { type: 'text' },
    hash: { type: 'text' },
  },
});

/** Where the chain stands; logged daily, so that a shortened table shows (threat T26). */
export interface AuditHead {
  readonly seq: number;
  readonly hash: string;
}

const genesis: AuditHead = { seq: 0, hash: '' };
const rowsPerStep = 1000;

/**
 * The record of what was done by whom: rows are only added, and each holds a keyed hash over itself and the row before,
 * so that a changed, removed or inserted row breaks the chain. The key lies outside the database (threat T26).
 */
export class AuditLog {
  constructor(
    private readonly key: Buffer,
    private readonly clock: Clock,
  ) {}

  /** Adds a row in the transaction that does what it tells of. */
  async append(manager: EntityManager, entry: AuditEntry): Promise<void> {
    const before = await this.head(manager);
    const unsigned: Omit<AuditRow, 'hash'> = {
      seq: before.seq + 1,
      at: this.clock.now(),
      actor: entry.actor.name,
      action: entry.action,
      subject: entry.subject,
      result: entry.result,
      source: entry.actor.source ?? null,
      detail: entry.detail ? JSON.stringify(entry.detail) : null,
      previous_hash: before.hash,
    };
    await manager.insert(auditEntity, { ...unsigned, hash: this.hashOf(unsigned) });
  }

  async head(manager: EntityManager): Promise<AuditHead> {
    const [last] = await manager.find(auditEntity, { order: { seq: 'DESC' }, take: 1 });
    return last ? { seq: last.seq, hash: last.hash } : genesis;
  }

  /** The newest rows behind `before` (a `seq`; all if left out), newest first. */
  list(manager: EntityManager, limit: number, before = Number.MAX_SAFE_INTEGER): Promise<AuditRow[]> {
    return manager
      .createQueryBuilder(auditEntity, 'row')
      .where('row.seq < :before', { before })
      .orderBy('row.seq', 'DESC')
      .take(limit)
      .getMany();
  }

  /**
   * The `seq` of the first row that does not fit, or `undefined` if the chain is whole.
   * With a head that was noted earlier it also finds rows cut off at the end.
   */
  async firstBroken(manager: EntityManager, noted: AuditHead = genesis): Promise<number | undefined> {
    let before = genesis;
    for (;;) {
      const rows = await manager
        .createQueryBuilder(auditEntity, 'row')
        .where('row.seq > :seq', { seq: before.seq })
        .orderBy('row.seq')
        .take(rowsPerStep)
        .getMany();
      for (const row of rows) {
        const fits = row.seq === before.seq + 1 && row.previous_hash === before.hash && row.hash === this.hashOf(row);
        if (!fits || (row.seq === noted.seq && row.hash !== noted.hash)) return row.seq;
        before = row;
      }
      if (rows.length < rowsPerStep) return before.seq < noted.seq ? before.seq + 1 : undefined;
    }
  }

  private hashOf(row: Omit<AuditRow, 'hash'>): string {
    const { seq, at, actor, action, subject, result, source, detail, previous_hash } = row;
    const content = JSON.stringify([seq, at, actor, action, subject, result, source, detail, previous_hash]);
    return createHmac('sha256', this.key).update(content).digest('hex');
  }
}
