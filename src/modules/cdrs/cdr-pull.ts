import type { CDR } from '../../generated/ocpi.js';
import type { Clock } from '../../kernel/clock.js';
import { parseDateTime } from '../../kernel/date-time.js';
import { invalidParameters } from '../../kernel/ocpi-error.js';
import type { PartyRef } from '../../kernel/party-ref.js';
import type { KeptObjects } from '../../platform/forwarding/index.js';
import { checkNotAhead, fieldOf } from '../../platform/http/index.js';
import type { PullSink } from '../../platform/pull/index.js';
import type { SchemaRegistry } from '../../platform/schema/index.js';
import type { DocumentKind } from '../../platform/storage/index.js';

/** Kept CDRs as stored documents. */
export const cdrDocuments: DocumentKind = { module: 'cdrs', table: 'cdr', idColumn: 'cdr_key' };

export interface KeptCdrsDeps {
  readonly kept: KeptObjects;
  readonly schemas: SchemaRegistry;
  readonly clock: Clock;
  readonly maxAheadMs: number;
  /** How long CDRs are kept, ms (T-40). */
  readonly keepMs: number;
  /** Whether anybody here, or behind another hub, has this party. */
  readonly knows: (party: PartyRef) => boolean;
  /** Told of each CDR that is new or changed; it must be quick and may not throw. */
  readonly onTaken?: (cdr: unknown) => void;
}

/** Takes CDRs from the SENDER interface of a CPO whose operator wants them kept. Spec: 2.2.1 §10.1.3, CDR-06. */
export function cdrPullSink({ kept, schemas, clock, maxAheadMs, keepMs, knows, onTaken }: KeptCdrsDeps): PullSink {
  return {
    module: 'cdrs',
    addsOnly: true,
    isWanted: ({ switches }) => switches.keep_sessions,
    listFrom: () => clock.now() - keepMs,
    idOf(value) {
      const id = fieldOf(value, 'id');
      return typeof id === 'string' ? id : undefined;
    },
    async accept(owner, value, text, context) {
      const violation = schemas.validate('cdrs/cdr', value);
      if (violation) throw invalidParameters(violation.message, violation.pointer);
      checkNotAhead(value, clock.now() + maxAheadMs);
      const cdr = value as CDR;
      // Of whose customer nobody here is, nobody here could read it.
      if (!knows(cdr.cdr_token)) return 'unchanged';
      const outcome = await kept.put(
        { cpo: owner, emsp: cdr.cdr_token },
        cdr.id,
        { document: text, lastUpdated: parseDateTime(cdr.last_updated) ?? 0, applyStale: false },
        { correlationId: context.correlationId, now: clock.now() },
      );
      if (outcome === 'differs')
        throw invalidParameters('Another CDR of this id is there; a CDR is never changed.', '/id');
      if (outcome === 'stored') onTaken?.(cdr);
      return outcome;
    },
    count: () => kept.count(),
    removeAbsent: async () => 0,
  };
}
