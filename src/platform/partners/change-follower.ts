import { isStorageFault, StorageUnavailable } from '../storage/index.js';
import type { SharedDatabase } from './shared-database.js';

export interface Following {
  readonly shared: SharedDatabase;
  /** Where changes are announced. */
  readonly channel: string;
  /** Told of what went wrong beyond an absent database; it is tried again. */
  readonly onTrouble: (error: unknown) => void;
  readonly pollMs?: number;
  /** Told with each look that the time brings. */
  readonly onPoll?: () => void;
}

/** Besides notifications, which may be lost, the database is asked so often. A revoked token ends everywhere within that time. */
const defaultPollMs = 1_000;

/** Keeps something that this node has in memory up with what other nodes change in the database. */
export abstract class ChangeFollower {
  private timer: NodeJS.Timeout | undefined;
  private endListening: () => void = () => undefined;
  private looking: Promise<void> | undefined;
  private next: Promise<void> | undefined;
  private stopped = false;

  constructor(private readonly following: Following) {}

  /** Reads what is new. Never runs twice at a time. */
  protected abstract follow(): Promise<void>;

  async start(): Promise<void> {
    const { channel, onPoll, pollMs, shared } = this.following;
    this.endListening = shared.listen(channel, () => this.glance());
    this.timer = setInterval(() => {
      onPoll?.();
      this.glance();
    }, pollMs ?? defaultPollMs);
    this.timer.unref();
    await this.catchUp();
  }

  /** Looks no more; resolves when the last look has ended. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    this.endListening();
    await Promise.allSettled([this.looking, this.next]);
  }

  /**
   * Resolves when everything that was committed before the call is known here. However many ask, one look is under way and one
   * waits. @throws StorageUnavailable
   */
  catchUp(): Promise<void> {
    if (this.stopped) return Promise.resolve();
    if (this.looking === undefined) return this.look();
    this.next ??= this.looking
      .catch(() => undefined)
      .then(() => {
        this.next = undefined;
        return this.look();
      });
    return this.next;
  }

  private glance(): void {
    // One that waits already will see whatever there is to see.
    if (this.next !== undefined) return;
    this.catchUp().catch((error: unknown) => {
      if (!(error instanceof StorageUnavailable) && !isStorageFault(error)) this.following.onTrouble(error);
    });
  }

  private look(): Promise<void> {
    this.looking = this.follow().finally(() => {
      this.looking = undefined;
    });
    return this.looking;
  }
}
