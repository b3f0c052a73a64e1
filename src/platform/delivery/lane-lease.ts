import type { LaneServices } from './lane-services.js';
import type { TakenLane } from './lane-store.js';
import { longAgo, type Moment } from './lease-clock.js';

export type LeaseGrant =
  /** Ours, and what is in memory still holds. */
  | { readonly kind: 'kept' }
  /** Ours from now on; others may have worked on it before. */
  | { readonly kind: 'new'; readonly record: TakenLane }
  | { readonly kind: 'refused' };

/** The right to work on one lane, and the fence under which it was given. */
export class LaneLease {
  private fenceNow = 0;
  /** When it was asked for last. */
  private askedAt: Moment = longAgo;
  private inHandNow = false;

  constructor(
    private readonly partnerId: string,
    private readonly services: Pick<LaneServices, 'leaseClock' | 'store' | 'timing' | 'feed'>,
  ) {}

  /** Takes the lane. */
  async take(): Promise<LeaseGrant> {
    const { leaseClock, store, timing, feed } = this.services;
    // Our idea of the end is never later than the store's: the clock is read before the store is asked.
    const askedAt = leaseClock.now();
    const record = await store.acquire(this.partnerId, timing.leaseMs);
    if (!record) return { kind: 'refused' };
    const untouched = this.inHandNow && record.fence === this.fenceNow + 1;
    this.fenceNow = record.fence;
    this.askedAt = askedAt;
    this.inHandNow = untouched;
    // Whatever others have sent is at or behind this head. Asked only now: they may have had the lane until a moment ago.
    if (!untouched) await feed.refresh();
    this.inHandNow = true;
    return untouched ? { kind: 'kept' } : { kind: 'new', record };
  }

  /** Whether something may be sent now. */
  isValid(): boolean {
    const { leaseClock, timing } = this.services;
    return this.inHandNow && leaseClock.since(this.askedAt) < timing.leaseMs;
  }

  /** Whether it is time to renew it, long before it is out. */
  isAging(): boolean {
    const { leaseClock, timing } = this.services;
    return leaseClock.since(this.askedAt) > timing.leaseMs / 3;
  }

  /** Whether what is in memory is that of the present fence. */
  get inHand(): boolean {
    return this.inHandNow;
  }

  get fence(): number {
    return this.fenceNow;
  }

  /** It was renewed under this fence, by a request made at `askedAt`. */
  renewed(fence: number, askedAt: Moment): void {
    if (fence === this.fenceNow && askedAt.monotonic > this.askedAt.monotonic) this.askedAt = askedAt;
  }

  /** Returns whether it was ours under this fence. */
  lost(fence: number): boolean {
    if (!this.inHandNow || fence !== this.fenceNow) return false;
    this.inHandNow = false;
    this.askedAt = longAgo;
    return true;
  }
}
