import type { LaneFigures } from './lane-desk.js';
import type { DeliveryObserver } from './ports.js';
import type { DeliveryTiming } from './timing.js';

/** Tells the operator when a lane begins to lag, has caught up, or has got more parked objects. */
export class LaneAlerts {
  private readonly lagging = new Set<string>();
  private readonly parked = new Map<string, number>();

  constructor(
    private readonly observer: DeliveryObserver,
    private readonly timing: Pick<DeliveryTiming, 'lagAlertMs'>,
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
    }
  }
}
