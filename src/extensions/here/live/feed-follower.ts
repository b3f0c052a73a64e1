import { setImmediate as turn } from 'node:timers/promises';
import type { ChangeRow, LiveChangeFeed } from '../../../platform/storage/index.js';

/** Rows that are asked for at once. */
const pageSize = 500;
/** How long rows are taken in before others have their turn, ms. */
const sliceMs = 5;
const firstPauseMs = 100;
const longestPauseMs = 10_000;

export interface FeedFollowerOptions {
  readonly feed: LiveChangeFeed;
  /** Takes in one row; what it returns is waited for. A rejection means: again, later. */
  readonly take: (row: ChangeRow) => Promise<void> | undefined;
  /** Called whenever everything that the sequence held is taken in. A rejection means the same. */
  readonly caughtUp: () => Promise<void> | undefined;
  /** Told of what went wrong; it is tried again after a pause. */
  readonly onError: (error: unknown, retryInMs: number) => void;
}

/** Takes in the change sequence, row after row, as it moves on; leaves nothing out, whatever fails. */
export class FeedFollower {
  /** Place of the row that was taken in last. */
  cursor = 0;
  private running: Promise<void> | undefined;
  private isAsked = false;
  private stopped = true;
  private off: () => void = () => undefined;
  private readonly pause = new AbortController();

  constructor(private readonly options: FeedFollowerOptions) {}

  start(cursor: number): void {
    this.cursor = cursor;
    this.stopped = false;
    this.off = this.options.feed.onAdvance(() => this.ask());
    this.ask();
  }

  /** Waits for the row under way. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.off();
    this.pause.abort();
    await this.running;
  }

  /** Looks for rows now, if it is not doing so. */
  ask(): void {
    this.isAsked = true;
    if (!this.stopped) this.running ??= this.run();
  }

  private async run(): Promise<void> {
    let pauseMs = firstPauseMs;
    while (this.isAsked && !this.stopped) {
      this.isAsked = false;
      try {
        await this.drain();
        pauseMs = firstPauseMs;
      } catch (error) {
        this.isAsked = true;
        this.options.onError(error, pauseMs);
        await this.wait(pauseMs);
        pauseMs = Math.min(2 * pauseMs, longestPauseMs);
      }
    }
    this.running = undefined;
  }

  private async drain(): Promise<void> {
    let sliceEnd = performance.now() + sliceMs;
    for (;;) {
      const rows = await this.options.feed.changesAfter(this.cursor, pageSize);
      for (const row of rows) {
        if (this.stopped) return;
        const taking = this.options.take(row);
        if (taking !== undefined) await taking;
        this.cursor = row.seq;
        if (performance.now() < sliceEnd) continue;
        await turn();
        sliceEnd = performance.now() + sliceMs;
      }
      // What is committed and not yet durable comes with the next advance.
      if (rows.length < pageSize) break;
    }
    const rest = this.options.caughtUp();
    if (rest !== undefined) await rest;
  }

  private wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const { signal } = this.pause;
      if (signal.aborted) return resolve();
      const timer = setTimeout(done, ms);
      signal.addEventListener('abort', done, { once: true });
      function done(): void {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      }
    });
  }
}
