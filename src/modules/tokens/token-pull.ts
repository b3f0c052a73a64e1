import type { Token } from '../../generated/ocpi.js';
import { invalidParameters } from '../../kernel/ocpi-error.js';
import { isAddressable } from '../../kernel/party-ref.js';
import { checkNotAhead, fieldOf } from '../../platform/http/index.js';
import type { PullSink } from '../../platform/pull/index.js';
import { tokenDigest } from './token-key.js';
import type { TokensDeps } from './token-operations.js';
import { putToken } from './token-rules.js';

/**
 * Takes Tokens from an eMSP's SENDER interface, each judged as if its owner had PUT it. A list only adds and updates, also a
 * complete one: Tokens are never removed (P-16, TK-06, TK-08). Spec: 2.2.1 §12.1.2.
 */
export function tokenPullSink(deps: Omit<TokensDeps, 'pages' | 'visibility' | 'parties' | 'onBulkRead'>): PullSink {
  return {
    module: 'tokens',
    ownerRoles: ['EMSP', 'OTHER'],
    addsOnly: true,
    /** Stands in reports of what was refused: not the uid itself (T20). */
    idOf(value) {
      const uid = fieldOf(value, 'uid');
      const type = fieldOf(value, 'type');
      return typeof uid === 'string' && typeof type === 'string' ? tokenDigest(uid, type) : undefined;
    },
    async accept(owner, value, text, context) {
      const violation = deps.schemas.validate('tokens/token', value);
      if (violation) throw invalidParameters(violation.message, violation.pointer);
      checkNotAhead(value, deps.clock.now() + deps.maxAheadMs);
      const token = value as Token;
      if (!isAddressable(token.uid)) throw invalidParameters('cannot stand in a URL.', '/uid');
      const decision = await deps.store.change(
        { ...owner, uid: token.uid, type: token.type },
        { correlationId: context.correlationId, now: deps.clock.now() },
        putToken(text, token, { applyStale: context.applyStale, oddities: deps.oddities }),
      );
      return decision.kind === 'store' ? 'stored' : 'unchanged';
    },
    count: (owner) => deps.store.countOf([owner]),
    removeAbsent: async () => 0,
  };
}
