import { close, fdatasync, openSync } from 'node:fs';

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Makes what was written to a log durable. */
export interface LogSync {
  /** Resolves when everything written before the call is on disk. Calls that come while the disk is busy share the next turn. */
  durable(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Flushes SQLite's write-ahead log off the main thread.
 *
 * With `synchronous=FULL` SQLite would flush inside COMMIT and freeze the whole process for as long as the disk takes, some tenths
 * of a millisecond here and 10–30 ms on a slow disk. Flushing the same file ourselves after COMMIT, in the thread pool, gives
 * the same promise to whoever waits for it while other requests go on; and it can be `fdatasync`, which the
 * binding's SQLite is not built to use. Nothing locks the log file itself, so a second descriptor does no harm to
 * SQLite's locks.
 */
export class WalSync implements LogSync {
  private readonly descriptor: number;
  private waiting: Waiter[] = [];
  private busy = false;

  /** @param file the database file; its log exists once something was written in WAL mode */
  constructor(file: string) {
    this.descriptor = openSync(`${file}-wal`, 'r');
  }

  durable(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      if (!this.busy) this.flush();
    });
  }

  async close(): Promise<void> {
    if (this.busy) await this.durable();
    await new Promise<void>((resolve, reject) =>
      close(this.descriptor, (error) => (error ? reject(error) : resolve())),
    );
  }

  private flush(): void {
    const turn = this.waiting;
    this.waiting = [];
    this.busy = true;
    fdatasync(this.descriptor, (error) => {
      this.busy = false;
      if (this.waiting.length > 0) this.flush();
      for (const { resolve, reject } of turn) error ? reject(error) : resolve();
    });
  }
}
