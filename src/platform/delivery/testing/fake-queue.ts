import type { Timers, WakeQueue } from '../ports.js';

type Handler = Parameters<WakeQueue['process']>[1];

/** What the queues of several nodes have in common. */
export class WakeUps {
  readonly workers: FakeQueue[] = [];
  /** Wake-ups through the queue, and not within a process. */
  shared = 0;
  private turn = 0;

  /** Any node that works, one after the other. */
  next(): FakeQueue | undefined {
    const { workers } = this;
    return workers.length === 0 ? undefined : workers[this.turn++ % workers.length];
  }
}

/** A queue without a process around it: wake-ups of one id collapse, one that comes while the id runs makes it run again. */
export class FakeQueue implements WakeQueue {
  private handler: Handler | undefined;
  private readonly running = new Set<string>();
  private readonly waiting = new Set<string>();
  /** Wake-ups are lost while this is set. */
  deaf = false;
  /** The same of those that pass the service behind the queue; those within the process come through. */
  cutOff = false;
  wakeUps = 0;

  constructor(
    private readonly timers: Timers,
    private readonly others = new WakeUps(),
  ) {}

  add(_queue: 'lane', id: string, options?: { readonly delayMs?: number; readonly here?: boolean }): void {
    if (this.deaf) return;
    this.wakeUps++;
    if (!options?.here) this.others.shared++;
    if (this.cutOff && !options?.here) return;
    const queue = options?.here ? this : this.others.next();
    if (queue !== this && queue?.cutOff) return;
    if (options?.delayMs) this.timers.after(options.delayMs, () => queue?.wake(id));
    else queue?.wake(id);
  }

  process(_queue: 'lane', handler: Handler): void {
    this.handler = handler;
    this.others.workers.push(this);
  }

  /** The process is gone. */
  leave(): void {
    this.others.workers.splice(this.others.workers.indexOf(this), 1);
  }

  private wake(id: string): void {
    if (this.deaf || this.waiting.has(id)) return;
    this.waiting.add(id);
    if (!this.running.has(id)) setImmediate(() => void this.run(id));
  }

  private async run(id: string): Promise<void> {
    if (!this.handler || this.running.has(id) || !this.waiting.delete(id)) return;
    this.running.add(id);
    await this.handler(id, new AbortController().signal);
    this.running.delete(id);
    if (this.waiting.has(id)) setImmediate(() => void this.run(id));
  }
}
