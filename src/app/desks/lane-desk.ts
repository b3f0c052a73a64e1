import { type LaneDesk, type LaneView, type ParkedFilter, type ParkedView, timeOf } from '../../admin/index.js';
import type { Delivery, LaneFigures, PushException } from '../../platform/delivery/index.js';
import type { HubEvents } from '../../platform/observability/index.js';
import type { Partners } from '../../platform/partners/index.js';

/** Lanes and parked objects as the operator sees and moves them. */
export function laneDesk(delivery: Delivery, partners: Partners, events: HubEvents): LaneDesk {
  const nameOf = (partnerId: string): string => partners.directory.byId(partnerId)?.name ?? '';
  return {
    async lanes() {
      return (await delivery.lanesNow()).map((lane) => laneView(lane, nameOf(lane.partnerId)));
    },
    async resync(partnerId, actor) {
      await partners.work.note({ actor, action: 'partner.resync', subject: `partner:${partnerId}`, result: 'ok' });
      await delivery.resync(partnerId);
    },
    async parked(filter, limit) {
      const { total, items } = await delivery.parked(filterOf(filter), limit);
      return { total, items: items.map((item) => parkedView(item, nameOf(item.partner))) };
    },
    async replay(filter, actor) {
      const count = await delivery.replay(filterOf(filter));
      const detail = { ...filter, objects: count };
      await partners.work.note({ actor, action: 'parked.replay', subject: 'lanes', result: 'ok', detail });
      events.parkedReplayed({ count });
      return count;
    },
  };
}

function filterOf({ partnerId, module, object, parkedFrom, parkedTo }: ParkedFilter) {
  return {
    ...(partnerId === undefined ? {} : { partner: partnerId }),
    ...(module === undefined ? {} : { module }),
    ...(object === undefined ? {} : { object }),
    ...(parkedFrom === undefined ? {} : { from: parkedFrom }),
    ...(parkedTo === undefined ? {} : { to: parkedTo }),
  };
}

function laneView(lane: LaneFigures, partner: string): LaneView {
  return {
    partner_id: lane.partnerId,
    partner,
    cursor: lane.cursor,
    head: lane.head,
    lag_objects: lane.lagObjects,
    lag_seconds: lane.lagSeconds,
    breaker: lane.pausedBy ?? lane.breaker,
    in_flight: lane.inFlight,
    parked: lane.parked,
  };
}

function parkedView(item: PushException, partner: string): ParkedView {
  return {
    partner_id: item.partner,
    partner,
    module: item.module,
    object: item.object,
    attempts: item.attempts,
    http_status: item.http ?? null,
    status_code: item.ocpi ?? null,
    reason: item.reason,
    parked_at: timeOf(item.nextDue),
  };
}
