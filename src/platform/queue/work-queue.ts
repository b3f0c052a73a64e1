/** The kinds of work that wait: lanes to push, lists to pull, command results to hand back. */
export const queueNames = ['lane', 'pull', 'callback'] as const;
export type QueueName = (typeof queueNames)[number];

/** Does the work of one id. What it throws is reported and changes nothing: the work is not tried again by the queue. */
export type WorkHandler = (id: string, signal: AbortSignal) => Promise<void>;

export interface Work {
  readonly queue: QueueName;
  readonly id: string;
}

/** Where trouble goes; `work` is absent if it is the queue's own. */
export type ReportTrouble = (error: unknown, work?: Work) => void;

/** Reports; a reporter that itself fails must not end the process. */
export function reportSafely(report: ReportTrouble, error: unknown, work?: Work): void {
  try {
    report(error, work);
  } catch {
    // There is nobody left to tell.
  }
}

/**
 * Wake-ups and timed work. A job is an id and nothing else: what is to be done stands in the database.
 *
 * A wake-up may come twice, and may be lost with the process or with Redis; it is never the only trace of a duty. Every
 * implementation passes `test/contract/queue-contract.ts`.
 */
export interface WorkQueue {
  /**
   * Asks for a run of `id`, at once or after `delayMs`. Never throws and is never waited for.
   *
   * Wake-ups of one id that wait collapse into one, and the earlier due time wins. One that comes while the id is running
   * in this process makes it run once more afterwards. With `here` the work is done by this process and no other, and
   * does not pass the service behind the queue.
   */
  add(queue: QueueName, id: string, options?: { readonly delayMs?: number; readonly here?: boolean }): void;

  /**
   * Sets the handler of a queue, once. In one process an id never runs twice at a time, and at most `concurrency` ids do.
   * A process that sets no handler for a queue only adds to it.
   */
  process(queue: QueueName, handler: WorkHandler, options: { readonly concurrency: number }): void;

  /** Begins to run what waits. @throws if the settings of the service behind the queue make it unfit. */
  start(): Promise<void>;

  /**
   * Ends: nothing new starts, what runs may finish for `deadlineMs`, then its signal aborts. Resolves when all handlers
   * have returned, or a second after the abort. Later wake-ups are ignored.
   */
  close(deadlineMs: number): Promise<void>;

  /** Resolves when nothing that this process handles is running or waiting to run now. Delayed work does not count. */
  idle(): Promise<void>;

  /** `degraded`: the service behind the queue is away; work added in this process runs in this process meanwhile. */
  health(): 'ok' | 'degraded';
}
