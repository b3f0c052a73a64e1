import type { Readiness } from '../admin/index.js';
import type { WorkQueue } from '../platform/queue/index.js';
import type { HubStorage } from '../platform/storage/index.js';

/**
 * Whether the hub can keep its promises: the database takes writes and no stop has begun. Redis is only shown as degraded,
 * since nothing is lost without it.
 */
export class ReadinessCheck {
  private stopping = false;
  private writable = true;
  private asking = false;
  private seconds = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly storage: Pick<HubStorage, 'probe'>,
    private readonly queue: Pick<WorkQueue, 'health'>,
  ) {}

  /** Looks at the database every five seconds from now on, and every second while it cannot be written. */
  start(): void {
    this.timer = setInterval(() => {
      if (++this.seconds % 5 === 0 || !this.writable) void this.look();
    }, 1_000);
    this.timer.unref();
  }

  /** A write has failed: the answer is no until the database takes one again. */
  failed(): void {
    this.writable = false;
  }

  /** From now on the answer is no. */
  stop(): void {
    this.stopping = true;
    clearInterval(this.timer);
  }

  current(): Readiness {
    const reasons: string[] = [];
    if (this.stopping) reasons.push('The hub is stopping.');
    if (!this.writable) reasons.push('The database cannot be written.');
    const degraded =
      this.queue.health() === 'degraded' ? ['Redis is away or takes no writes; lanes run from the database.'] : [];
    return { ready: reasons.length === 0, reasons, degraded };
  }

  private async look(): Promise<void> {
    // A database that has not answered the last question by now is none to write to.
    if (this.asking) {
      this.writable = false;
      return;
    }
    this.asking = true;
    try {
      this.writable = await this.storage.probe();
    } catch {
      this.writable = false;
    } finally {
      this.asking = false;
    }
  }
}
