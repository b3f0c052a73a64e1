import type { Clock } from '../../../kernel/clock.js';
import type { Timers } from '../ports.js';

interface Waiting {
  readonly at: number;
  readonly job: () => void;
}

/** A clock that stands still until it is moved, and timers that go by it. */
export class FakeTime implements Clock, Timers {
  private waiting: Waiting[] = [];

  constructor(private at = 1_700_000_000_000) {}

  now(): number {
    return this.at;
  }

  after(ms: number, job: () => void): () => void {
    const entry = { at: this.at + Math.max(0, ms), job };
    this.waiting.push(entry);
    return () => {
      this.waiting = this.waiting.filter((one) => one !== entry);
    };
  }

  /** Moves time on; what comes due runs in order, and everything that follows from it is awaited. */
  async advance(ms: number): Promise<void> {
    const end = this.at + ms;
    await settle();
    for (;;) {
      let next: Waiting | undefined;
      for (const one of this.waiting) if (one.at <= end && (!next || one.at < next.at)) next = one;
      if (!next) break;
      this.waiting = this.waiting.filter((one) => one !== next);
      this.at = Math.max(this.at, next.at);
      next.job();
      await settle();
    }
    this.at = end;
  }
}

/** Lets everything run that waits for nothing but its turn. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
}
