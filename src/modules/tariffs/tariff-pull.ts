import type { Tariff } from '../../generated/ocpi.js';
import { parseDateTime } from '../../kernel/date-time.js';
import { invalidParameters } from '../../kernel/ocpi-error.js';
import { checkNotAhead, fieldOf } from '../../platform/http/index.js';
import type { PullSink } from '../../platform/pull/index.js';
import type { TariffsDeps } from './tariff-operations.js';

/** Takes Tariffs from a partner's SENDER interface, each judged as if its owner had PUT it. Spec: 2.2.1 §11.1.2, TA-06. */
export function tariffPullSink(deps: TariffsDeps): PullSink {
  return {
    module: 'tariffs',
    idOf(value) {
      const id = fieldOf(value, 'id');
      return typeof id === 'string' ? id : undefined;
    },
    async accept(owner, value, text, context) {
      const violation = deps.schemas.validate('tariffs/tariff', value);
      if (violation) throw invalidParameters(violation.message, violation.pointer);
      checkNotAhead(value, deps.clock.now() + deps.maxAheadMs);
      const outcome = await deps.store.put(
        { ...owner, tariff_id: String(fieldOf(value, 'id')) },
        {
          document: text,
          lastUpdated: parseDateTime(String(fieldOf(value, 'last_updated'))) ?? 0,
          oddities: deps.oddities(value as Tariff),
          applyStale: context.applyStale,
        },
        { correlationId: context.correlationId, now: deps.clock.now() },
      );
      return outcome === 'created' || outcome === 'replaced' ? 'stored' : 'unchanged';
    },
    count: (owner) => deps.store.countOf([owner]),
    removeAbsent: (owner, present, since, context) =>
      deps.store.removeAbsent(owner, present, since, { correlationId: context.correlationId, now: deps.clock.now() }),
  };
}
