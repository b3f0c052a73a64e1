import { invalidParameters } from '../../kernel/ocpi-error.js';
import { ciKey, type PartyRef, sameParty } from '../../kernel/party-ref.js';
import {
  type ForwardOrder,
  isTaken,
  type Passage,
  type RouteMemory,
  type Sought,
} from '../../platform/forwarding/index.js';
import {
  fieldOf,
  type OcpiReply,
  type PagedList,
  type PartyRequest,
  pathParam,
  requiredBody,
} from '../../platform/http/index.js';
import type { Partner } from '../../platform/partners/index.js';

export interface SessionsDeps {
  readonly routes: Pick<RouteMemory, 'learn' | 'partyOf' | 'ownersOf'>;
  /** The Sessions that are kept, of the CPOs whose operator wants that. */
  readonly pages: PagedList;
  /** The relations of CPO and eMSP, as kept Sessions have them for owners, that a party may read. */
  readonly visibleRelations: (partner: Partner, party: PartyRef) => readonly string[];
  /** Told of each whole Session that its eMSP has taken; it must be quick and may not throw. */
  readonly onTaken?: (session: unknown) => void;
}

export interface SessionOperations {
  /** The eMSP of a Session that its CPO tells of without naming anybody: `cdr_token`, or who got the Session before. */
  seekEmsp(request: PartyRequest): Promise<Sought>;
  /** The CPO of a Session. */
  seekCpo(request: PartyRequest): Promise<Sought>;
  /** On the way to the eMSP. */
  readonly passage: Passage;
  listSessions(request: PartyRequest): Promise<OcpiReply>;
}

export function sessionOperations({ routes, pages, visibleRelations, onTaken }: SessionsDeps): SessionOperations {
  return {
    async seekEmsp(request) {
      const named = request.method === 'PUT' ? tokenOwner(requiredBody(request).value) : undefined;
      if (named) return { kind: 'party', party: named, by: 'cdr_token' };
      const owner = { country_code: pathParam(request, 'country_code'), party_id: pathParam(request, 'party_id') };
      const known = await routes.partyOf('session', owner, pathParam(request, 'session_id'));
      return known ? { kind: 'party', party: known, by: 'session_id' } : { kind: 'nobody', by: 'session_id' };
    },
    async seekCpo(request) {
      const owners = await routes.ownersOf('session', pathParam(request, 'session_id'), request.from);
      const [party, another] = owners;
      if (!party) return { kind: 'nobody', by: 'session_id' };
      if (another)
        throw invalidParameters('Several CPOs have a Session of this id; name the one that is meant with OCPI-to.');
      return { kind: 'party', party, by: 'session_id' };
    },
    passage: {
      outward(order, receiver) {
        if (order.method !== 'PUT' && order.method !== 'PATCH') return {};
        const session: unknown = JSON.parse((order.body ?? Buffer.alloc(0)).toString('utf8'));
        const { owner, id } = namedIn(order);
        checkSame(session, owner, id);
        if (order.method === 'PATCH') return {};
        const party = tokenOwner(session);
        return {
          settled: (end) => {
            if (!isTaken(end)) return;
            onTaken?.(session);
            // What the eMSP of the Token was told, it can be told again.
            if (party && sameParty(party, receiver.party)) routes.learn('session', owner, id, party);
          },
        };
      },
    },
    /** Spec: 2.2.1 §9.2.1.1, S-01. */
    async listSessions(request) {
      if (!request.query.has('date_from')) throw invalidParameters('date_from is required for Sessions.');
      return pages.serve(request.url, request.query, visibleRelations(request.partner, request.from));
    },
  };
}

/** Owner and id in the URL `/{country_code}/{party_id}/{session_id}`. */
function namedIn({ path }: ForwardOrder): { readonly owner: PartyRef; readonly id: string } {
  const [, country_code = '', party_id = '', id = ''] = path.split('/').map(decodeURIComponent);
  return { owner: { country_code, party_id }, id };
}

/** S-03: the Session is the one that the URL names, whose owner is known to be the caller (T2). */
function checkSame(session: unknown, owner: PartyRef, id: string): void {
  const expected = { ...owner, id };
  for (const [name, value] of Object.entries(expected)) {
    const given = fieldOf(session, name);
    if (typeof given === 'string' && ciKey(given) !== ciKey(value))
      throw invalidParameters(`${name} differs from the one in the URL.`, `/${name}`);
  }
}

/** Whose customer charges. Spec: 2.2.1 §10.4.5, S-15. */
function tokenOwner(session: unknown): PartyRef | undefined {
  const token = fieldOf(session, 'cdr_token');
  const country_code = fieldOf(token, 'country_code');
  const party_id = fieldOf(token, 'party_id');
  return typeof country_code === 'string' && typeof party_id === 'string' && canBeParty(country_code, party_id)
    ? { country_code, party_id }
    : undefined;
}

/** What cannot be a party is none: it would be carried into the log, however long it is (T20). */
function canBeParty(country_code: string, party_id: string): boolean {
  return country_code.length === 2 && party_id.length > 0 && party_id.length <= 3;
}
