import type { Redis } from 'ioredis';
import type { Clock } from '../../kernel/clock.js';
import { StartRefusal } from '../../kernel/start-refusal.js';
import { EmbeddedQueue } from './embedded-queue.js';
import { producerConnection, withoutSecrets, workerConnection } from './redis-connections.js';
import { RedisGuard } from './redis-guard.js';
import { RedisLine } from './redis-line.js';
import { type QueueName, type ReportTrouble, reportSafely, type WorkHandler, type WorkQueue } from './work-queue.js';

export interface BullmqQueueOptions {
  readonly redisUrl: string;
  readonly clock: Clock;
  readonly report: ReportTrouble;
  /** Told once what is not as it should be with the service, but works; without it `report` is. */
  readonly warn?: (text: string) => void;
  /** Start of all keys in Redis, for several hubs in one. */
  readonly prefix?: string;
}

const watchMs = 5_000;
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
  private readonly guard: RedisGuard;
  private watcher: NodeJS.Timeout | undefined;

  constructor(private readonly options: BullmqQueueOptions) {
    const { redisUrl, clock, report } = options;
    this.local = new EmbeddedQueue({ clock, report });
    this.producer = producerConnection(redisUrl);
    this.consumer = workerConnection(redisUrl);
    this.guard = new RedisGuard({
      producer: this.producer,
      consumer: this.consumer,
      markKey: `${this.prefix}:mark`,
      onFit: () => {
        this.told.clear();
        for (const queue of this.concurrency.keys()) this.line(queue);
        for (const line of this.lines.values()) line.resume();
      },
      onAway: () => {
        for (const line of this.lines.values()) line.suspend();
      },
      onForgotten: () => {
        for (const line of this.lines.values()) line.startOver();
      },
      onTrouble: this.onTrouble,
      onWarning: options.warn ?? this.onTrouble,
    });
  }

  add(queue: QueueName, id: string, options?: { readonly delayMs?: number; readonly here?: boolean }): void {
    if (this.state === 'closed') return;
    const delayMs = options?.delayMs ?? 0;
    if (this.state === 'started' && this.guard.isUsable && options?.here !== true) {
      this.line(queue).add(id, this.dueIn(delayMs));
    } else if (this.state === 'new' || this.concurrency.has(queue)) {
      // What this process has asked Redis for at that instant or later is the same work.
      if (this.guard.isUsable) this.lines.get(queue)?.forget(id, this.dueIn(delayMs));
      this.local.add(queue, id, { delayMs });
    }
  }

  process(queue: QueueName, handler: WorkHandler, options: { readonly concurrency: number }): void {
    this.local.process(queue, handler, options);
    this.concurrency.set(queue, options.concurrency);
    if (this.guard.isUsable) this.line(queue).handle(options.concurrency);
  }

  async start(): Promise<void> {
    const refusal = await this.guard.connect();
    if (refusal !== undefined) {
      await this.close(0);
      throw new StartRefusal([`${refusal}.`]);
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
    this.guard.close();
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
      if (!this.guard.isUsable || this.state === 'closed') return;
      const handled = [...this.lines].filter(([name]) => this.concurrency.has(name));
      const counts = await Promise.all(handled.map(([, line]) => line.outstanding().catch(() => 0)));
      if (counts.every((count) => count === 0)) return await this.local.idle();
      await new Promise((resolve) => setTimeout(resolve, idlePollMs));
    }
  }

  health(): 'ok' | 'degraded' {
    return this.guard.isAway ? 'degraded' : 'ok';
  }

  private get prefix(): string {
    return this.options.prefix ?? 'roamhub';
  }

  private dueIn(delayMs: number): number {
    return delayMs > 0 ? this.options.clock.now() + delayMs : 0;
  }

  private line(name: QueueName): RedisLine {
    let line = this.lines.get(name);
    if (!line) {
      const { options, producer, consumer, local, prefix, guard, onTrouble } = this;
      line = new RedisLine({
        name,
        producer,
        consumer,
        prefix,
        clock: options.clock,
        local,
        isUsable: () => guard.isUsable,
        onRefused: (error) => guard.doubt(error),
        onTrouble,
      });
      const concurrency = this.concurrency.get(name);
      if (concurrency !== undefined) line.handle(concurrency);
      this.lines.set(name, line);
    }
    return line;
  }

  private watch(): void {
    for (const line of this.lines.values()) line.watch().catch(this.onTrouble);
  }

  /** Reports trouble with Redis; a connection that is tried again and again says the same thing only once a minute. */
  private readonly onTrouble = (error: unknown): void => {
    const trouble = withoutSecrets(error, this.options.redisUrl);
    const text = trouble.message;
    const now = this.options.clock.now();
    if (this.state === 'closed' || now - (this.told.get(text) ?? Number.NEGATIVE_INFINITY) < quietMs) return;
    if (this.told.size > 100) this.told.clear();
    this.told.set(text, now);
    reportSafely(this.options.report, trouble);
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
