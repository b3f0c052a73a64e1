import type { Clock } from '../../kernel/clock.js';

/** One moment, ms on either clock. */
export interface Moment {
  readonly wall: number;
  readonly monotonic: number;
}

/** Before everything: whatever began here is over. */
export const longAgo: Moment = { wall: Number.NEGATIVE_INFINITY, monotonic: Number.NEGATIVE_INFINITY };

/**
 * Measures how old a lease is, on two clocks of which the stricter counts. The wall clock may be set back, and then a lease would
 * seem to last longer than the database says; the monotonic one may stand still while the machine sleeps.
 */
export class LeaseClock {
  constructor(
    private readonly wall: Clock,
    /** ms from any origin; never goes backwards. */
    private readonly monotonic: () => number,
  ) {}

  now(): Moment {
    return { wall: this.wall.now(), monotonic: this.monotonic() };
  }

  /** The most that has passed since a moment, ms. */
  since({ wall, monotonic }: Moment): number {
    return Math.max(this.wall.now() - wall, this.monotonic() - monotonic);
  }
}
