import type { Timers, WakeQueue } from '../ports.js';

type Handler = Parameters<WakeQueue['process']>[1];

/** A queue without a process around it: wake-ups of one id collapse, one that comes while the id runs makes it run again. */
export class FakeQueue implements WakeQueue {
  private handler: Handler | undefined;
  private readonly running = new Map<string, AbortController>();
  private readonly waiting = new Set<string>();
  /** Wake-ups are lost while this is set. */
  deaf = false;
  wakeUps = 0;

  constructor(private readonly timers: Timers) {}

  add(_queue: 'lane', id: string, options?: { readonly delayMs?: number }): void {
    if (this.deaf) return;
    this.wakeUps++;
    if (options?.delayMs) this.timers.after(options.delayMs, () => this.wake(id));
    else this.wake(id);
  }

  process(_queue: 'lane', handler: Handler): void {
    this.handler = handler;
  }

  private wake(id: string): void {
    if (this.waiting.has(id)) return;
    this.waiting.add(id);
    if (!this.running.has(id)) setImmediate(() => void this.run(id));
  }

  private async run(id: string): Promise<void> {
    if (!this.handler || this.running.has(id) || !this.waiting.delete(id)) return;
    this.running.set(id, new AbortController());
    await this.handler(id, new AbortController().signal);
    this.running.delete(id);
    if (this.waiting.has(id)) setImmediate(() => void this.run(id));
  }
}
