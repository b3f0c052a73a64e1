import type { Clock } from '../../kernel/clock.js';

/** A partner has read a great many Tokens. */
export interface BulkRead {
  readonly partnerId: string;
  /** Read since the hour began. */
  readonly tokens: number;
  /** When the hour began, ms since the epoch. */
  readonly since: number;
}

export interface BulkReadWatchOptions {
  readonly clock: Clock;
  /** Tokens that a partner may read in an hour before somebody is told. */
  readonly threshold?: number;
  readonly onBulkRead: (read: BulkRead) => void;
}

interface Hour {
  readonly since: number;
  tokens: number;
  isTold: boolean;
}

const hourMs = 3_600_000;
const defaultThreshold = 100_000;

/**
 * Counts the Tokens that each partner reads, and tells once an hour of one that reads more than it plausibly needs: a list of all
 * uids that got into wrong hands opens chargers (T21). Kept in memory: a node counts what it hands out itself.
 */
export class BulkReadWatch {
  /** By partner id; its first read begins an hour. */
  private readonly hours = new Map<string, Hour>();

  constructor(private readonly options: BulkReadWatchOptions) {}

  handedOut(partnerId: string, tokens: number): void {
    const now = this.options.clock.now();
    let hour = this.hours.get(partnerId);
    if (!hour || now - hour.since >= hourMs) {
      hour = { since: now, tokens: 0, isTold: false };
      this.hours.set(partnerId, hour);
    }
    hour.tokens += tokens;
    if (hour.isTold || hour.tokens <= (this.options.threshold ?? defaultThreshold)) return;
    hour.isTold = true;
    this.options.onBulkRead({ partnerId, tokens: hour.tokens, since: hour.since });
  }
}
