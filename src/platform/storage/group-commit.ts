import type { Database, Statement } from 'better-sqlite3';
import { isStorageFault, StorageUnavailable } from './storage-error.js';

/** What a write job works with: the connection inside an open transaction. Valid only while the job runs. */
export interface WriteTransaction {
  readonly db: Database;
  /** Registers what is to happen once the work is on disk and before its caller is answered, such as dropping a cached page. */
  afterCommit(effect: () => void): void;
}

export type WriteJob<T> = (tx: WriteTransaction) => T;

export interface GroupCommitOptions {
  /** Longest that a job waits for company, in ms. */
  readonly windowMs?: number;
  /** Most jobs in one commit. */
  readonly maxJobs?: number;
  /** Told of each commit: how many jobs, and how long it took in ms. */
  readonly onCommit?: (jobs: number, durationMs: number) => void;
  /** Told when nothing could be stored. */
  readonly onFailure?: (error: unknown) => void;
}

interface Waiting {
  readonly job: WriteJob<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Collects writes that arrive together into one durable commit.
 *
 * Each job runs in a savepoint of its own, so one that throws hurts nobody else. A job's promise settles after the
 * commit is on disk: whoever answers a partner then has a promise that it can keep. Jobs run one after another
 * on the one writing connection, without `await` inside, so no two transactions can entangle.
 */
export class GroupCommit {
  private waiting: Waiting[] = [];
  private turn: Promise<void> = Promise.resolve();
  private held = false;
  private scheduled = false;
  private oldest = 0;
  private seen = 0;
  private readonly windowMs: number;
  private readonly maxJobs: number;
  private readonly begin: Statement;
  private readonly commit: Statement;
  private readonly rollback: Statement;
  private readonly savepoint: Statement;
  private readonly release: Statement;
  private readonly undo: Statement;

  constructor(
    private readonly db: Database,
    private readonly options: GroupCommitOptions = {},
  ) {
    this.windowMs = options.windowMs ?? 2;
    this.maxJobs = options.maxJobs ?? 64;
    this.begin = db.prepare('BEGIN IMMEDIATE');
    this.commit = db.prepare('COMMIT');
    this.rollback = db.prepare('ROLLBACK');
    this.savepoint = db.prepare('SAVEPOINT job');
    this.release = db.prepare('RELEASE job');
    this.undo = db.prepare('ROLLBACK TO job');
  }

  /**
   * Runs a job in the next commit; resolves with its result once that is durable.
   * Rejects with what the job threw, or with {@link StorageUnavailable} if nothing could be stored.
   */
  write<T>(job: WriteJob<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.waiting.length === 0) this.oldest = performance.now();
      this.waiting.push({ job, resolve: resolve as (value: unknown) => void, reject });
      this.schedule();
    });
  }

  /**
   * Lets `work` have the connection to itself across awaits, for transactions of the object-relational mapper.
   * Jobs wait meanwhile, so it must be short and make no network call.
   */
  async exclusive<T>(work: () => Promise<T>): Promise<T> {
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

  /** Resolves when everything handed in so far is settled. */
  async drain(): Promise<void> {
    await this.exclusive(async () => undefined);
    if (this.waiting.length > 0) await this.write(() => undefined);
  }

  private schedule(): void {
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
      this.flush();
    } finally {
      if (this.waiting.length > 0) this.schedule();
    }
  };

  private flush(): void {
    const batch = this.waiting.splice(0, this.maxJobs);
    if (this.waiting.length > 0) this.oldest = performance.now();
    const settle: (() => void)[] = [];
    const effects: (() => void)[] = [];
    const startedAt = performance.now();
    try {
      this.begin.run();
      for (const entry of batch) this.runOne(entry, settle, effects);
      this.commit.run();
    } catch (error) {
      if (this.db.inTransaction) this.rollback.run();
      this.options.onFailure?.(error);
      const unavailable = isStorageFault(error) ? new StorageUnavailable(error) : error;
      for (const entry of batch) entry.reject(unavailable);
      return;
    }
    this.options.onCommit?.(batch.length, performance.now() - startedAt);
    const failures = effects.map(failureOf).filter((failure) => failure !== undefined);
    for (const finish of settle) finish();
    // What is on disk is acknowledged in any case; that something in memory no longer follows it is for the process to end on.
    if (failures[0]) throw failures[0];
  }

  private runOne(entry: Waiting, settle: (() => void)[], effects: (() => void)[]): void {
    const own: (() => void)[] = [];
    this.savepoint.run();
    try {
      const result = entry.job({ db: this.db, afterCommit: (effect) => own.push(effect) });
      this.release.run();
      for (const effect of own) effects.push(effect);
      settle.push(() => entry.resolve(result));
    } catch (error) {
      if (isStorageFault(error) || !this.db.inTransaction) throw error;
      this.undo.run();
      this.release.run();
      settle.push(() => entry.reject(error));
    }
  }
}

function failureOf(effect: () => void): Error | undefined {
  try {
    effect();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
