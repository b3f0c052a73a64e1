import type { LaneServices } from './lane-services.js';
import type { LaneRecord } from './lane-store.js';

export type LeaseGrant =
  /** Ours, and what is in memory still holds. */
  | { readonly kind: 'kept' }
  /** Ours from now on; others may have worked on it before. */
  | { readonly kind: 'new'; readonly record: LaneRecord }
  | { readonly kind: 'refused' };

/** The right to work on one lane, and the fence under which it was given. */
export class LaneLease {
  private fenceNow = 0;
  private until = 0;
  private inHandNow = false;

  constructor(
    private readonly partnerId: string,
    private readonly services: Pick<LaneServices, 'clock' | 'store' | 'timing' | 'feed'>,
  ) {}

  /** Takes the lane. */
  async take(): Promise<LeaseGrant> {
    const { clock, store, timing, feed } = this.services;
    // Our idea of the end is never later than the store's: the clock is read before the store is asked.
    const now = clock.now();
    const record = await store.acquire(this.partnerId, timing.leaseMs);
    if (!record) return { kind: 'refused' };
    const untouched = this.inHandNow && record.fence === this.fenceNow + 1;
    this.fenceNow = record.fence;
    this.until = now + timing.leaseMs;
    this.inHandNow = untouched;
    // Whatever others have sent is at or behind this head. Asked only now: they may have had the lane until a moment ago.
    if (!untouched) await feed.refresh();
    this.inHandNow = true;
    return untouched ? { kind: 'kept' } : { kind: 'new', record };
  }

  /** Whether something may be sent now. */
  isValid(): boolean {
    return this.inHandNow && this.services.clock.now() < this.until;
  }

  /** Whether it is time to renew it, long before it is out. */
  isAging(): boolean {
    const { clock, timing } = this.services;
    return this.until - clock.now() < (timing.leaseMs * 2) / 3;
  }

  /** Whether what is in memory is that of the present fence. */
  get inHand(): boolean {
    return this.inHandNow;
  }

  get fence(): number {
    return this.fenceNow;
  }

  renewed(fence: number, until: number): void {
    if (fence === this.fenceNow && until > this.until) this.until = until;
  }

  /** Returns whether it was ours under this fence. */
  lost(fence: number): boolean {
    if (!this.inHandNow || fence !== this.fenceNow) return false;
    this.inHandNow = false;
    this.until = 0;
    return true;
  }
}
