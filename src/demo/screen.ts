import type { Clock } from '../kernel/clock.js';
import { wrapped } from './table.js';

/** The part of a terminal that the screen needs. */
export interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

/** What is happening now: a table for a terminal, one line for a file. */
export interface LiveView {
  readonly table: readonly string[];
  readonly line: string;
}

const narrow = 100;
const lineEveryMs = 5_000;

/**
 * Where the demo prints. On a terminal the live view stands below what was said and is redrawn in place; elsewhere it is one line
 * every few seconds.
 */
export class Screen {
  private drawn = 0;
  private view: LiveView | undefined;
  private lastLineAt = Number.NEGATIVE_INFINITY;
  private ended = false;
  private readonly startedAt: number;

  constructor(
    private readonly terminal: Terminal,
    private readonly clock: Clock,
  ) {
    this.startedAt = clock.now();
  }

  /** Prints a line that stays. */
  say(line = ''): void {
    if (this.ended) return;
    this.erase();
    this.terminal.write(`${line}\n`);
    this.draw();
  }

  /** Prints text that stays, broken into lines. */
  tell(text: string, indent = '   ', hanging = indent): void {
    for (const line of wrapped(text, Math.min(this.terminal.columns ?? narrow, narrow), indent, hanging))
      this.say(line);
  }

  /** Replaces the live view. */
  show(view: LiveView): void {
    if (this.ended) return;
    if (this.terminal.isTTY === true) {
      this.erase();
      this.view = view;
      this.draw();
      return;
    }
    if (this.clock.now() - this.lastLineAt < lineEveryMs) return;
    this.lastLineAt = this.clock.now();
    this.terminal.write(`   [${this.elapsed()}] ${view.line}\n`);
  }

  /** Takes the live view away. */
  clear(): void {
    this.erase();
    this.view = undefined;
  }

  /** Takes the live view away and prints nothing more, whoever is still at work. */
  end(): void {
    this.clear();
    this.ended = true;
  }

  /** Since the screen was made: `00:42`. */
  elapsed(): string {
    const seconds = Math.floor((this.clock.now() - this.startedAt) / 1000);
    return `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`;
  }

  private erase(): void {
    if (this.drawn > 0) this.terminal.write(`\u001b[${this.drawn}A\u001b[J`);
    this.drawn = 0;
  }

  private draw(): void {
    if (this.view === undefined || this.terminal.isTTY !== true) return;
    // A line that wraps, or a table higher than the window, could not be erased again.
    const width = (this.terminal.columns ?? 80) - 1;
    const height = Math.max(1, (this.terminal.rows ?? 24) - 2);
    const lines = ['', ...this.view.table].slice(0, height);
    for (const line of lines) this.terminal.write(`${line.slice(0, width)}\n`);
    this.drawn = lines.length;
  }
}
