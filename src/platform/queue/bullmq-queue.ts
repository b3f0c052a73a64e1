import type { Redis } from 'ioredis';
import type { Clock } from '../../kernel/clock.js';
import { EmbeddedQueue } from './embedded-queue.js';
import { judgeRedis, producerConnection, workerConnection } from './redis-connections.js';
import { RedisLine } from './redis-line.js';
import { type QueueName, type ReportTrouble, reportSafely, type WorkHandler, type WorkQueue } from './work-queue.js';

export interface BullmqQueueOptions {
  readonly redisUrl: string;
  readonly clock: Clock;
  readonly report: ReportTrouble;
  /** Start of all keys in Redis, for several hubs in one. */
  readonly prefix?: string;
}

/** How long `start` waits for Redis before it goes on without. */
const startWaitMs = 2_000;
const watchMs = 10_000;
const closeGraceMs = 1_000;
const idlePollMs = 5;
/** The same trouble is reported again after so long. */
const quietMs = 60_000;

/**
 * The queue that several processes share through Redis.
 *
 * Redis carries the wake-ups; an {@link EmbeddedQueue} runs them, so that one id never runs twice at a time here, wherever
 * its wake-ups came from. While Redis is away, work that is added in a process runs in that process.
 */
export class BullmqQueue implements WorkQueue {
  private readonly local: EmbeddedQueue;
  private readonly producer: Redis;
  private readonly consumer: Redis;
  private readonly lines = new Map<QueueName, RedisLine>();
  private readonly concurrency = new Map<QueueName, number>();
  private readonly told = new Map<string, number>();
  private state: 'new' | 'started' | 'closed' = 'new';
  private usable = false;
  private watcher: NodeJS.Timeout | undefined;

  constructor(private readonly options: BullmqQueueOptions) {
    const { redisUrl, clock, report } = options;
    this.local = new EmbeddedQueue({ clock, report });
    this.producer = producerConnection(redisUrl);
    this.consumer = workerConnection(redisUrl);
    // Without a listener an 'error' ends the process.
    this.producer.on('error', this.onTrouble);
    this.consumer.on('error', this.onTrouble);
    this.producer.on('close', () => {
      this.usable = false;
    });
  }

  add(queue: QueueName, id: string, options?: { readonly delayMs?: number }): void {
    if (this.state === 'closed') return;
    const delayMs = options?.delayMs ?? 0;
    if (this.state === 'started' && this.usable) {
      this.line(queue).add(id, delayMs > 0 ? this.options.clock.now() + delayMs : 0);
    } else if (this.state === 'new' || this.concurrency.has(queue)) this.local.add(queue, id, { delayMs });
  }

  process(queue: QueueName, handler: WorkHandler, options: { readonly concurrency: number }): void {
    this.local.process(queue, handler, options);
    this.concurrency.set(queue, options.concurrency);
    if (this.usable) this.line(queue).startWorker(options.concurrency);
  }

  async start(): Promise<void> {
    let late: NodeJS.Timeout | undefined;
    const refusal = await new Promise<string | undefined>((resolve) => {
      late = setTimeout(() => resolve(undefined), startWaitMs);
      this.producer.on('ready', () => void this.admit().then(resolve));
      this.producer.once('error', () => resolve(undefined));
      // Both go on trying by themselves when this first attempt fails.
      this.producer.connect().catch(() => undefined);
      this.consumer.connect().catch(() => undefined);
    });
    clearTimeout(late);
    if (refusal !== undefined) {
      await this.close(0);
      throw new Error(refusal);
    }
    this.state = 'started';
    await this.local.start();
    this.watcher = setInterval(() => this.watch(), watchMs);
    this.watcher.unref();
  }

  async close(deadlineMs: number): Promise<void> {
    if (this.state === 'closed') return;
    this.state = 'closed';
    clearInterval(this.watcher);
    for (const line of this.lines.values()) line.stop();
    await this.local.close(deadlineMs);
    const lines = [...this.lines.values()];
    const ended = Promise.all(lines.map((line) => line.close(false))).catch(this.onTrouble);
    if (!(await endsWithin(ended, closeGraceMs))) {
      // Redis is away, or a handler did not listen.
      const forced = Promise.all(lines.map((line) => line.close(true))).catch(this.onTrouble);
      await endsWithin(forced, closeGraceMs);
    }
    this.producer.disconnect();
    this.consumer.disconnect();
  }

  async idle(): Promise<void> {
    for (;;) {
      await this.local.idle();
      if (!this.usable || this.state === 'closed') return;
      const handled = [...this.lines].filter(([name]) => this.concurrency.has(name));
      const counts = await Promise.all(handled.map(([, line]) => line.outstanding().catch(() => 0)));
      if (counts.every((count) => count === 0)) return await this.local.idle();
      await new Promise((resolve) => setTimeout(resolve, idlePollMs));
    }
  }

  health(): 'ok' | 'degraded' {
    return this.usable ? 'ok' : 'degraded';
  }

  /** Looks at a Redis that has just come (back) and takes it into use if it is fit; else returns the reason. */
  private async admit(): Promise<string | undefined> {
    try {
      const { refusal, warning } = await judgeRedis(this.producer);
      if (this.state === 'closed') return undefined;
      if (warning !== undefined) this.onTrouble(new Error(warning));
      if (refusal !== undefined) {
        if (this.state === 'started') this.onTrouble(new Error(refusal));
        return refusal;
      }
      this.told.clear();
      this.usable = true;
      for (const [queue, concurrency] of this.concurrency) {
        this.line(queue).startWorker(concurrency);
      }
    } catch (error) {
      this.onTrouble(error);
    }
    return undefined;
  }

  private line(name: QueueName): RedisLine {
    let line = this.lines.get(name);
    if (!line) {
      const { options, producer, consumer, local, onTrouble } = this;
      line = new RedisLine({
        name,
        producer,
        consumer,
        prefix: options.prefix ?? 'roamhub',
        clock: options.clock,
        local,
        onTrouble,
      });
      this.lines.set(name, line);
    }
    return line;
  }

  private watch(): void {
    if (!this.usable) return;
    for (const line of this.lines.values()) line.watch().catch(this.onTrouble);
  }

  /** Reports trouble with Redis; a connection that is tried again and again says the same thing only once a minute. */
  private readonly onTrouble = (error: unknown): void => {
    const text = String(error);
    const now = this.options.clock.now();
    if (this.state === 'closed' || now - (this.told.get(text) ?? Number.NEGATIVE_INFINITY) < quietMs) return;
    if (this.told.size > 100) this.told.clear();
    this.told.set(text, now);
    reportSafely(this.options.report, error);
  };
}

async function endsWithin(work: Promise<unknown>, limitMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), limitMs);
  });
  const ended = await Promise.race([work.then(() => true), late]);
  clearTimeout(timer);
  return ended;
}
