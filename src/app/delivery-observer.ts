import type { DeliveryObserver } from '../platform/delivery/index.js';
import type { HubEvents, Logger } from '../platform/observability/index.js';

const outcomes = {
  success: 'accepted',
  healed: 'healed',
  rejected: 'refused',
  unauthorised: 'unauthorised',
  failure: 'failed',
  ambiguous: 'ambiguous',
} as const;

/** Whoever keeps the status of partners. Neither may throw. */
export interface PartnerPresence {
  /** Nothing has come through to it for long. */
  offline(partnerId: string): void;
  /** It has answered while it was shown as OFFLINE. */
  online(partnerId: string): void;
  /** It has taken what was sent to it. */
  heard(partnerId: string): void;
}

/** Lanes tell what happens in their words; here it is counted and logged in the hub's, and handed on to who keeps their status. */
export function deliveryObserver(events: HubEvents, logger: Logger, presence?: PartnerPresence): DeliveryObserver {
  return {
    offline: (partner) => presence?.offline(partner),
    online: (partner) => presence?.online(partner),
    delivered(event) {
      if (event.outcome === 'success' || event.outcome === 'healed') presence?.heard(event.partner);
      events.deliveryAttempted({
        partnerId: event.partner,
        module: event.module,
        object: event.object,
        method: event.method,
        outcome: outcomes[event.outcome],
        httpStatus: event.httpStatus,
        statusCode: event.statusCode,
        detail: event.reason,
        durationMs: event.durationMs,
        ...(event.requestId === undefined
          ? {}
          : { ids: { requestId: event.requestId, correlationId: event.correlationId ?? '' } }),
      });
    },
    laneChanged({ partner, breaker, pausedBy }) {
      events.breakerChanged({
        partnerId: partner,
        state: pausedBy ?? breaker,
        ...(pausedBy === undefined ? {} : { reason: `breaker ${breaker}` }),
      });
    },
    alerted({ partner, kind, value }) {
      events.laneAlerted({ partnerId: partner, kind, value });
    },
    failed(partner, error) {
      logger.error({ partner_id: partner, err: error }, 'lane.failed');
    },
  };
}
