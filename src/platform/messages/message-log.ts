import type { Clock } from '../../kernel/clock.js';
import { LineBudget } from '../observability/index.js';
import type { MessageEntry } from './message-entry.js';
import type { MessageFilter } from './message-filter.js';
import type { MessagePage, MessageRow, MessageStore } from './message-store.js';

/** What partners asked of the hub, and what became of it: for people who want to know why. */
export interface MessageLog {
  /** Takes an entry; it is written a moment later. Never throws and never waits: what there is no room for is lost, and counted. */
  add(entry: MessageEntry): void;
  /** At most `limit` entries with a place lower than `before`, newest first. Only what is written is found; see {@link flush}. */
  find(filter: MessageFilter, limit: number, before?: number): Promise<MessagePage>;
  /** Writes what was taken until now. Never rejects. */
  flush(): Promise<void>;
  /** Writes the rest, for at most a few seconds, and lets the store go. */
  close(): Promise<void>;
}

/** Why entries were not kept: no room while the store was slow, the store failed, or one partner was turned away again and again. */
export type LossReason = 'full' | 'store' | 'repeated';

export interface BufferedMessageLogOptions {
  readonly store: MessageStore;
  readonly clock: Clock;
  readonly onLost: (count: number, reason: LossReason, error?: unknown) => void;
  /** How long an entry waits for others, ms; default 250. */
  readonly gatherMs?: number;
  /** Entries that wait at most; default 20,000. */
  readonly capacity?: number;
}

/** Rows written in one turn of the event loop. */
const batch = 200;
const sweepEveryMs = 60_000;
/** How long a store that failed is left alone, ms. */
const stumbleMs = 1_000;
const closeWithinMs = 3_000;
/** Entries a second of one partner that was turned away for load; the rest is repetition and would push out what others did. */
const turnedAwayPerSecond = 5;

/** Gathers entries in memory and writes them in small batches, whatever the store's pace. */
export class BufferedMessageLog implements MessageLog {
  private waiting: MessageEntry[] = [];
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> | undefined;
  private sweeping: Promise<void> | undefined;
  private readonly sweeper: NodeJS.Timeout;
  private readonly budget: LineBudget;
  private readonly gatherMs: number;
  private readonly capacity: number;
  private isClosed = false;

  constructor(private readonly options: BufferedMessageLogOptions) {
    this.gatherMs = options.gatherMs ?? 250;
    this.capacity = options.capacity ?? 20_000;
    this.budget = new LineBudget(options.clock, turnedAwayPerSecond);
    this.sweeper = setInterval(() => void this.sweep(), sweepEveryMs);
    this.sweeper.unref();
  }

  add(entry: MessageEntry): void {
    if (this.isClosed) return;
    const turnedAway = entry.outcome === 'limited' || entry.outcome === 'shed';
    if (turnedAway && this.budget.take(entry.partnerId) === undefined) this.options.onLost(1, 'repeated');
    else if (this.waiting.length >= this.capacity) this.options.onLost(1, 'full');
    else {
      this.waiting.push(entry);
      if (this.timer === undefined && this.writing === undefined) this.wakeIn(this.gatherMs);
    }
  }

  find(filter: MessageFilter, limit: number, before?: number): Promise<MessagePage> {
    return this.options.store.find(filter, limit, before);
  }

  async flush(): Promise<void> {
    if (this.writing !== undefined) await this.writing;
    this.begin();
    await this.writing;
  }

  /** Removes what is too old or too much. Never rejects. */
  sweep(): Promise<void> {
    this.sweeping ??= this.options.store
      .sweep(this.options.clock.now())
      .catch(() => undefined)
      .finally(() => {
        this.sweeping = undefined;
      });
    return this.sweeping;
  }

  async close(): Promise<void> {
    clearInterval(this.sweeper);
    let late: NodeJS.Timeout | undefined;
    const patience = new Promise((resolve) => {
      late = setTimeout(resolve, closeWithinMs);
    });
    await Promise.race([this.flush().then(() => this.sweeping), patience]);
    clearTimeout(late);
    this.isClosed = true;
    clearTimeout(this.timer);
    if (this.waiting.length > 0) this.options.onLost(this.waiting.length, 'store');
    this.waiting = [];
    await this.options.store.close();
  }

  private wakeIn(ms: number): void {
    this.timer = setTimeout(() => this.begin(), ms);
    this.timer.unref();
  }

  private begin(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.writing !== undefined || this.isClosed) return;
    this.writing = this.writeAll().then((isHealthy) => {
      this.writing = undefined;
      if (this.waiting.length > 0 && !this.isClosed) this.wakeIn(isHealthy ? this.gatherMs : stumbleMs);
    });
  }

  /** Writes what waits now; what comes meanwhile waits for the next time. False if the store failed. */
  private async writeAll(): Promise<boolean> {
    const { store, onLost } = this.options;
    const entries = this.waiting;
    this.waiting = [];
    for (let at = 0; at < entries.length; at += batch) {
      try {
        await store.write(entries.slice(at, at + batch).map(rowOf));
      } catch (error) {
        const rest = store.again ? entries.slice(at) : entries.slice(at + batch);
        const room = Math.max(0, this.capacity - this.waiting.length);
        this.waiting = [...rest.slice(0, room), ...this.waiting];
        const lost = entries.length - at - Math.min(rest.length, room);
        if (lost > 0) onLost(lost, 'store', error);
        return false;
      }
      await new Promise(setImmediate);
    }
    return true;
  }
}

const rowOf = (entry: MessageEntry): MessageRow => ({
  at: entry.at,
  correlationId: entry.correlationId,
  text: JSON.stringify(entry),
});

/** What there is where the operator wants no log. */
export const noMessageLog: MessageLog = {
  add: () => undefined,
  find: async () => ({ items: [], next: undefined }),
  flush: async () => undefined,
  close: async () => undefined,
};
