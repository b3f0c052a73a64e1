import { describe, expect, it } from '@jest/globals';
import { EmbeddedQueue, type Schedule } from './embedded-queue.js';

/** A clock that stands still until it is moved, and the timers that hang on it. */
function manualTime(): { now: () => number; schedule: Schedule; pass: (ms: number) => void; timers: () => number } {
  let instant = 1_000_000;
  const timers = new Set<{ readonly at: number; readonly callback: () => void }>();
  return {
    now: () => instant,
    schedule: (callback, delayMs) => {
      const timer = { at: instant + delayMs, callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    pass: (ms) => {
      instant += ms;
      for (const timer of [...timers].filter(({ at }) => at <= instant)) {
        timers.delete(timer);
        timer.callback();
      }
    },
    timers: () => timers.size,
  };
}

function open(): { queue: EmbeddedQueue; ran: string[]; time: ReturnType<typeof manualTime> } {
  const time = manualTime();
  const queue = new EmbeddedQueue({ clock: time, report: () => undefined, schedule: time.schedule });
  const ran: string[] = [];
  queue.process('lane', (id) => Promise.resolve(void ran.push(id)), { concurrency: 1 });
  return { queue, ran, time };
}

describe('EmbeddedQueue', () => {
  it('starts delayed work at its instant, also beyond the longest timer', async () => {
    const { queue, ran, time } = open();
    const month = 30 * 86_400_000;
    await queue.start();
    queue.add('lane', 'a', { delayMs: month });
    time.pass(month - 1);
    await queue.idle();
    expect(ran).toEqual([]);
    time.pass(1);
    await queue.idle();
    expect(ran).toEqual(['a']);
  });

  it('holds one timer for an id, and none when it runs at once or the queue is closed', async () => {
    const { queue, time } = open();
    await queue.start();
    for (const delayMs of [5_000, 4_000, 6_000]) queue.add('lane', 'a', { delayMs });
    expect(time.timers()).toBe(1);
    queue.add('lane', 'a');
    expect(time.timers()).toBe(0);
    queue.add('lane', 'b', { delayMs: 5_000 });
    await queue.close(0);
    expect(time.timers()).toBe(0);
  });

  it('survives a reporter that throws', async () => {
    const queue = new EmbeddedQueue({
      clock: manualTime(),
      report: () => {
        throw new Error('the log is full');
      },
    });
    let runs = 0;
    queue.process(
      'lane',
      () => {
        runs++;
        throw new Error('work failed');
      },
      { concurrency: 1 },
    );
    await queue.start();
    queue.add('lane', 'a');
    queue.add('lane', 'b');
    await queue.idle();
    expect(runs).toBe(2);
  });

  it('takes one handler for a queue', () => {
    const { queue } = open();
    expect(() => queue.process('lane', () => Promise.resolve(), { concurrency: 1 })).toThrow('has a handler already');
  });
});
