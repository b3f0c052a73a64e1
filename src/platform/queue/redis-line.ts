import { type BulkJobOptions, type Job, Queue, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Clock } from '../../kernel/clock.js';
import type { EmbeddedQueue } from './embedded-queue.js';
import type { QueueName } from './work-queue.js';

/** All that a job holds. */
interface WakeUp {
  readonly id: string;
}

export interface RedisLineOptions {
  readonly name: QueueName;
  /** Connection for adding; it fails fast. */
  readonly producer: Redis;
  /** Connection for the worker; it waits. */
  readonly consumer: Redis;
  /** Start of all keys in Redis. */
  readonly prefix: string;
  readonly clock: Clock;
  /** Runs the work. */
  readonly local: EmbeddedQueue;
  readonly onTrouble: (error: Error) => void;
}

/** Recovery after a killed worker takes `lockDuration` and a `stalledInterval` at most; the defaults took a minute. */
const workerSettings = {
  lockDuration: 10_000,
  stalledInterval: 5_000,
  // A job that stalls is run again, however often: losing it after the second kill is what the default does.
  maxStalledCount: 1_000,
  removeOnComplete: { count: 0 },
  removeOnFail: { count: 0 },
} as const;

/** Kept jobs would block their id for good. */
const jobSettings = { attempts: 1, removeOnComplete: true, removeOnFail: true } as const;

/** Due at once. */
const now = 0;
const longestDelayMs = 20 * 86_400_000;
/** A worker that takes nothing for so long while jobs wait has hung after a reconnect. */
const hungAfterMs = 30_000;

/** One queue in Redis: adds wake-ups to it and runs those that come out of it. */
export class RedisLine {
  private readonly queue: Queue<WakeUp>;
  private worker: Worker<WakeUp> | undefined;
  private concurrency = 0;
  /** Wake-ups to send, by id: due time, or `now`. */
  private pending = new Map<string, number>();
  private flushing: Promise<void> | undefined;
  /** Delayed jobs of this process that have not begun yet. */
  private readonly later = new Map<string, { readonly due: number; readonly jobId: string }>();
  /**
   * Ids whose immediate job is active in this process: 0 while it runs, then the instant of its end, until BullMQ has let
   * go of the job. So long Redis silently drops a wake-up with the same job id; it is run from here instead.
   */
  private readonly active = new Map<string, number>();
  private running = 0;
  private lastProgress: number;

  constructor(private readonly options: RedisLineOptions) {
    const { name, producer, prefix, onTrouble, clock } = options;
    this.lastProgress = clock.now();
    this.queue = new Queue<WakeUp>(name, { connection: producer, prefix, defaultJobOptions: jobSettings });
    this.queue.on('error', onTrouble);
  }

  /** Sends a wake-up on the next turn of the event loop, together with all that come until then. */
  add(id: string, due: number): void {
    const { name, local } = this.options;
    if (local.isWoken(name, id)) return;
    if (due === now && (this.active.has(id) || local.isRunning(name, id))) {
      local.add(name, id);
      this.forgetLater(id);
      return;
    }
    const known = this.pending.get(id);
    if (known !== undefined && known <= due) return;
    this.pending.set(id, due);
    this.flushing ??= new Promise((resolve) => {
      setImmediate(() => void this.flush().finally(resolve));
    });
  }

  /** Takes jobs out of Redis from now on; once is enough. */
  startWorker(concurrency: number): void {
    this.concurrency = concurrency;
    this.worker ??= this.newWorker();
  }

  /** To be called every few seconds: forgets what is over, and replaces a worker that hangs. */
  async watch(): Promise<void> {
    const { clock, onTrouble } = this.options;
    for (const [id, { due }] of this.later) {
      if (due < clock.now()) this.later.delete(id);
    }
    for (const [id, endedAt] of this.active) {
      if (endedAt > 0 && clock.now() - endedAt > hungAfterMs) this.active.delete(id);
    }
    const { worker } = this;
    if (!worker || clock.now() - this.lastProgress < hungAfterMs || this.running >= this.concurrency) return;
    if ((await this.queue.getWaitingCount()) === 0 || this.worker !== worker) return;
    onTrouble(
      new Error(`the worker of queue "${this.options.name}" took nothing for ${hungAfterMs} ms; it is replaced`),
    );
    this.worker = this.newWorker();
    await worker.close(true);
  }

  /** Jobs in Redis that wait to run now or run, in any process; and what has not been sent yet. */
  async outstanding(): Promise<number> {
    await this.flushing;
    const counts = await this.queue.getJobCounts('wait', 'active');
    return Object.values(counts).reduce((sum, count) => sum + count, this.pending.size);
  }

  /** Takes no more jobs. */
  stop(): void {
    this.pending.clear();
    // Resolves when the jobs under way are done; `close` waits for that.
    this.worker?.close().catch(this.options.onTrouble);
  }

  async close(force: boolean): Promise<void> {
    await this.worker?.close(force);
    await this.queue.close();
  }

  private newWorker(): Worker<WakeUp> {
    const { name, consumer, prefix, onTrouble, clock } = this.options;
    this.lastProgress = clock.now();
    const worker = new Worker<WakeUp>(name, (job) => this.runJob(job), {
      ...workerSettings,
      connection: consumer,
      prefix,
      concurrency: this.concurrency,
    });
    const release = (job: Job<WakeUp> | undefined): void => {
      if (job && isImmediate(job)) this.active.delete(job.data.id);
    };
    worker.on('completed', release);
    worker.on('failed', release);
    worker.on('error', onTrouble);
    return worker;
  }

  private async runJob(job: Job<WakeUp>): Promise<void> {
    const { local, name, clock } = this.options;
    const { id } = job.data;
    this.lastProgress = clock.now();
    this.running++;
    if (isImmediate(job)) this.active.set(id, 0);
    else if (this.later.get(id)?.jobId === job.id) this.later.delete(id);
    await local.run(name, id);
    this.running--;
    if (isImmediate(job)) this.active.set(id, clock.now());
  }

  private async flush(): Promise<void> {
    const { name, clock, local, onTrouble } = this.options;
    while (this.pending.size > 0) {
      const batch = this.pending;
      this.pending = new Map();
      const jobs: { name: string; data: WakeUp; opts: BulkJobOptions }[] = [];
      for (const [id, due] of batch) {
        const known = this.later.get(id);
        if (known && due !== now && known.due > clock.now() && known.due <= due) continue;
        this.forgetLater(id);
        const jobId = `${name}-${encode(id)}`;
        if (due === now) jobs.push({ name: 'wake-up', data: { id }, opts: { jobId } });
        else {
          // An id of its own: under that of the immediate job one of the two would be dropped.
          const laterId = `${jobId}+${due.toString(36)}`;
          const delay = Math.max(0, Math.min(due - clock.now(), longestDelayMs));
          this.later.set(id, { due, jobId: laterId });
          jobs.push({ name: 'wake-up', data: { id }, opts: { jobId: laterId, delay } });
        }
      }
      try {
        if (jobs.length > 0) await this.queue.addBulk(jobs);
      } catch (error) {
        onTrouble(asError(error));
        // Redis went away under our hands: this process does the work itself, if it may.
        if (!this.worker) continue;
        for (const [id, due] of batch) {
          this.later.delete(id);
          local.add(name, id, due === now ? {} : { delayMs: due - clock.now() });
        }
      }
    }
    this.flushing = undefined;
  }

  private forgetLater(id: string): void {
    const known = this.later.get(id);
    if (!known) return;
    this.later.delete(id);
    this.queue.remove(known.jobId).catch(this.options.onTrouble);
  }
}

function isImmediate(job: Job<WakeUp>): boolean {
  return job.id?.includes('+') === false;
}

/** BullMQ forbids ":" in job ids; "+" sets the delayed ones apart. */
function encode(id: string): string {
  try {
    return encodeURIComponent(id);
  } catch {
    // Half of a surrogate pair has no UTF-8 form.
    return Buffer.from(id, 'utf16le').toString('hex');
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
