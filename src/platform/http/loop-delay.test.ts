import { setTimeout as turns } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { watchLoopDelay } from './loop-delay.js';

/** Keeps the process busy, as a large piece of work does. */
function hold(ms: number): void {
  for (const until = performance.now() + ms; performance.now() < until; );
}

it('the delay of the event loop is seen, and forgotten with the next question', async () => {
  const probe = watchLoopDelay();
  try {
    for (let n = 0; n < 4; n++) {
      hold(120);
      await turns(1);
    }
    expect(probe.p99()).toBeGreaterThan(90);
    await turns(100);
    expect(probe.p99()).toBeLessThan(90);
  } finally {
    probe.stop();
  }
});

it('a loop that is held up for long is seen by how late the question comes', async () => {
  const probe = watchLoopDelay();
  try {
    hold(1_300);
    await turns(1);
    expect(probe.p99()).toBeGreaterThan(250);
  } finally {
    probe.stop();
  }
});
