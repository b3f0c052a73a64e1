import type { Database, Statement } from 'better-sqlite3';
import { isStorageFault, StorageUnavailable } from './storage-error.js';
import type { LogSync } from './wal-sync.js';

/** What a write job works with: the connection inside an open transaction. Valid only while the job runs. */
export interface WriteTransaction {
  readonly db: Database;
  /**
   * Runs what may refuse, before the job has written anything, and hands on its result or what it throws. A refusal made here
   * costs the jobs beside it nothing.
   */
  judge<T>(decide: () => T): T;
  /** Registers what is to happen once the work is on disk and before its caller is answered, such as dropping a cached page. */
  afterCommit(effect: () => void): void;
}

export type WriteJob<T> = (tx: WriteTransaction) => T;

export interface GroupCommitOptions {
  /** Makes a commit durable; without it COMMIT itself must do so. */
  readonly sync?: LogSync;
  /** Longest that a job waits for company, in ms. */
  readonly windowMs?: number;
  /** Most jobs in one commit. */
  readonly maxJobs?: number;
  /** Told of each commit: how many jobs, and how long it took until it was durable, in ms. */
  readonly onCommit?: (jobs: number, durationMs: number) => void;
  /** Told when nothing could be stored. */
  readonly onFailure?: (error: unknown) => void;
}

/** Thrown by a job that has written nothing. */
class Refusal {
  constructor(readonly reason: unknown) {}
}

interface Waiting {
  readonly job: WriteJob<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Collects writes that arrive together into one durable commit.
 *
 * One that throws hurts nobody else: if it may have written, the batch is rolled back and run again with each job in a savepoint of
 * its own; savepoints for all, always, would be two more statements a job. A job must therefore depend on nothing but the
 * database and be good for a second run. Its promise settles after the commit is on disk: whoever answers a partner then
 * has a promise that it can keep. Jobs run one after another on the one writing connection, without `await` inside,
 * so no two transactions can entangle.
 */
export class GroupCommit {
  private waiting: Waiting[] = [];
  private turn: Promise<void> = Promise.resolve();
  private held = false;
  private scheduled = false;
  private oldest = 0;
  private seen = 0;
  private flushing = false;
  private lastSettled: Promise<void> = Promise.resolve();
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
    this.maxJobs = options.maxJobs ?? 256;
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
      const result = await work();
      await this.options.sync?.durable();
      return result;
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
    await this.lastSettled;
  }

  private schedule(): void {
    // While the disk is busy with one batch the next one gathers; a full one need not wait.
    if (this.flushing && this.waiting.length < this.maxJobs) return;
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
    const startedAt = performance.now();
    let run = this.runTogether(batch, this.runPlain);
    if (run.failed && !isStorageFault(run.error)) run = this.runTogether(batch, this.runGuarded);
    if (run.failed) {
      this.refuse(batch, run.error);
      return;
    }
    const { sync } = this.options;
    if (!sync) {
      this.settle(batch, run, startedAt);
      return;
    }
    this.flushing = true;
    // Batches settle in the order in which they were committed: the log is flushed for one after the other.
    const settled: Promise<void> = sync.durable().then(
      () => this.flushed(settled, () => this.settle(batch, run, startedAt)),
      (error: unknown) => this.flushed(settled, () => this.doubt(batch, run, error)),
    );
    this.lastSettled = settled;
  }

  private flushed(batch: Promise<void>, finish: () => void): void {
    if (this.lastSettled === batch) this.flushing = false;
    try {
      finish();
    } finally {
      if (this.waiting.length > 0) this.schedule();
    }
  }

  private settle(batch: readonly Waiting[], run: Run, startedAt: number): void {
    this.options.onCommit?.(batch.length, performance.now() - startedAt);
    const failures = run.effects.map(failureOf).filter((failure) => failure !== undefined);
    for (const finish of run.settle) finish();
    // What is on disk is acknowledged in any case; that something in memory no longer follows it is for the process to end on.
    if (failures[0]) throw failures[0];
  }

  /** Committed, but perhaps not on disk: nobody is promised anything, and memory follows what readers already see. */
  private doubt(batch: readonly Waiting[], run: Run, error: unknown): void {
    const failures = run.effects.map(failureOf).filter((failure) => failure !== undefined);
    this.refuse(batch, new StorageUnavailable(error));
    if (failures[0]) throw failures[0];
  }

  private refuse(batch: readonly Waiting[], error: unknown): void {
    this.options.onFailure?.(error);
    const reason = isStorageFault(error) ? new StorageUnavailable(error) : error;
    for (const entry of batch) entry.reject(reason);
  }

  /** Runs a batch in one transaction; after a failure nothing of it is stored. */
  private runTogether(batch: readonly Waiting[], runOne: (entry: Waiting, run: Run) => void): Run {
    const run: Run = { settle: [], effects: [], failed: false, error: undefined };
    try {
      this.begin.run();
      for (const entry of batch) runOne(entry, run);
      this.commit.run();
    } catch (error) {
      if (this.db.inTransaction) this.rollback.run();
      run.failed = true;
      run.error = error;
    }
    return run;
  }

  private readonly runPlain = (entry: Waiting, run: Run): void => {
    const effects: (() => void)[] = [];
    try {
      const result = entry.job({ db: this.db, judge, afterCommit: (effect) => effects.push(effect) });
      for (const effect of effects) run.effects.push(effect);
      run.settle.push(() => entry.resolve(result));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      run.settle.push(() => entry.reject(error.reason));
    }
  };

  private readonly runGuarded = (entry: Waiting, run: Run): void => {
    this.savepoint.run();
    try {
      this.runPlain(entry, run);
      this.release.run();
    } catch (error) {
      if (isStorageFault(error) || !this.db.inTransaction) throw error;
      this.undo.run();
      this.release.run();
      run.settle.push(() => entry.reject(error));
    }
  };
}

/** What one run of a batch leaves to be done. */
interface Run {
  readonly settle: (() => void)[];
  readonly effects: (() => void)[];
  failed: boolean;
  error: unknown;
}

function judge<T>(decide: () => T): T {
  try {
    return decide();
  } catch (error) {
    throw new Refusal(error);
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
