import type { Clock } from '../../kernel/clock.js';
import type { Partner } from '../partners/index.js';
import { RateLimit } from './rate-limit.js';

/** Requests per second; bursts of so many are let through. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** A burst is this many seconds' worth. */
const burstSeconds = 4;

/** How many requests each partner may send: the hub's rate, or the one that the operator gave it. */
export class PartnerLimits {
  private readonly usual: RateLimit | undefined;
  /** By rate. */
  private readonly special = new Map<number, RateLimit>();

  /** @param rate of everybody without one of its own; undefined: no limit */
  constructor(
    private readonly clock: Clock,
    rate: Rate | undefined,
  ) {
    if (rate) this.usual = new RateLimit(clock, rate.perSecond, rate.burst);
  }

  /** Takes one request; returns how many seconds to wait if there is none left, else 0. */
  take(holder: string, partner: Partner | undefined): number {
    const own = partner?.switches.rate_limit ?? undefined;
    return (own === undefined ? this.usual : this.ofRate(own))?.take(holder) ?? 0;
  }

  private ofRate(perSecond: number): RateLimit {
    let limit = this.special.get(perSecond);
    if (!limit) {
      limit = new RateLimit(this.clock, perSecond, perSecond * burstSeconds);
      this.special.set(perSecond, limit);
    }
    return limit;
  }
}
