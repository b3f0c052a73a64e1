import type { Token } from '../../generated/ocpi.js';
import type { Clock } from '../../kernel/clock.js';
import { invalidParameters, unknownToken } from '../../kernel/ocpi-error.js';
import type { Oddity } from '../../kernel/oddity.js';
import { ciKey } from '../../kernel/party-ref.js';
import type { Sought } from '../../platform/forwarding/index.js';
import {
  asStored,
  checkNotAhead,
  checkSameId,
  checkSameOwner,
  fieldOf,
  type OcpiReply,
  type PagedList,
  type PartyRequest,
  pathParam,
  requiredBody,
  stored,
} from '../../platform/http/index.js';
import type { PartyBook, Visibility } from '../../platform/routing/index.js';
import type { SchemaRegistry } from '../../platform/schema/index.js';
import { type BulkRead, BulkReadWatch } from './bulk-read-watch.js';
import { defaultType, type TokenKey } from './token-key.js';
import { patchToken, putToken } from './token-rules.js';
import type { TokenDecision, TokenStore } from './token-store.js';

export interface TokensDeps {
  readonly store: TokenStore;
  readonly pages: PagedList;
  readonly visibility: Pick<Visibility, 'ownersFor'>;
  readonly parties: Pick<PartyBook, 'partiesIn'>;
  readonly schemas: SchemaRegistry;
  readonly clock: Clock;
  readonly oddities: (token: Token) => readonly Oddity[];
  /** Names of vendor objects that a PATCH merges one level deep. */
  readonly extensionKeys: ReadonlySet<string>;
  /** How far `last_updated` may be ahead of the hub's clock, in ms (T25). */
  readonly maxAheadMs: number;
  /** Told what an acknowledged write came to. */
  readonly onAcknowledged: (effect: 'stored' | 'stale' | 'unchanged') => void;
  /** Told of a partner that reads a great many Tokens (T21). */
  readonly onBulkRead: (read: BulkRead) => void;
  /** Tokens that a partner may read in an hour before that. */
  readonly bulkReadThreshold?: number;
}

/** The operations of the tokens module, one for each OCPI method and object. */
export interface TokenOperations {
  putToken(request: PartyRequest): Promise<OcpiReply>;
  patchToken(request: PartyRequest): Promise<OcpiReply>;
  getToken(request: PartyRequest): Promise<OcpiReply>;
  listTokens(request: PartyRequest): Promise<OcpiReply>;
  /** Whose Token is to be authorized, where the request names nobody. */
  seekOwner(request: PartyRequest): Promise<Sought>;
}

export function tokenOperations(deps: TokensDeps): TokenOperations {
  const { clock, onBulkRead, bulkReadThreshold } = deps;
  const reads = new BulkReadWatch({
    clock,
    onBulkRead,
    ...(bulkReadThreshold === undefined ? {} : { threshold: bulkReadThreshold }),
  });
  const latest = (): number => clock.now() + deps.maxAheadMs;
  const rules = (request: PartyRequest) => ({
    applyStale: request.partner.switches.stale === 'apply',
    oddities: deps.oddities,
    extensionKeys: deps.extensionKeys,
    checkWhole: (value: unknown) => check(deps, value),
  });
  const change = async (
    request: PartyRequest,
    key: TokenKey,
    decide: Parameters<TokenStore['change']>[2],
  ): Promise<OcpiReply> => {
    const context = { correlationId: request.ids.correlationId, now: clock.now() };
    const decision: TokenDecision = await deps.store.change(key, context, decide);
    if (decision.kind === 'store') {
      deps.onAcknowledged('stored');
      return stored(decision.isNew);
    }
    deps.onAcknowledged(decision.reason === 'stale' ? 'stale' : 'unchanged');
    return stored(false);
  };

  return {
    /** Spec: 2.2.1 §12.2.1.2; the type in the body holds if the URL names none (TK-03). */
    async putToken(request) {
      const { value, text } = requiredBody(request);
      check(deps, value);
      const token = value as Token;
      const key = keyOf(request, typeIn(request) ?? token.type);
      checkSameId(value, 'uid', key.uid);
      checkSameType(value, key.type);
      checkSameOwner(value, request);
      checkNotAhead(value, latest());
      return change(request, key, putToken(text, token, rules(request)));
    },
    /** Spec: 2.2.1 §12.2.1.3, TK-05. */
    async patchToken(request) {
      const { value, text } = requiredBody(request);
      const violation = deps.schemas.validatePatch('tokens/token', value);
      if (violation) throw invalidParameters(violation.message, violation.pointer);
      const key = keyOf(request, typeIn(request) ?? defaultType);
      if (fieldOf(value, 'uid') !== undefined) checkSameId(value, 'uid', key.uid);
      if (fieldOf(value, 'type') !== undefined) checkSameType(value, key.type);
      checkSameOwner(value, request);
      checkNotAhead(value, latest());
      return change(request, key, patchToken(text, rules(request)));
    },
    async getToken(request) {
      const document = await deps.store.find(keyOf(request, typeIn(request) ?? defaultType));
      if (document === undefined) throw unknownToken();
      return asStored(document);
    },
    /** Spec: 2.2.1 §12.2.2.1. */
    async listTokens(request) {
      const { partner, from } = request;
      const reply = await deps.pages.serve(
        request.url,
        request.query,
        deps.visibility.ownersFor(partner, from, 'tokens'),
      );
      reads.handedOut(partner.id, reply.page.count);
      return reply;
    },
    /** Spec: 2.2.1 §12.2.2.2: only the eMSP answers. A Token that is known here goes to its owner, any other to all eMSPs. */
    async seekOwner(request) {
      const { partner, from } = request;
      const uid = pathParam(request, 'token_uid');
      const allowed = deps.visibility.ownersFor(partner, from, 'tokens');
      const owners = await deps.store.ownersOf(uid, typeIn(request) ?? defaultType, allowed);
      const [owner, another] = owners;
      if (owner && !another) return { kind: 'party', party: owner, by: 'owner of the Token' };
      if (owner) return { kind: 'any', parties: owners, by: 'one of the owners of a Token of this uid' };
      const parties = deps.parties.partiesIn(['EMSP'], partner.id);
      if (parties.length === 0) return { kind: 'nobody', by: 'the Token is unknown, and there is no eMSP to ask' };
      return { kind: 'any', parties, by: 'the Token is unknown here' };
    },
  };
}

/** The type that the URL names, if it names one. */
function typeIn({ query }: Pick<PartyRequest, 'query'>): string | undefined {
  const type = query.get('type');
  if (type === '') throw invalidParameters('type must not be empty.');
  return type ?? undefined;
}

function keyOf(request: PartyRequest, type: string): TokenKey {
  return {
    country_code: pathParam(request, 'country_code'),
    party_id: pathParam(request, 'party_id'),
    uid: pathParam(request, 'token_uid'),
    type,
  };
}

function checkSameType(value: unknown, type: string): void {
  if (ciKey(String(fieldOf(value, 'type'))) !== ciKey(type))
    throw invalidParameters('type differs from the one in the URL.', '/type');
}

function check(deps: TokensDeps, value: unknown): void {
  const violation = deps.schemas.validate('tokens/token', value);
  if (violation) throw invalidParameters(violation.message, violation.pointer);
}
