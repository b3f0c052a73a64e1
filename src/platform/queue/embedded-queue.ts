import type { Clock } from '../../kernel/clock.js';
import { type QueueName, type ReportTrouble, reportSafely, type WorkHandler, type WorkQueue } from './work-queue.js';

/** Calls back once after `delayMs`; the result cancels. */
export type Schedule = (callback: () => void, delayMs: number) => () => void;

/** The process's own timers. They do not keep it alive. */
export const systemSchedule: Schedule = (callback, delayMs) => {
  const timer = setTimeout(callback, delayMs);
  timer.unref();
  return () => clearTimeout(timer);
};

export interface EmbeddedQueueOptions {
  readonly clock: Clock;
  readonly report: ReportTrouble;
  readonly schedule?: Schedule;
}

/** An id that waits, runs, or both. */
interface Entry {
  readonly id: string;
  /** When it is to run, epoch ms; `now` if it stands in `ready`; absent if it does not wait. */
  due: number | undefined;
  cancel: (() => void) | undefined;
  /** Present while it runs. */
  controller: AbortController | undefined;
  /** Due time of a wake-up that came while it ran. */
  again: number | undefined;
  /** Told when the next run that starts has ended. */
  waiters: (() => void)[];
}

interface Line {
  readonly name: QueueName;
  readonly entries: Map<string, Entry>;
  /** Due entries in order. */
  ready: Entry[];
  handler: WorkHandler | undefined;
  concurrency: number;
  running: number;
  pumping: boolean;
}

/** Due at once: earlier than any instant. */
const now = 0;
/** Longer delays overflow Node's timers and would fire at once. */
const longestTimer = 2 ** 31 - 1;
const abortGraceMs = 1_000;

/** The queue of a single process: timers and a line of due ids for each name. Nothing survives the process. */
export class EmbeddedQueue implements WorkQueue {
  private readonly lines = new Map<QueueName, Line>();
  private readonly clock: Clock;
  private readonly report: ReportTrouble;
  private readonly schedule: Schedule;
  private state: 'new' | 'started' | 'closed' = 'new';
  private idleWaiters: (() => void)[] = [];

  constructor({ clock, report, schedule = systemSchedule }: EmbeddedQueueOptions) {
    this.clock = clock;
    this.report = report;
    this.schedule = schedule;
  }

  add(queue: QueueName, id: string, options?: { readonly delayMs?: number; readonly here?: boolean }): void {
    if (this.state === 'closed') return;
    const delayMs = options?.delayMs ?? 0;
    this.enqueue(this.line(queue), id, delayMs > 0 ? this.clock.now() + delayMs : now);
  }

  process(queue: QueueName, handler: WorkHandler, { concurrency }: { readonly concurrency: number }): void {
    const line = this.line(queue);
    if (line.handler) throw new Error(`queue "${queue}" has a handler already`);
    line.handler = handler;
    line.concurrency = concurrency;
    this.pumpSoon(line);
  }

  start(): Promise<void> {
    if (this.state === 'new') this.state = 'started';
    for (const line of this.lines.values()) this.pumpSoon(line);
    return Promise.resolve();
  }

  async close(deadlineMs: number): Promise<void> {
    this.state = 'closed';
    for (const { entries, ready } of this.lines.values()) {
      ready.length = 0;
      for (const entry of entries.values()) {
        entry.cancel?.();
        entry.again = undefined;
        if (entry.controller) continue;
        entries.delete(entry.id);
        for (const done of entry.waiters) done();
      }
    }
    if (await this.endsWithin(deadlineMs)) return;
    for (const { entries } of this.lines.values()) {
      for (const { controller } of entries.values()) controller?.abort();
    }
    await this.endsWithin(abortGraceMs);
  }

  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.idleWaiters.push(resolve);
      this.tellIdle();
    });
  }

  health(): 'ok' {
    return 'ok';
  }

  /** Whether `id` is running in this process. */
  isRunning(queue: QueueName, id: string): boolean {
    return this.lines.get(queue)?.entries.get(id)?.controller !== undefined;
  }

  /**
   * Whether a run of `id` begins in this process at `due` (epoch ms, 0 = at once) or earlier: it waits for its turn, or
   * comes when the present run has ended.
   */
  isDueBy(queue: QueueName, id: string, due: number): boolean {
    const entry = this.lines.get(queue)?.entries.get(id);
    return ((entry?.controller ? entry.again : entry?.due) ?? Number.POSITIVE_INFINITY) <= due;
  }

  /** Wakes `id` at once and resolves when a run that began after the call has ended (or never will, after `close`). */
  run(queue: QueueName, id: string): Promise<void> {
    if (this.state === 'closed') return Promise.resolve();
    return new Promise((resolve) => {
      this.enqueue(this.line(queue), id, now).waiters.push(resolve);
    });
  }

  private line(name: QueueName): Line {
    let line = this.lines.get(name);
    if (!line) {
      line = {
        name,
        entries: new Map(),
        ready: [],
        handler: undefined,
        concurrency: 1,
        running: 0,
        pumping: false,
      };
      this.lines.set(name, line);
    }
    return line;
  }

  private enqueue(line: Line, id: string, due: number): Entry {
    let entry = line.entries.get(id);
    if (!entry) {
      entry = { id, due: undefined, cancel: undefined, controller: undefined, again: undefined, waiters: [] };
      line.entries.set(id, entry);
    }
    if (entry.controller) entry.again = Math.min(entry.again ?? Number.POSITIVE_INFINITY, due);
    else if (entry.due === undefined || due < entry.due) this.wait(line, entry, due);
    return entry;
  }

  private wait(line: Line, entry: Entry, due: number): void {
    entry.cancel?.();
    entry.cancel = undefined;
    const delayMs = due - this.clock.now();
    if (delayMs > 0) {
      entry.due = due;
      entry.cancel = this.schedule(() => this.wait(line, entry, due), Math.min(delayMs, longestTimer));
    } else {
      entry.due = now;
      line.ready.push(entry);
      this.pumpSoon(line);
    }
  }

  /** Work starts on a fresh turn of the event loop, never inside of `add`. */
  private pumpSoon(line: Line): void {
    if (line.pumping || this.state !== 'started' || !line.handler || line.ready.length === 0) return;
    line.pumping = true;
    setImmediate(() => {
      line.pumping = false;
      while (line.running < line.concurrency && this.state === 'started') {
        const entry = line.ready.shift();
        if (!entry || !line.handler) break;
        void this.execute(line, entry, line.handler);
      }
      this.tellIdle();
    });
  }

  private async execute(line: Line, entry: Entry, handler: WorkHandler): Promise<void> {
    const waiters = entry.waiters;
    const controller = new AbortController();
    entry.waiters = [];
    entry.due = undefined;
    entry.controller = controller;
    line.running++;
    try {
      await handler(entry.id, controller.signal);
    } catch (error) {
      reportSafely(this.report, error, { queue: line.name, id: entry.id });
    }
    line.running--;
    const { again } = entry;
    entry.controller = undefined;
    entry.again = undefined;
    if (again === undefined || this.state === 'closed') {
      line.entries.delete(entry.id);
      for (const done of entry.waiters) done();
    } else this.wait(line, entry, again);
    for (const done of waiters) done();
    this.pumpSoon(line);
    this.tellIdle();
  }

  private tellIdle(): void {
    if (this.idleWaiters.length === 0) return;
    for (const { handler, ready, running } of this.lines.values()) {
      if (running > 0 || (handler && ready.length > 0)) return;
    }
    const waiters = this.idleWaiters;
    this.idleWaiters = [];
    for (const done of waiters) done();
  }

  private async endsWithin(limitMs: number): Promise<boolean> {
    // This timer does keep the process alive: the handlers may be waiting for nothing else that does.
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), limitMs);
    });
    const ended = await Promise.race([this.idle().then(() => true), late]);
    clearTimeout(timer);
    return ended;
  }
}
