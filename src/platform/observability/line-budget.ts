import type { Clock } from '../../kernel/clock.js';

/**
 * Keeps one talkative cause from filling the log: so many lines a second for each key, and a count of those left out, which
 * goes into the next line that is written. Counters in the metrics are not affected.
 */
export class LineBudget {
  private readonly windows = new Map<string, { second: number; lines: number; omitted: number }>();

  constructor(
    private readonly clock: Clock,
    private readonly linesPerSecond: number,
    private readonly maxKeys = 1_000,
  ) {}

  /** How many lines of this key were left out since the last one, or undefined if this one is to be left out as well. */
  take(key: string): number | undefined {
    const second = Math.floor(this.clock.now() / 1000);
    let window = this.windows.get(key);
    if (window === undefined) {
      if (this.windows.size >= this.maxKeys) this.windows.clear();
      window = { second, lines: 0, omitted: 0 };
      this.windows.set(key, window);
    }
    if (window.second !== second) {
      window.second = second;
      window.lines = 0;
    }
    if (window.lines >= this.linesPerSecond) {
      window.omitted++;
      return undefined;
    }
    window.lines++;
    const { omitted } = window;
    window.omitted = 0;
    return omitted;
  }
}
