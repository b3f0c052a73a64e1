import type { Database } from 'better-sqlite3';
import { isStorageFault, StorageUnavailable } from './storage-error.js';
import type { LogSync } from './wal-sync.js';
import { type BatchRun, BatchRunner, type PendingWrite, type WriteJob } from './write-batch.js';

export interface GroupCommitOptions {
  /** Makes a commit durable; without it COMMIT itself must do so. */
  readonly sync?: LogSync;
  /** Longest that a job waits for company, in ms. */
  readonly windowMs?: number;
  /** Most jobs in one commit. */
  readonly maxJobs?: number;
  /** Told of each commit: how many jobs, and how long it took until it was settled, in ms. */
  readonly onCommit?: (jobs: number, durationMs: number) => void;
  /** Told when nothing could be stored. */
  readonly onFailure?: (error: unknown) => void;
}

export interface WriteOptions {
  /**
   * False: settled right after the commit. The end of the process does not lose it, the loss of power may; whatever is
   * durable later makes it so, too.
   */
  readonly durable?: boolean;
}

type Committed = Extract<BatchRun, { committed: true }>;

/**
 * Collects writes that arrive together into one durable commit.
 *
 * A job may run twice, so it must depend on nothing but the database. Its promise settles after the commit is on disk: whoever
 * answers a partner then has a promise that it can keep. Jobs run one after another on the one writing connection,
 * without `await` inside, so no two transactions can entangle.
 *
 * **Doubt.** A flush that failed says that something committed is perhaps not on disk, and the next one may succeed without it: the
 * system takes pages for clean that it could not write. So from then on nothing is taken and nothing is acknowledged,
 * whatever later flushes say, until {@link recover} has made sure.
 */
export class GroupCommit {
  private waiting: PendingWrite[] = [];
  /** How many of those who wait do not wait for the disk. */
  private hurried = 0;
  private turn: Promise<void> = Promise.resolve();
  private held = false;
  private scheduled = false;
  private oldest = 0;
  private seen = 0;
  private flushing = false;
  private lastSettled: Promise<void> = Promise.resolve();
  private doubt: { readonly cause: unknown } | undefined;
  private readonly runner: BatchRunner;
  private readonly windowMs: number;
  private readonly maxJobs: number;

  constructor(
    db: Database,
    private readonly options: GroupCommitOptions = {},
  ) {
    this.windowMs = options.windowMs ?? 2;
    this.maxJobs = options.maxJobs ?? 256;
    this.runner = new BatchRunner(db);
  }

  /** Whether a flush has failed and nothing is taken since. */
  get inDoubt(): boolean {
    return this.doubt !== undefined;
  }

  /**
   * Runs a job in the next commit; resolves with its result once that is durable.
   * Rejects with what the job threw, or with {@link StorageUnavailable} if nothing could be stored.
   */
  write<T>(job: WriteJob<T>, { durable = true }: WriteOptions = {}): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const entry = { job, durable, resolve: resolve as (value: unknown) => void, reject };
      if (this.doubt) {
        this.refuse([entry], new StorageUnavailable(this.doubt.cause));
        return;
      }
      if (this.waiting.length === 0) this.oldest = performance.now();
      this.waiting.push(entry);
      if (!durable) this.hurried++;
      this.schedule();
    });
  }

  /**
   * Lets `work` have the connection to itself across awaits, for transactions of the object-relational mapper.
   * Jobs wait meanwhile, so it must be short and make no network call. Resolves once what it committed is durable.
   */
  exclusive<T>(work: () => Promise<T>): Promise<T> {
    return this.alone(async () => {
      if (this.doubt) throw new StorageUnavailable(this.doubt.cause);
      const result = await work();
      try {
        await this.options.sync?.durable();
      } catch (error) {
        this.doubt ??= { cause: error };
        this.options.onFailure?.(error);
      }
      if (this.doubt) throw new StorageUnavailable(this.doubt.cause);
      return result;
    });
  }

  /**
   * Goes on after a failed flush if `prove` resolves: it must make everything durable that was ever committed, and may take
   * no earlier flush for granted. Nothing is written meanwhile.
   */
  recover(prove: () => Promise<void>): Promise<void> {
    return this.alone(async () => {
      // A commit from before the doubt may still wait for its flush; it is refused first.
      await this.lastSettled;
      if (!this.doubt) return;
      await prove();
      this.doubt = undefined;
    });
  }

  /** Resolves when everything that readers can see by now is durable, or in doubt for good. */
  settled(): Promise<void> {
    return this.lastSettled.catch(() => undefined);
  }

  /** Resolves when everything handed in so far is settled. */
  async drain(): Promise<void> {
    await this.alone(async () => undefined);
    // Refused or not: it was the last in line.
    if (this.waiting.length > 0) await this.write(() => undefined).catch(() => undefined);
    await this.lastSettled;
  }

  private async alone<T>(work: () => Promise<T>): Promise<T> {
    const before = this.turn;
    let done = (): void => undefined;
    this.turn = new Promise<void>((resolve) => {
      done = resolve;
    });
    await before;
    this.held = true;
    try {
      return await work();
    } finally {
      this.held = false;
      done();
      if (this.waiting.length > 0) this.schedule();
    }
  }

  private schedule(): void {
    // While the disk is busy with one batch the next one gathers; a full one need not wait, nor who does not wait for the disk.
    if (this.flushing && this.hurried === 0 && this.waiting.length < this.maxJobs) return;
    if (this.scheduled || this.held) return;
    this.scheduled = true;
    this.seen = this.waiting.length;
    setImmediate(this.tick);
  }

  /** Commits unless more jobs came in since the last look and the window is still open: company makes a commit cheaper. */
  private readonly tick = (): void => {
    if (this.held) {
      this.scheduled = false;
      return;
    }
    const grew = this.waiting.length > this.seen;
    if (grew && this.waiting.length < this.maxJobs && performance.now() - this.oldest < this.windowMs) {
      this.seen = this.waiting.length;
      setImmediate(this.tick);
      return;
    }
    this.scheduled = false;
    try {
      this.commit(this.nextBatch());
    } finally {
      if (this.waiting.length > 0) this.schedule();
    }
  };

  private nextBatch(): PendingWrite[] {
    let batch: PendingWrite[];
    if (this.flushing && this.waiting.length < this.maxJobs) {
      batch = this.waiting.filter((entry) => !entry.durable);
      this.waiting = this.waiting.filter((entry) => entry.durable);
      this.hurried = 0;
    } else {
      batch = this.waiting.splice(0, this.maxJobs);
      if (this.hurried > 0) this.hurried -= batch.filter((entry) => !entry.durable).length;
    }
    if (this.waiting.length > 0) this.oldest = performance.now();
    return batch;
  }

  private commit(batch: readonly PendingWrite[]): void {
    if (this.doubt) {
      this.refuse(batch, new StorageUnavailable(this.doubt.cause));
      return;
    }
    const startedAt = performance.now();
    const run = this.runner.run(batch);
    if (!run.committed) {
      this.refuse(batch, run.error);
      return;
    }
    const settled = (): void => this.options.onCommit?.(batch.length, performance.now() - startedAt);
    const { sync } = this.options;
    if (!sync || run.onceDurable.isEmpty) settled();
    else this.makeDurable(batch, run, sync, settled);
    run.atOnce.settle();
    if (!sync) run.onceDurable.settle();
  }

  private makeDurable(batch: readonly PendingWrite[], run: Committed, sync: LogSync, settled: () => void): void {
    this.flushing = true;
    // Batches settle in the order in which they were committed: the log is flushed for one after the other.
    const flush: Promise<void> = sync.durable().then(
      () => this.flushed(flush, batch, run, settled),
      (error: unknown) => {
        this.doubt ??= { cause: error };
        this.flushed(flush, batch, run, settled);
      },
    );
    this.lastSettled = flush;
  }

  private flushed(flush: Promise<void>, batch: readonly PendingWrite[], run: Committed, settled: () => void): void {
    if (this.lastSettled === flush) this.flushing = false;
    try {
      if (this.doubt) this.leaveOpen(batch, run, this.doubt.cause);
      else {
        settled();
        // What is on disk is acknowledged in any case; that something in memory no longer follows it is for the process to end on.
        run.onceDurable.settle();
      }
    } finally {
      if (this.waiting.length > 0) this.schedule();
    }
  }

  /** Committed, but perhaps not on disk: nobody is promised anything, and memory follows what readers already see. */
  private leaveOpen(batch: readonly PendingWrite[], run: Committed, cause: unknown): void {
    const failure = run.onceDurable.follow();
    this.refuse(
      batch.filter((entry) => entry.durable),
      new StorageUnavailable(cause),
    );
    if (failure) throw failure;
  }

  private refuse(batch: readonly PendingWrite[], error: unknown): void {
    this.options.onFailure?.(error instanceof StorageUnavailable ? error.cause : error);
    const reason = isStorageFault(error) ? new StorageUnavailable(error) : error;
    for (const entry of batch) entry.reject(reason);
  }
}
