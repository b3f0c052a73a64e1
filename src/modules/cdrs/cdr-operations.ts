import { invalidParameters } from '../../kernel/ocpi-error.js';
import { type PartyRef, sameParty } from '../../kernel/party-ref.js';
import { isTaken, type Passage, type Router, type Sought } from '../../platform/forwarding/index.js';
import {
  fieldOf,
  type OcpiReply,
  orderOf,
  type PagedList,
  type PartyRequest,
  pathParam,
  relayed,
  requiredBody,
} from '../../platform/http/index.js';
import type { Partner } from '../../platform/partners/index.js';

export interface CdrsDeps {
  readonly router: Pick<Router, 'follow'>;
  /** The CDRs that are kept, of the CPOs whose operator wants that. */
  readonly pages: PagedList;
  /** The relations of CPO and eMSP, as kept CDRs have them for owners, that a party may read. */
  readonly visibleRelations: (partner: Partner, party: PartyRef) => readonly string[];
  /** Told of each CDR that its eMSP has taken; it must be quick and may not throw. */
  readonly onTaken?: (cdr: unknown) => void;
}

export interface CdrOperations {
  /** Whose customer is billed: the owner of `cdr_token` (R-34, CDR-13). */
  seekEmsp(request: PartyRequest): Sought;
  readonly passage: Passage;
  /** The CDR at a URL that the hub gave out in a `Location` (CDR-04, R-45). */
  getCdr(request: PartyRequest): Promise<OcpiReply>;
  listCdrs(request: PartyRequest): Promise<OcpiReply>;
}

export function cdrOperations({ router, pages, visibleRelations, onTaken }: CdrsDeps): CdrOperations {
  return {
    seekEmsp(request) {
      const token = fieldOf(requiredBody(request).value, 'cdr_token');
      const party = partyIn(token);
      return party ? { kind: 'party', party, by: 'cdr_token' } : { kind: 'nobody', by: 'cdr_token' };
    },
    passage: {
      outward({ body, from, caller }) {
        // T2: no URL says whose CDR it is, so the body has to be looked into.
        const cdr: unknown = JSON.parse((body ?? Buffer.alloc(0)).toString('utf8'));
        const owner = partyIn(cdr);
        if (owner && !sameParty(owner, from) && !caller.roles.some((role) => sameParty(role, owner)))
          throw invalidParameters('The CDR belongs to a party that is none of yours.', '/party_id');
        if (!onTaken) return {};
        return {
          settled: (end) => {
            if (isTaken(end)) onTaken(cdr);
          },
        };
      },
    },
    async getCdr(request) {
      return relayed(await router.follow(orderOf(request), pathParam(request, 'reference')));
    },
    /** Spec: 2.2.1 §10.2.1, CDR-01. */
    async listCdrs(request) {
      return pages.serve(request.url, request.query, visibleRelations(request.partner, request.from));
    },
  };
}

function partyIn(value: unknown): PartyRef | undefined {
  const country_code = fieldOf(value, 'country_code');
  const party_id = fieldOf(value, 'party_id');
  return typeof country_code === 'string' && typeof party_id === 'string' && canBeParty(country_code, party_id)
    ? { country_code, party_id }
    : undefined;
}

/** What cannot be a party is none: it would be carried into the log, however long it is (T20). */
function canBeParty(country_code: string, party_id: string): boolean {
  return country_code.length === 2 && party_id.length > 0 && party_id.length <= 3;
}
