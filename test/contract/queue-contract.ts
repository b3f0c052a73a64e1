import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { WorkQueue } from '../../src/platform/queue/index.js';

/** What a handler was told about a run, and the means to end it. */
interface Run {
  readonly id: string;
  readonly at: number;
  readonly signal: AbortSignal;
  readonly end: (error?: Error) => void;
}

/** A handler whose runs last until the test ends them. */
class Runs {
  readonly all: Run[] = [];
  overlaps = 0;
  most = 0;
  private readonly active = new Map<string, number>();
  private waiters: (() => void)[] = [];

  constructor(private readonly held: boolean) {}

  readonly handler = (id: string, signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const others = this.active.get(id) ?? 0;
      if (others > 0) this.overlaps++;
      this.active.set(id, others + 1);
      this.most = Math.max(this.most, this.running);
      const end = (error?: Error): void => {
        this.active.set(id, (this.active.get(id) ?? 1) - 1);
        if (error) reject(error);
        else resolve();
      };
      this.all.push({ id, at: Date.now(), signal, end });
      if (!this.held) end();
      for (const wake of this.waiters.splice(0)) wake();
    });

  get running(): number {
    return [...this.active.values()].reduce((sum, count) => sum + count, 0);
  }

  get ids(): string[] {
    return this.all.map(({ id }) => id);
  }

  /** The run with this number, counted from 0, as soon as it has begun. */
  async begun(index: number): Promise<Run> {
    for (;;) {
      const run = this.all[index];
      if (run) return run;
      await new Promise<void>((resolve) => this.waiters.push(resolve));
    }
  }
}

export interface QueueUnderTest {
  readonly queue: WorkQueue;
  /** What was reported, newest last. */
  readonly troubles: { readonly error: unknown; readonly queue?: string; readonly id?: string }[];
  /** Releases what the queue stood on, after it was closed. */
  release(): Promise<void>;
}

const distantMs = 60_000;

/** What every {@link WorkQueue} must do. */
export function describeWorkQueue(name: string, open: () => Promise<QueueUnderTest>): void {
  describe(`${name} as a work queue`, () => {
    let subject: QueueUnderTest;
    let queue: WorkQueue;
    beforeEach(async () => {
      subject = await open();
      queue = subject.queue;
    });
    afterEach(async () => {
      await queue.close(0);
      await subject.release();
    });

    async function started(held: boolean, concurrency = 4): Promise<Runs> {
      const runs = new Runs(held);
      queue.process('lane', runs.handler, { concurrency });
      await queue.start();
      return runs;
    }

    it('runs what is added, once', async () => {
      const runs = await started(false);
      queue.add('lane', 'a');
      await queue.idle();
      expect(runs.ids).toEqual(['a']);
      queue.add('lane', 'a');
      await queue.idle();
      expect(runs.ids).toEqual(['a', 'a']);
      expect(queue.health()).toBe('ok');
    });

    it('runs what was added before the start', async () => {
      queue.add('lane', 'early');
      const runs = await started(false);
      queue.add('lane', 'late');
      await queue.idle();
      expect(new Set(runs.ids)).toEqual(new Set(['early', 'late']));
    });

    it('does not run work inside of add', async () => {
      const runs = await started(false);
      queue.add('lane', 'a');
      expect(runs.ids).toEqual([]);
      await queue.idle();
    });

    it('collapses wake-ups of one id that waits', async () => {
      const runs = await started(true, 1);
      queue.add('lane', 'first');
      const first = await runs.begun(0);
      for (let i = 0; i < 5; i++) {
        queue.add('lane', 'a');
        await new Promise(setImmediate);
      }
      first.end();
      (await runs.begun(1)).end();
      await queue.idle();
      expect(runs.ids).toEqual(['first', 'a']);
    });

    it('runs an id once more when it was woken while running, and never twice at a time', async () => {
      const runs = await started(true);
      queue.add('lane', 'a');
      const first = await runs.begun(0);
      for (let i = 0; i < 5; i++) {
        queue.add('lane', 'a');
        await new Promise(setImmediate);
      }
      expect(runs.all).toHaveLength(1);
      first.end();
      (await runs.begun(1)).end();
      await queue.idle();
      expect(runs.ids).toEqual(['a', 'a']);
      expect(runs.overlaps).toBe(0);
    });

    it('loses no wake-up of an id that is woken again and again', async () => {
      let seen = 0;
      let wanted = 0;
      queue.process(
        'lane',
        async () => {
          await new Promise(setImmediate);
          seen = wanted;
        },
        { concurrency: 2 },
      );
      await queue.start();
      for (let i = 0; i < 200; i++) {
        wanted++;
        queue.add('lane', 'a');
        if (i % 3 === 0) await new Promise(setImmediate);
        if (i % 50 === 0) await queue.idle();
      }
      await queue.idle();
      expect(seen).toBe(200);
    });

    it('runs different ids side by side, up to the limit', async () => {
      const runs = await started(true, 3);
      for (const id of ['a', 'b', 'c', 'd', 'e']) queue.add('lane', id);
      for (let i = 0; i < 5; i++) {
        await runs.begun(Math.min(i + 2, 4));
        runs.all[i]?.end();
      }
      await queue.idle();
      expect(runs.most).toBe(3);
      expect(new Set(runs.ids).size).toBe(5);
    });

    it('collapses work that is to be done here with all other of the same id', async () => {
      const runs = await started(true, 1);
      queue.add('lane', 'a', { here: true });
      const first = await runs.begun(0);
      for (let i = 0; i < 5; i++) {
        queue.add('lane', 'a', { here: i % 2 === 0 });
        queue.add('lane', 'b', { here: i % 2 === 0 });
        await new Promise(setImmediate);
      }
      expect(runs.all).toHaveLength(1);
      first.end();
      (await runs.begun(1)).end();
      (await runs.begun(2)).end();
      await queue.idle();
      expect(runs.ids.slice().sort()).toEqual(['a', 'a', 'b']);
      expect(runs.overlaps).toBe(0);
    });

    it('lets the earlier due time win, here or not', async () => {
      const runs = await started(false);
      for (const here of [true, false]) {
        const [a, b] = [`a-${here}`, `b-${here}`];
        for (const id of [a, b]) queue.add('lane', id, { delayMs: distantMs, here: !here });
        await queue.idle();
        queue.add('lane', a, { here });
        queue.add('lane', b, { delayMs: 20, here });
      }
      await runs.begun(3);
      await queue.idle();
      expect(runs.ids.slice().sort()).toEqual(['a-false', 'a-true', 'b-false', 'b-true']);
    });

    it('keeps queues apart', async () => {
      const pulls = new Runs(false);
      queue.process('pull', pulls.handler, { concurrency: 1 });
      const lanes = await started(true, 1);
      queue.add('lane', 'a');
      const held = await lanes.begun(0);
      queue.add('pull', 'a');
      await pulls.begun(0);
      held.end();
      await queue.idle();
      expect(lanes.ids).toEqual(['a']);
      expect(pulls.ids).toEqual(['a']);
    });

    it('starts delayed work when it is due, and not before', async () => {
      const runs = await started(false);
      const from = Date.now();
      queue.add('lane', 'later', { delayMs: 80 });
      queue.add('lane', 'now');
      const [first, second] = [await runs.begun(0), await runs.begun(1)];
      expect([first.id, second.id]).toEqual(['now', 'later']);
      // A millisecond is lost where one clock sets the time and another one keeps it.
      expect(second.at - from).toBeGreaterThanOrEqual(79);
    });

    it('lets the earlier due time win', async () => {
      const runs = await started(false);
      queue.add('lane', 'a', { delayMs: distantMs });
      queue.add('lane', 'b', { delayMs: distantMs });
      await queue.idle();
      queue.add('lane', 'a');
      queue.add('lane', 'a', { delayMs: distantMs });
      queue.add('lane', 'b', { delayMs: 20 });
      await runs.begun(1);
      await queue.idle();
      expect(runs.ids).toEqual(['a', 'b']);
    });

    it('collapses a delayed wake-up into one that comes earlier', async () => {
      const runs = await started(false);
      queue.add('lane', 'a', { delayMs: 60 });
      await queue.idle();
      queue.add('lane', 'a');
      queue.add('lane', 'after', { delayMs: 150 });
      await runs.begun(1);
      await queue.idle();
      expect(runs.ids).toEqual(['a', 'after']);
    });

    it('does not run delayed work to become idle', async () => {
      const runs = await started(false);
      queue.add('lane', 'a', { delayMs: distantMs });
      await queue.idle();
      expect(runs.ids).toEqual([]);
    });

    it('lets a handler ask for its own id later', async () => {
      const runs = new Runs(false);
      let delays = [30, 1];
      queue.process(
        'lane',
        async (id, signal) => {
          const [delayMs, ...rest] = delays;
          delays = rest;
          if (delayMs !== undefined) queue.add('lane', id, { delayMs });
          await runs.handler(id, signal);
        },
        { concurrency: 1 },
      );
      await queue.start();
      queue.add('lane', 'a');
      await runs.begun(2);
      await queue.idle();
      expect(runs.ids).toEqual(['a', 'a', 'a']);
    });

    it('reports a handler that throws, and goes on', async () => {
      queue.process('pull', () => Promise.reject(new Error('rejected')), { concurrency: 1 });
      queue.process(
        'callback',
        () => {
          throw new Error('thrown');
        },
        { concurrency: 1 },
      );
      const runs = await started(false);
      for (const name of ['pull', 'callback', 'pull', 'callback'] as const) {
        queue.add(name, 'a');
        await queue.idle();
      }
      queue.add('lane', 'a');
      await queue.idle();
      expect(runs.ids).toEqual(['a']);
      expect(subject.troubles).toMatchObject([
        { error: new Error('rejected'), queue: 'pull', id: 'a' },
        { error: new Error('thrown'), queue: 'callback', id: 'a' },
        { error: new Error('rejected'), queue: 'pull', id: 'a' },
        { error: new Error('thrown'), queue: 'callback', id: 'a' },
      ]);
    });

    it('takes ids of any spelling', async () => {
      const ids = ['a:b', '12345', '0', 'A:B:C', 'Ünï çøde', 'a+later', '%3A', 'x'.repeat(200)];
      const runs = await started(false);
      for (const id of ids) queue.add('lane', id);
      await queue.idle();
      expect(new Set(runs.ids)).toEqual(new Set(ids));
      expect(subject.troubles).toEqual([]);
    });

    it('takes any delay', async () => {
      const runs = await started(false);
      for (const delayMs of [0, -5, Number.NaN]) queue.add('lane', String(delayMs), { delayMs });
      queue.add('lane', 'century', { delayMs: 100 * 365 * 86_400_000 });
      await queue.idle();
      expect(runs.ids).toHaveLength(3);
    });

    it('closes when what runs has ended, and starts nothing more', async () => {
      const runs = await started(true, 1);
      queue.add('lane', 'a');
      const first = await runs.begun(0);
      queue.add('lane', 'a');
      queue.add('lane', 'b');
      let closed = false;
      const closing = queue.close(distantMs).then(() => {
        closed = true;
      });
      await new Promise(setImmediate);
      expect(closed).toBe(false);
      expect(first.signal.aborted).toBe(false);
      first.end();
      await closing;
      queue.add('lane', 'c');
      await queue.idle();
      expect(runs.ids).toEqual(['a']);
    });

    it('aborts what still runs at the deadline', async () => {
      const runs = await started(true);
      queue.add('lane', 'a');
      const first = await runs.begun(0);
      first.signal.addEventListener('abort', () => first.end());
      await queue.close(20);
      expect(first.signal.aborted).toBe(true);
      expect(runs.running).toBe(0);
    });

    it('closes even over a handler that does not listen', async () => {
      const runs = await started(true);
      queue.add('lane', 'a');
      const first = await runs.begun(0);
      await queue.close(0);
      expect(first.signal.aborted).toBe(true);
      first.end();
    });

    it('closes before it was started', async () => {
      queue.add('lane', 'a');
      await queue.close(distantMs);
      await queue.idle();
    });
  });
}
