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
  /** Whether Redis may be asked now. */
  readonly isUsable: () => boolean;
  /** Redis did not do what it was asked for. */
  readonly onRefused: (error: unknown) => void;
  readonly onTrouble: (error: unknown) => void;
}

/** Recovery after a killed worker takes `lockDuration` and a `stalledInterval` at most; the defaults took a minute. */
const workerSettings = {
  lockDuration: 10_000,
  stalledInterval: 5_000,
  // A job that stalls is run again, however often: losing it after the second kill is what the default does.
  maxStalledCount: 1_000,
  removeOnComplete: { count: 0 },
  removeOnFail: { count: 0 },
  // Its default leaves Redis alone for 15 s after a lost connection.
  runRetryDelay: 1_000,
} as const;

/** BullMQ tells every step of every job in a stream that nobody reads here. */
const keptEvents = 100;
/** Kept jobs would block their id for good. */
const jobSettings = { attempts: 1, removeOnComplete: true, removeOnFail: true } as const;

/** Due at once. */
const now = 0;
const longestDelayMs = 20 * 86_400_000;
/** A worker that takes nothing for so long while jobs wait has hung. */
const hungAfterMs = 30_000;
/** What Redis answers when it is there and takes no writes. */
const cannotWrite = /\b(OOM|READONLY|MISCONF|NOREPLICAS|LOADING)\b/;

/** One queue in Redis: adds wake-ups to it and runs those that come out of it. */
export class RedisLine {
  private queue: Queue<WakeUp>;
  /** A queue whose first commands failed fails for good: BullMQ keeps the rejected promise of its connection. */
  private isBroken = false;
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
  /** Wake-ups that Redis has taken from this process and not given back to it, with the instant. */
  private readonly sent = new Map<string, number>();
  private running = 0;
  /** Since when jobs wait and the worker takes none. */
  private stuckSince: number | undefined;
  private taken = 0;
  private takenBefore = 0;

  constructor(private readonly options: RedisLineOptions) {
    this.queue = this.newQueue();
  }

  /** Sends a wake-up on the next turn of the event loop, together with all that come until then. */
  add(id: string, due: number): void {
    const { name, local } = this.options;
    if (local.isDueBy(name, id, due)) return;
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

  /** Takes back what this process has asked for, if it is due at `due` or later: it is done here, and earlier. */
  forget(id: string, due: number): void {
    if ((this.pending.get(id) ?? Number.NEGATIVE_INFINITY) >= due) this.pending.delete(id);
    if ((this.later.get(id)?.due ?? Number.NEGATIVE_INFINITY) >= due) this.forgetLater(id);
  }

  /** This process does the work of this queue, up to so many ids at a time. */
  handle(concurrency: number): void {
    this.concurrency = concurrency;
    if (this.options.isUsable()) this.resume();
  }

  /** Redis may be used (again). */
  resume(): void {
    if (this.isBroken) this.renewQueue();
    this.limitEvents();
    // Of an outage jobs are left that count as active until BullMQ finds that nobody holds them.
    for (const id of this.active.keys()) this.active.set(id, this.options.clock.now());
    if (this.concurrency > 0) this.worker ??= this.newWorker();
  }

  /**
   * Redis may not be used now. The worker goes: it would notice only after up to eleven seconds that the other end of its
   * connection has vanished, and some have not found back at all. What Redis was to wake is done here.
   */
  suspend(): void {
    const { worker } = this;
    this.worker = undefined;
    worker?.close(true).catch(this.options.onTrouble);
    this.takeHome();
  }

  /** Redis has lost what it had. */
  startOver(): void {
    this.takeHome();
    this.limitEvents();
  }

  /** To be called every few seconds: forgets what is over, and replaces a worker that hangs. */
  async watch(): Promise<void> {
    const now = this.options.clock.now();
    for (const [id, { due }] of this.later) {
      if (due < now) this.later.delete(id);
    }
    const { worker } = this;
    if (!this.options.isUsable()) return;
    for (const [id, endedAt] of this.active) {
      if (endedAt > 0 && now - endedAt > hungAfterMs) this.active.delete(id);
    }
    for (const [id, at] of this.sent) {
      if (now - at > hungAfterMs) this.sent.delete(id);
    }
    if (!worker) return;
    const isStuck =
      this.taken === this.takenBefore &&
      this.running < this.concurrency &&
      (await this.queue.getWaitingCount()) > 0 &&
      this.worker === worker;
    this.takenBefore = this.taken;
    if (!isStuck) this.stuckSince = undefined;
    else {
      this.stuckSince ??= now;
      if (now - this.stuckSince >= hungAfterMs) await this.replace(worker);
    }
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

  private newQueue(): Queue<WakeUp> {
    const { name, producer, prefix, onTrouble } = this.options;
    const queue = new Queue<WakeUp>(name, {
      connection: producer,
      prefix,
      defaultJobOptions: jobSettings,
      streams: { events: { maxLen: keptEvents } },
    });
    queue.on('error', onTrouble);
    return queue;
  }

  private renewQueue(): void {
    this.queue.close().catch(this.options.onTrouble);
    this.queue = this.newQueue();
    this.isBroken = false;
  }

  /** BullMQ writes this limit once, when a queue is made; a Redis that forgets would go by its default of 10,000. */
  private limitEvents(): void {
    const { producer, prefix, name, onTrouble } = this.options;
    producer.hset(`${prefix}:${name}:meta`, 'opts.maxLenEvents', keptEvents).catch(onTrouble);
  }

  private async replace(worker: Worker<WakeUp>): Promise<void> {
    const { name, onTrouble } = this.options;
    onTrouble(new Error(`the worker of queue "${name}" took nothing for ${hungAfterMs} ms; it is replaced`));
    this.worker = this.newWorker();
    await worker.close(true);
  }

  /** Does here, if this process may, what it has asked Redis for. */
  private takeHome(): void {
    const { local, name, clock } = this.options;
    const wakeUps = [...this.sent.keys()].map((id) => ({ id, due: now }));
    for (const [id, { due }] of this.later) wakeUps.push({ id, due });
    this.sent.clear();
    this.later.clear();
    if (this.concurrency === 0) return;
    for (const { id, due } of wakeUps) local.add(name, id, due === now ? {} : { delayMs: due - clock.now() });
  }

  private newWorker(): Worker<WakeUp> {
    const { name, consumer, prefix, onTrouble, onRefused } = this.options;
    this.stuckSince = undefined;
    const worker = new Worker<WakeUp>(name, (job) => this.runJob(job), {
      ...workerSettings,
      connection: consumer,
      prefix,
      concurrency: this.concurrency,
    });
    const release = (job: Job<WakeUp> | undefined): void => {
      // One that was given up may say so without Redis having heard of it.
      if (job && isImmediate(job) && this.worker === worker) this.active.delete(job.data.id);
    };
    worker.on('completed', release);
    worker.on('failed', release);
    worker.on('error', (error) => (cannotWrite.test(error.message) ? onRefused(error) : onTrouble(error)));
    return worker;
  }

  private async runJob(job: Job<WakeUp>): Promise<void> {
    const { local, name, clock } = this.options;
    const { id } = job.data;
    this.taken++;
    this.running++;
    this.sent.delete(id);
    if (isImmediate(job)) this.active.set(id, 0);
    else if (this.later.get(id)?.jobId === job.id) this.later.delete(id);
    await local.run(name, id);
    this.running--;
    if (isImmediate(job)) this.active.set(id, clock.now());
  }

  private async flush(): Promise<void> {
    const { name, clock, local, isUsable, onRefused } = this.options;
    while (this.pending.size > 0) {
      const batch = this.pending;
      this.pending = new Map();
      const jobs = this.jobsOf(batch);
      if (jobs.length === 0) continue;
      try {
        if (isUsable()) {
          if (this.isBroken) this.renewQueue();
          await this.queue.addBulk(jobs);
          continue;
        }
      } catch (error) {
        this.isBroken = true;
        onRefused(error);
      }
      // Redis went away under our hands: this process does the work itself, if it may.
      for (const [id, due] of batch) {
        this.sent.delete(id);
        this.later.delete(id);
        if (this.concurrency > 0) local.add(name, id, due === now ? {} : { delayMs: due - clock.now() });
      }
    }
    this.flushing = undefined;
  }

  private jobsOf(batch: ReadonlyMap<string, number>): { name: string; data: WakeUp; opts: BulkJobOptions }[] {
    const { name, clock } = this.options;
    const jobs: { name: string; data: WakeUp; opts: BulkJobOptions }[] = [];
    for (const [id, due] of batch) {
      const known = this.later.get(id);
      if (known && due !== now && known.due > clock.now() && known.due <= due) continue;
      this.forgetLater(id);
      const jobId = `${name}-${encode(id)}`;
      if (due === now) {
        if (this.concurrency > 0) this.sent.set(id, clock.now());
        jobs.push({ name: 'wake-up', data: { id }, opts: { jobId } });
      } else {
        // An id of its own: under that of the immediate job one of the two would be dropped.
        const laterId = `${jobId}+${due.toString(36)}`;
        const delay = Math.max(0, Math.min(due - clock.now(), longestDelayMs));
        this.later.set(id, { due, jobId: laterId });
        jobs.push({ name: 'wake-up', data: { id }, opts: { jobId: laterId, delay } });
      }
    }
    return jobs;
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
