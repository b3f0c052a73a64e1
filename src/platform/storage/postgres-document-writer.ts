import type { PostgresChangeFeed } from './change-feed.postgres.js';
import {
  Batch,
  type ReadRow,
  readStatement,
  type Slot,
  type WriteJob,
  writeStatement,
  writeValues,
} from './postgres-batch.js';
import { isConnectionLoss, isPostgresFault, isUndone } from './postgres-error.js';
import type { RunQuery } from './postgres-pools.js';
import { StorageUnavailable } from './storage-error.js';

/** Most jobs in one batch. */
const maxJobs = 256;
/** About as much text goes into one batch, in UTF-16 units; a batch holds at least one job, however large. */
const maxText = 16_000_000;
/** Longest that a job is tried, ms, while other nodes write the same document or hold a lock. */
const patience = 5_000;

export interface WriterOptions {
  readonly onCommit?: (writes: number, durationMs: number) => void;
  readonly onFailure?: (error: unknown) => void;
}

/**
 * Writes documents and their changes: optimistically, in batches, each as one statement.
 *
 * What arrives while a batch is under way makes the next one. A batch reads its documents, decides here, and hands everything to
 * one function of the database, which writes only if each document is still as it was read. No lock is ever held
 * across a round trip, so a node that is frozen at any moment keeps nobody from writing. Documents that another node
 * changed in between are decided anew on what that one left.
 */
export class PostgresDocumentWriter {
  private waiting: WriteJob[] = [];
  private busy = false;
  private readonly idle: (() => void)[] = [];
  private batchSize = maxJobs;

  constructor(
    private readonly send: RunQuery,
    private readonly feed: PostgresChangeFeed,
    private readonly options: WriterOptions = {},
  ) {}

  /** Resolves or rejects the job once its outcome is durable. */
  write(job: Omit<WriteJob, 'deadline'>): void {
    this.waiting.push({ ...job, deadline: performance.now() + patience });
    if (this.busy) return;
    this.busy = true;
    void this.work();
  }

  /** Resolves when everything handed in so far is settled. */
  async drain(): Promise<void> {
    if (this.busy) await new Promise<void>((resolve) => this.idle.push(resolve));
  }

  private async work(): Promise<void> {
    // What is handed in during this turn of the event loop belongs to the first batch.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.waiting.length > 0) await this.run(new Batch(this.waiting.splice(0, this.batchSize)));
    this.busy = false;
    for (const resolve of this.idle.splice(0)) resolve();
  }

  private async run(batch: Batch): Promise<void> {
    const startedAt = performance.now();
    let open: readonly Slot[] = batch.slots;
    let top: number | undefined;
    try {
      batch.answer(await this.read(batch));
      batch.decide();
      this.adapt(batch);
      // What changes nothing has nothing to wait for.
      settle(open.filter((slot) => !slot.touched));
      open = open.filter((slot) => slot.touched);
      while (open.length > 0 && top === undefined) {
        const answer = await this.call(open);
        if (answer.stale) open = this.withoutStale(open, answer.stale);
        else top = answer.top;
      }
    } catch (error) {
      await this.fail(jobsOf(open), error);
      return;
    }
    if (top === undefined) return;
    this.options.onCommit?.(jobsOf(open).length, performance.now() - startedAt);
    settle(open);
    this.feed.raise(top);
  }

  private async read(batch: Batch): Promise<readonly ReadRow[]> {
    const query = { name: 'read_batch', text: readStatement, values: batch.questions() };
    try {
      return (await this.send<ReadRow>(query)).rows;
    } catch (error) {
      // A connection that broke while nobody used it says so only now.
      if (!isConnectionLoss(error)) throw error;
      return (await this.send<ReadRow>(query)).rows;
    }
  }

  private async call(slots: readonly Slot[]): Promise<{ top: number; stale: number[] | null }> {
    const query = { name: 'write_batch', text: writeStatement, values: writeValues(slots) };
    const deadline = Math.min(...jobsOf(slots).map((job) => job.deadline));
    for (;;) {
      try {
        const { rows } = await this.send<{ top: number; stale: number[] | null }>(query);
        const [row] = rows;
        if (!row) throw new StorageUnavailable(new Error('The writing function returned nothing.'));
        return row;
      } catch (error) {
        // Only what the server has surely undone is sent again: of all else nobody knows whether it was stored.
        if (!isUndone(error) || performance.now() >= deadline) throw error;
      }
    }
  }

  /** Another node was faster with some: they are decided anew, before all that came later. */
  private withoutStale(slots: readonly Slot[], stale: readonly number[]): readonly Slot[] {
    const again = new Set(stale.map((at) => slots[at - 1]));
    const jobs = jobsOf(slots.filter((slot) => again.has(slot)));
    const now = performance.now();
    for (const job of jobs)
      if (job.deadline <= now)
        job.reject(new StorageUnavailable(new Error('Other nodes kept changing the document meanwhile.')));
    this.waiting.unshift(...jobs.filter((job) => job.deadline > now));
    return slots.filter((slot) => !again.has(slot));
  }

  private async fail(jobs: readonly WriteJob[], error: unknown): Promise<void> {
    if (error instanceof StorageUnavailable || isPostgresFault(error)) {
      this.options.onFailure?.(error);
      // Perhaps it was too much for one statement: the next batch asks for less, and grows again once one has passed.
      this.batchSize = Math.max(1, this.batchSize >> 2);
      // Whoever waits behind would wait for the same answer.
      const reason = error instanceof StorageUnavailable ? error : new StorageUnavailable(error);
      for (const job of [...jobs, ...this.waiting.splice(0)]) job.reject(reason);
    } else if (jobs.length > 1) {
      // Something in one of them cannot be stored; that is nobody else's fault.
      for (const job of jobs) await this.run(new Batch([job]));
    } else for (const job of jobs) job.reject(error);
  }

  /** Makes batches smaller while documents are large. */
  private adapt(batch: Batch): void {
    const text = batch.slots.reduce((sum, slot) => sum + (slot.current?.document.length ?? 0), 0);
    const perJob = Math.max(1, text / batch.jobs.length);
    this.batchSize = Math.max(1, Math.min(maxJobs, Math.floor(maxText / perJob)));
  }
}

function jobsOf(slots: readonly Slot[]): WriteJob[] {
  return slots.flatMap((slot) => slot.jobs);
}

function settle(slots: readonly Slot[]): void {
  for (const slot of slots) for (const outcome of slot.outcomes) outcome();
}
