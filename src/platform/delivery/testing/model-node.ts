import type { LiveChangeFeed } from '../../storage/index.js';
import type { DeliveryOptions } from '../delivery.js';
import { Delivery } from '../delivery.js';
import type { LaneStore } from '../lane-store.js';
import type { PushSource, Timers } from '../ports.js';
import { FakeQueue, type WakeUps } from './fake-queue.js';
import type { ModelHub } from './model-hub.js';

export interface ModelNodeOptions {
  readonly name: string;
  readonly hub: ModelHub;
  readonly timers: Timers;
  readonly wakeUps: WakeUps;
  readonly store: LaneStore;
  readonly random: () => number;
  /** Replies of the database may take their time, and its heads may come late. */
  readonly slow: boolean;
  /** The wrong choice: places are handed out before commit, and a row may be seen later than those behind it. */
  readonly outOfOrder: boolean;
  /** The wrong choice: only the cursor is written down. */
  readonly cursorAlone: boolean;
  /** The wrong choice: what is owed because it was not shared is not written down. */
  readonly noNote: boolean;
}

/** One life of one process: what it started ends with it without a word, and stands still while it is frozen. */
export class ModelNode {
  readonly queue: FakeQueue;
  readonly feed: NodeFeed;
  readonly timers: Timers;
  alive = true;
  frozen = false;
  delivery: Delivery | undefined;
  private readonly held: (() => void)[] = [];

  constructor(readonly options: ModelNodeOptions) {
    this.timers = { after: (ms, job) => options.timers.after(ms, () => this.when(job)) };
    this.queue = new FakeQueue(this.timers, options.wakeUps);
    this.feed = new NodeFeed(this);
  }

  get name(): string {
    return this.options.name;
  }

  async begin(rest: Omit<DeliveryOptions, 'feed' | 'store' | 'queue' | 'sources' | 'timers'>): Promise<void> {
    const { hub, store } = this.options;
    this.delivery = new Delivery({
      ...rest,
      feed: this.feed,
      store: this.seenFromHere(store),
      queue: this.queue,
      sources: hub.sources().map((one) => this.slowly(one)),
      timers: this.timers,
    });
    // Not awaited: it may be frozen or end in the middle of it.
    void this.delivery.start();
  }

  end(): void {
    this.alive = false;
    this.queue.leave();
    this.feed.close();
  }

  freeze(): void {
    this.frozen = true;
  }

  thaw(): void {
    this.frozen = false;
    for (const job of this.held.splice(0)) this.when(job);
  }

  /** Runs a job of this process: now, after it wakes up, or never. */
  when(job: () => void): void {
    if (!this.alive) return;
    if (this.frozen) this.held.push(job);
    else job();
  }

  /** What comes from outside of the process: the work is done there, the answer is heard here. */
  heard<T>(work: () => Promise<T>): Promise<T> {
    if (!this.alive) return new Promise(() => undefined);
    const { random, slow, timers } = this.options;
    const delay = (): Promise<void> =>
      slow && random() < 0.05
        ? new Promise((resolve) => {
            timers.after(Math.floor(random() * 20), resolve);
          })
        : Promise.resolve();
    return new Promise((resolve, reject) => {
      delay()
        .then(work)
        .then(async (value) => {
          await delay();
          return value;
        })
        .then(
          (value) => this.when(() => resolve(value)),
          (error: unknown) => this.when(() => reject(error instanceof Error ? error : new Error(String(error)))),
        );
    });
  }

  private saveLess(store: LaneStore): LaneStore['save'] {
    const { cursorAlone } = this.options;
    return (progress, leaseMs) =>
      this.heard(() =>
        store.save(
          progress.map((one) => (cursorAlone ? { ...one, ahead: '' } : { ...one, owed: undefined })),
          leaseMs,
        ),
      );
  }

  private slowly(source: PushSource): PushSource {
    return { ...source, read: (row) => this.heard(() => source.read(row)) };
  }

  private seenFromHere(store: LaneStore): LaneStore {
    return new Proxy(store, {
      get: (target, name, receiver): unknown => {
        const value: unknown = Reflect.get(target, name, receiver);
        if (typeof value !== 'function') return value;
        if (name === 'save' && (this.options.cursorAlone || this.options.noNote)) return this.saveLess(target);
        return (...args: unknown[]): unknown =>
          this.heard(() => Reflect.apply(value, target, args) as Promise<unknown>);
      },
    });
  }
}

/** The sequence as one node knows it: its head lags behind and jumps. */
class NodeFeed implements LiveChangeFeed {
  private known: number;
  private readonly listeners = new Set<() => void>();
  private readonly unseen = new Map<number, number>();
  private readonly stop: () => void;

  constructor(private readonly node: ModelNode) {
    const { hub, random, slow, outOfOrder } = node.options;
    this.known = hub.changes.head();
    this.stop = hub.changes.onAdvance(() => {
      if (outOfOrder && random() < 0.2) this.unseen.set(hub.changes.head(), 3);
      if (!slow || random() < 0.7) this.advance();
    });
  }

  /** The poll that makes up for notices that were lost. */
  advance(): void {
    const head = this.node.options.hub.changes.head();
    this.node.when(() => {
      if (head <= this.known) return;
      this.known = head;
      for (const listener of this.listeners) listener();
    });
  }

  close(): void {
    this.stop();
  }

  head(): number {
    return this.known;
  }

  refresh(): Promise<number> {
    return this.look(async () => this.node.options.hub.changes.head());
  }

  async changesAfter(cursor: number, limit: number): ReturnType<LiveChangeFeed['changesAfter']> {
    const rows = await this.node.heard(() => this.node.options.hub.changes.changesAfter(cursor, limit));
    this.known = Math.max(this.known, rows.at(-1)?.seq ?? 0);
    return rows.filter(({ seq }) => {
      const left = this.unseen.get(seq) ?? 0;
      this.unseen.set(seq, left - 1);
      return left <= 0;
    });
  }

  countAfter(cursor: number): Promise<number> {
    return this.node.heard(() => this.node.options.hub.changes.countAfter(cursor));
  }

  oldestAfter(cursor: number): Promise<number | undefined> {
    return this.node.heard(() => this.node.options.hub.changes.oldestAfter(cursor));
  }

  onAdvance(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private async look(at: () => Promise<number>): Promise<number> {
    this.known = Math.max(this.known, await this.node.heard(at));
    return this.known;
  }
}
