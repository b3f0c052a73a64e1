import type { Location } from '../../generated/ocpi.js';
import { invalidParameters } from '../../kernel/ocpi-error.js';
import { checkNotAhead, fieldOf } from '../../platform/http/index.js';
import type { PullSink } from '../../platform/pull/index.js';
import type { LocationsDeps } from './location-operations.js';
import { putLocation } from './location-rules.js';

/** Takes Locations from a partner's SENDER interface, each judged as if its owner had PUT it. Spec: 2.2.1 §8.2.1, P-16. */
export function locationPullSink(deps: LocationsDeps): PullSink {
  return {
    module: 'locations',
    idOf(value) {
      const id = fieldOf(value, 'id');
      return typeof id === 'string' ? id : undefined;
    },
    async accept(owner, value, text, context) {
      const violation = deps.schemas.validate('locations/location', value);
      if (violation) throw invalidParameters(violation.message, violation.pointer);
      checkNotAhead(value, deps.clock.now() + deps.maxAheadMs, ['evses', 'connectors']);
      const decide = putLocation(text, value as Location, {
        applyStale: context.applyStale,
        extensionKeys: deps.extensionKeys,
        checkWhole: () => undefined,
        oddities: deps.oddities,
      });
      const key = { ...owner, location_id: String(fieldOf(value, 'id')) };
      const decision = await deps.store.change(
        key,
        { correlationId: context.correlationId, now: deps.clock.now() },
        decide,
      );
      return decision.kind === 'store' ? 'stored' : 'unchanged';
    },
    count: (owner) => deps.store.countOf([owner]),
    removeAbsent: (owner, present, since, context) =>
      deps.store.removeAbsent(owner, present, since, { correlationId: context.correlationId, now: deps.clock.now() }),
  };
}
