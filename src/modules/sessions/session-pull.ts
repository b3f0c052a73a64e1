import type { Session } from '../../generated/ocpi.js';
import type { Clock } from '../../kernel/clock.js';
import { parseDateTime } from '../../kernel/date-time.js';
import { invalidParameters } from '../../kernel/ocpi-error.js';
import type { PartyRef } from '../../kernel/party-ref.js';
import type { KeptObjects } from '../../platform/forwarding/index.js';
import { checkNotAhead, fieldOf } from '../../platform/http/index.js';
import type { PullSink } from '../../platform/pull/index.js';
import type { SchemaRegistry } from '../../platform/schema/index.js';
import type { DocumentKind } from '../../platform/storage/index.js';

/** Kept Sessions as stored documents. */
export const sessionDocuments: DocumentKind = { module: 'sessions', table: 'session', idColumn: 'session_key' };

export interface KeptSessionsDeps {
  readonly kept: KeptObjects;
  readonly schemas: SchemaRegistry;
  readonly clock: Clock;
  readonly maxAheadMs: number;
  /** How long Sessions are kept, ms (T-40). */
  readonly keepMs: number;
  /** Whether anybody here, or behind another hub, has this party. */
  readonly knows: (party: PartyRef) => boolean;
  /** Told of each Session that is new or changed; it must be quick and may not throw. */
  readonly onTaken?: (session: unknown) => void;
}

/** Takes Sessions from the SENDER interface of a CPO whose operator wants them kept. Spec: 2.2.1 §9.1.2, S-01. */
export function sessionPullSink({
  kept,
  schemas,
  clock,
  maxAheadMs,
  keepMs,
  knows,
  onTaken,
}: KeptSessionsDeps): PullSink {
  return {
    module: 'sessions',
    addsOnly: true,
    isWanted: ({ switches }) => switches.keep_sessions,
    listFrom: () => clock.now() - keepMs,
    idOf(value) {
      const id = fieldOf(value, 'id');
      return typeof id === 'string' ? id : undefined;
    },
    async accept(owner, value, text, context) {
      const violation = schemas.validate('sessions/session', value);
      if (violation) throw invalidParameters(violation.message, violation.pointer);
      checkNotAhead(value, clock.now() + maxAheadMs);
      const session = value as Session;
      // Of whose customer nobody here is, nobody here could read it.
      if (!knows(session.cdr_token)) return 'unchanged';
      const outcome = await kept.put(
        { cpo: owner, emsp: session.cdr_token },
        session.id,
        {
          document: text,
          lastUpdated: parseDateTime(session.last_updated) ?? 0,
          applyStale: context.applyStale,
        },
        { correlationId: context.correlationId, now: clock.now() },
      );
      if (outcome !== 'stored') return 'unchanged';
      onTaken?.(session);
      return 'stored';
    },
    count: () => kept.count(),
    removeAbsent: async () => 0,
  };
}
