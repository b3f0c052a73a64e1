import type { Clock } from '../../kernel/clock.js';
import type { LaneFigures } from './lane-desk.js';
import type { DeliveryObserver } from './ports.js';
import type { DeliveryTiming } from './timing.js';

/** Per cent of the time of failures after which a lane is stopped. */
const failingSteps = [50, 70, 90];

/**
 * Tells the operator when a lane begins to lag, has caught up, has got more parked objects, or is on its way to being stopped; and
 * whoever keeps the status of partners when one may be away.
 */
export class LaneAlerts {
  private readonly lagging = new Set<string>();
  private readonly parked = new Map<string, number>();
  /** Up to which step it is told. */
  private readonly failing = new Map<string, number>();
  private readonly away = new Map<string, number>();

  constructor(
    private readonly observer: DeliveryObserver,
    private readonly timing: Pick<DeliveryTiming, 'lagAlertMs' | 'giveUpMs' | 'offlineAfterMs'>,
    private readonly clock: Clock,
    /** Whether a partner is told anything, and not shown as OFFLINE yet. */
    private readonly isThere: (partnerId: string) => boolean,
  ) {}

  /** As they were just looked up. What another node has in hand is that node's to tell. */
  watch(lanes: readonly LaneFigures[]): void {
    for (const lane of lanes) {
      const { partnerId: partner, lagSeconds, parked, isElsewhere } = lane;
      const isLagging = !isElsewhere && lagSeconds * 1000 > this.timing.lagAlertMs;
      if (isLagging !== this.lagging.has(partner)) {
        if (isLagging) this.lagging.add(partner);
        else this.lagging.delete(partner);
        const kind = isLagging ? 'lagging' : 'caught_up';
        if (!isElsewhere) this.observer.alerted?.({ partner, kind, value: lagSeconds });
      }
      if (parked > (this.parked.get(partner) ?? 0) && !isElsewhere)
        this.observer.alerted?.({ partner, kind: 'parked', value: parked });
      this.parked.set(partner, parked);
      if (isElsewhere) continue;
      this.watchFailures(lane);
      this.watchAbsence(lane);
    }
  }

  private watchFailures({ partnerId: partner, failingSince, pausedBy }: LaneFigures): void {
    if (failingSince === undefined || pausedBy !== undefined) {
      this.failing.delete(partner);
      return;
    }
    const over = (100 * (this.clock.now() - failingSince)) / this.timing.giveUpMs;
    const step = failingSteps.findLast((one) => over >= one);
    if (step === undefined || step <= (this.failing.get(partner) ?? 0)) return;
    this.failing.set(partner, step);
    this.observer.alerted?.({ partner, kind: 'failing', value: step });
  }

  private watchAbsence({ partnerId: partner, breaker, openedAt, pausedBy }: LaneFigures): void {
    const now = this.clock.now();
    const { offlineAfterMs } = this.timing;
    const isAway = breaker !== 'closed' && openedAt !== undefined && now - openedAt >= offlineAfterMs;
    if (!isAway || pausedBy !== undefined || !this.isThere(partner)) {
      this.away.delete(partner);
      return;
    }
    // Whoever was told may have found it there, or could not write it down.
    if (now - (this.away.get(partner) ?? Number.NEGATIVE_INFINITY) < offlineAfterMs / 3) return;
    this.away.set(partner, now);
    this.observer.offline?.(partner);
  }
}
