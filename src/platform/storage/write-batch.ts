import type { Database, Statement } from 'better-sqlite3';
import { isStorageFault } from './storage-error.js';

/** What a write job works with: the connection inside an open transaction. Valid only while the job runs. */
export interface WriteTransaction {
  readonly db: Database;
  /**
   * Runs what may refuse, before the job has written anything, and hands on its result or what it throws. A refusal made here
   * costs the jobs beside it nothing.
   */
  judge<T>(decide: () => T): T;
  /** Registers what is to happen once the work is stored and before its caller is answered, such as dropping a cached page. */
  afterCommit(effect: () => void): void;
}

export type WriteJob<T> = (tx: WriteTransaction) => T;

/** A job that waits for its commit. */
export interface PendingWrite {
  readonly job: WriteJob<unknown>;
  /** Whether its caller waits until the commit is on disk. */
  readonly durable: boolean;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** What is left to be done for some jobs of a committed batch. */
export class Outcome {
  readonly effects: (() => void)[] = [];
  readonly answers: (() => void)[] = [];

  get isEmpty(): boolean {
    return this.answers.length === 0;
  }

  /**
   * Lets memory follow what was committed, then answers. An effect that throws keeps nobody from being answered and no other
   * effect from happening; the first of them is thrown at the end.
   */
  settle(): void {
    const failure = this.follow();
    for (const answer of this.answers) answer();
    if (failure) throw failure;
  }

  /** The effects alone. Returns what the first of them that failed threw. */
  follow(): Error | undefined {
    return this.effects.map(failureOf).find((failure) => failure !== undefined);
  }
}

/** How a batch ended: committed, or nothing of it is stored. */
export type BatchRun =
  | { readonly committed: true; readonly atOnce: Outcome; readonly onceDurable: Outcome }
  | { readonly committed: false; readonly error: unknown };

/** Thrown by a job that has written nothing. */
class Refusal {
  constructor(readonly reason: unknown) {}
}

type RunOne = (entry: PendingWrite, outcome: Outcome) => void;

/**
 * Runs jobs in one transaction.
 *
 * One that throws hurts nobody else: if it may have written, the batch is rolled back and run again with each job in a savepoint of
 * its own; savepoints for all, always, would be two more statements a job.
 */
export class BatchRunner {
  private readonly begin: Statement;
  private readonly commit: Statement;
  private readonly rollback: Statement;
  private readonly savepoint: Statement;
  private readonly release: Statement;
  private readonly undo: Statement;

  constructor(private readonly db: Database) {
    this.begin = db.prepare('BEGIN IMMEDIATE');
    this.commit = db.prepare('COMMIT');
    this.rollback = db.prepare('ROLLBACK');
    this.savepoint = db.prepare('SAVEPOINT job');
    this.release = db.prepare('RELEASE job');
    this.undo = db.prepare('ROLLBACK TO job');
  }

  run(batch: readonly PendingWrite[]): BatchRun {
    const run = this.together(batch, this.plain);
    return run.committed || isStorageFault(run.error) ? run : this.together(batch, this.guarded);
  }

  private together(batch: readonly PendingWrite[], runOne: RunOne): BatchRun {
    const atOnce = new Outcome();
    const onceDurable = new Outcome();
    try {
      this.begin.run();
      for (const entry of batch) runOne(entry, entry.durable ? onceDurable : atOnce);
      this.commit.run();
      return { committed: true, atOnce, onceDurable };
    } catch (error) {
      this.giveUp();
      return { committed: false, error };
    }
  }

  /** Ends the transaction, unless the database has done so itself; what it says against that is what was wrong before. */
  private giveUp(): void {
    try {
      if (this.db.inTransaction) this.rollback.run();
    } catch (error) {
      if (!isStorageFault(error)) throw error;
    }
  }

  private readonly plain: RunOne = (entry, outcome) => {
    const effects: (() => void)[] = [];
    try {
      const result = entry.job({ db: this.db, judge, afterCommit: (effect) => effects.push(effect) });
      for (const effect of effects) outcome.effects.push(effect);
      outcome.answers.push(() => entry.resolve(result));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      outcome.answers.push(() => entry.reject(error.reason));
    }
  };

  private readonly guarded: RunOne = (entry, outcome) => {
    this.savepoint.run();
    try {
      this.plain(entry, outcome);
      this.release.run();
    } catch (error) {
      if (isStorageFault(error) || !this.db.inTransaction) throw error;
      this.undo.run();
      this.release.run();
      outcome.answers.push(() => entry.reject(error));
    }
  };
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
