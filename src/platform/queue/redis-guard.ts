import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { answers, judgeRedis } from './redis-connections.js';

export interface RedisGuardOptions {
  readonly producer: Redis;
  readonly consumer: Redis;
  /** Where Redis keeps what shows that it has forgotten nothing. */
  readonly markKey: string;
  /** Redis may be used from now on. */
  readonly onFit: () => void;
  /** Redis may not be used any more. */
  readonly onAway: () => void;
  /** Redis has lost what it had, and is there. */
  readonly onForgotten: () => void;
  readonly onTrouble: (error: unknown) => void;
  /** Called once for each text. */
  readonly onWarning: (text: string) => void;
}

const startWaitMs = 2_000;
/** Between two looks at a Redis that is fit, and at one that is not. */
const lookMs = 2_000;
const lookAgainMs = 1_000;
/** How long the connection of the workers may take to answer. */
const answerMs = 1_000;

/**
 * Watches whether Redis can be used: it is there, its settings are fit, and it takes writes. One that answers and takes no
 * writes (a replica, one that is full, one whose disk is full) counts as away, like one that does not answer.
 */
export class RedisGuard {
  /** `doubted`: a command has failed; it is not used until a look has shown that it can be. */
  private state: 'away' | 'doubted' | 'fit' = 'away';
  private looking: Promise<string | undefined> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private mark: string | undefined;
  private isReplica = false;
  private closed = false;
  private readonly warned = new Set<string>();

  constructor(private readonly options: RedisGuardOptions) {
    const { producer, consumer, onTrouble } = options;
    // Without a listener an 'error' ends the process.
    for (const connection of [producer, consumer]) connection.on('error', onTrouble);
    producer.on('ready', () => void this.look());
    consumer.on('ready', () => {
      if (this.state === 'away' && producer.status === 'ready') void this.look();
    });
    producer.on('close', () => this.lose());
  }

  /** Whether work may be handed to it now. */
  get isUsable(): boolean {
    return this.state === 'fit';
  }

  get isAway(): boolean {
    return this.state === 'away';
  }

  /** Connects; goes on without when Redis is not there within two seconds. Resolves to the reason if it must not be used. */
  async connect(): Promise<string | undefined> {
    const { producer, consumer } = this.options;
    let late: NodeJS.Timeout | undefined;
    const refusal = await new Promise<string | undefined>((resolve) => {
      late = setTimeout(() => resolve(undefined), startWaitMs);
      producer.once('ready', () => void this.look().then(resolve));
      producer.once('error', () => resolve(undefined));
      // They go on trying by themselves when this first attempt fails.
      for (const connection of [producer, consumer]) connection.connect().catch(() => undefined);
    });
    clearTimeout(late);
    return refusal;
  }

  /** A command has failed: Redis is looked at, and not used until then. */
  doubt(error: unknown): void {
    this.options.onTrouble(error);
    if (this.state !== 'fit') return;
    this.state = 'doubted';
    void this.look();
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
  }

  /** One look at a time; resolves to the reason if the settings forbid its use. */
  private look(): Promise<string | undefined> {
    clearTimeout(this.timer);
    this.looking ??= this.examine(2).finally(() => {
      this.looking = undefined;
      if (this.closed) return;
      this.timer = setTimeout(() => this.lookAgain(), this.state === 'fit' ? lookMs : lookAgainMs);
      this.timer.unref();
    });
    return this.looking;
  }

  private lookAgain(): void {
    const { producer } = this.options;
    // The name may stand for another server by now.
    if (this.isReplica) producer.disconnect(true);
    else if (producer.status === 'ready') void this.look();
    this.isReplica = false;
  }

  /** @param attempts how often Redis may be asked; a busy moment of this process looks like a Redis that says nothing */
  private async examine(attempts: number): Promise<string | undefined> {
    const { producer, consumer, onTrouble, onWarning, onFit, onForgotten } = this.options;
    let silent = producer;
    try {
      const { refusal, warnings } = await judgeRedis(producer);
      if (this.closed) return undefined;
      for (const warning of warnings) {
        if (!this.warned.has(warning)) onWarning(warning);
        this.warned.add(warning);
      }
      if (refusal !== undefined) {
        this.lose();
        onTrouble(new Error(refusal));
        return refusal;
      }
      const hasForgotten = await this.leaveMark();
      silent = consumer;
      if (!(await answers(consumer, answerMs))) throw new Error('Redis does not answer the workers');
      if (this.closed) return undefined;
      const was = this.state;
      this.state = 'fit';
      if (was === 'away') onFit();
      if (hasForgotten) onForgotten();
    } catch (error) {
      if (this.closed) return undefined;
      if (attempts > 1 && producer.status === 'ready') return await this.examine(attempts - 1);
      this.lose();
      this.isReplica = String(error).includes('READONLY');
      // The other end may have vanished, and TCP would wait for it for a quarter of an hour. (ioredis's `socketTimeout`
      // goes on counting into the next connection and ends that one.)
      if (!isAnswer(error) && silent.status === 'ready') silent.disconnect(true);
      onTrouble(error);
    }
    return undefined;
  }

  /** Writes, to see whether that can be done; tells whether the mark of earlier was gone. */
  private async leaveMark(): Promise<boolean> {
    const { producer, markKey } = this.options;
    const known = this.mark;
    const found = await producer.get(markKey);
    this.mark = found ?? known ?? randomUUID();
    await producer.set(markKey, this.mark);
    return known !== undefined && found !== known;
  }

  private lose(): void {
    if (this.state === 'away') return;
    this.state = 'away';
    if (!this.closed) this.options.onAway();
  }
}

/** An error that Redis has answered is an answer. */
const isAnswer = (error: unknown): boolean => error instanceof Error && error.name === 'ReplyError';
