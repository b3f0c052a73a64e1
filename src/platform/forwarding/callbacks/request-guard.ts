import { randomUUID } from 'node:crypto';
import type { DurableRows } from '../durable-rows.js';

/** What is known of a request when it comes. */
export type Begun =
  /** It comes for the first time, and whoever asked is to pass it on. */
  | { readonly kind: 'first' }
  /** It was passed on and answered: what was noted of the answer. */
  | { readonly kind: 'answered'; readonly answer: string }
  /** It may have been passed on, and nobody knows what came of it. */
  | { readonly kind: 'lost' }
  /** Another request came under the same id. */
  | { readonly kind: 'different' };

export interface RequestGuardOptions {
  readonly rows: DurableRows;
  /** Whether this process has the database for itself: then what an earlier one left is known to be lost. */
  readonly alone: boolean;
  /** How often a request that is under way elsewhere is looked for, ms. */
  readonly pollMs?: number;
}

interface GuardRow {
  readonly digest: string;
  readonly node: string;
  /** ms */
  readonly ms_left: number;
  readonly answer: string | null;
}

/** How long the answer to a request is remembered (T17). */
const guardedMs = 10 * 60_000;
/** After that a request that is under way cannot be any more: longer than any forward takes. */
const underWayMs = 60_000;

const claim = `INSERT INTO request_guard (key, digest, node, under_way_until, guarded_until)
    VALUES ($1, $2, $3, {now} + ${underWayMs}, {now} + ${guardedMs})
  ON CONFLICT (key) DO UPDATE SET digest = excluded.digest, node = excluded.node,
    under_way_until = excluded.under_way_until, guarded_until = excluded.guarded_until, answer = NULL
    WHERE request_guard.guarded_until <= {now}
  RETURNING key`;

/**
 * Sees to it that a request which comes again is not passed on again, over all nodes and crashes (T17, P10): for ten minutes
 * the same id of the same partner gets the same answer.
 */
export class RequestGuard {
  private readonly node = randomUUID();
  /** Who waits in this process for the end of a request. */
  private readonly waiting = new Map<string, Set<() => void>>();

  constructor(private readonly options: RequestGuardOptions) {}

  /**
   * Resolves once it is known what to do with a request; waits as long as the first one of its id is under way.
   *
   * @param key who asks and under which id
   * @param digest of everything else that makes it this request
   */
  async begin(key: string, digest: string): Promise<Begun> {
    const { rows, alone, pollMs = 250 } = this.options;
    for (;;) {
      const claimed = await rows.run(claim, [key, digest, this.node]);
      if (claimed.length > 0) return { kind: 'first' };
      const [row] = await rows.run<GuardRow>(
        'SELECT digest, node, under_way_until - {now} AS ms_left, answer FROM request_guard WHERE key = $1',
        [key],
      );
      // Let go of since: it did not leave, and may be tried again.
      if (!row) continue;
      if (row.digest !== digest) return { kind: 'different' };
      if (row.answer !== null) return { kind: 'answered', answer: row.answer };
      if (row.ms_left <= 0 || (alone && row.node !== this.node)) return { kind: 'lost' };
      await this.next(key, pollMs);
    }
  }

  /** Notes what was answered. */
  async settle(key: string, answer: string): Promise<void> {
    try {
      await this.options.rows.run('UPDATE request_guard SET answer = $2, under_way_until = 0 WHERE key = $1', [
        key,
        answer,
      ]);
    } finally {
      this.wake(key);
    }
  }

  /** Nothing has left: the request may come again. */
  async release(key: string): Promise<void> {
    try {
      await this.options.rows.run('DELETE FROM request_guard WHERE key = $1', [key]);
    } finally {
      this.wake(key);
    }
  }

  /** Takes out what is guarded no longer. */
  async sweep(): Promise<void> {
    await this.options.rows.note('DELETE FROM request_guard WHERE guarded_until <= {now}', []);
  }

  private next(key: string, ms: number): Promise<void> {
    return new Promise((resolve) => {
      const waiters = this.waiting.get(key) ?? new Set();
      this.waiting.set(key, waiters);
      const end = (): void => {
        clearTimeout(timer);
        waiters.delete(end);
        if (waiters.size === 0 && this.waiting.get(key) === waiters) this.waiting.delete(key);
        resolve();
      };
      const timer = setTimeout(end, ms);
      waiters.add(end);
    });
  }

  private wake(key: string): void {
    for (const end of this.waiting.get(key) ?? []) end();
  }
}
