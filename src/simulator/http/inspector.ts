import { isUtf8 } from 'node:buffer';
import type http from 'node:http';
import { type PartyRef, sameParty } from '../../kernel/party-ref.js';
import type { PeerRole } from '../handshake/peer-link.js';
import type { Callers } from './exchange.js';

/** One breach of the protocol by the caller. */
export interface Violation {
  kind: string;
  method: string;
  url: string;
  detail: string;
}

/** A request as breaches name it: one that came in, or one of our own with a wrong answer. */
export interface Inspected {
  method?: string | undefined;
  url?: string | undefined;
}

/** What the routing headers of a request are held against. */
export interface RoutingExpectation {
  ours: readonly PartyRef[];
  /** Undefined while unregistered. */
  theirs: readonly PeerRole[] | undefined;
  callers: Callers;
  /** Below the endpoint: names the owner of an object. */
  path: readonly string[];
}

const LISTED = 100;
const REMEMBERED_IDS = 50_000;

/**
 * Checks incoming requests as a strict partner would, counts the breaches by kind and lists the first hundred.
 *
 * Spec: 2.2.1 §4.1.2, §4.1.4, §4.1.8, §4.2 (T-01 … T-23, R-01 … ).
 */
export class Inspector {
  byKind: Record<string, number> = {};
  first: Violation[] = [];
  total = 0;
  private recentIds = new Set<string>();
  private olderIds = new Set<string>();

  /** Forgets what was found. */
  clear(): void {
    this.byKind = {};
    this.first = [];
    this.total = 0;
  }

  /** Counts a breach. */
  report(request: Inspected, kind: string, detail = ''): void {
    this.total += 1;
    this.byKind[kind] = (this.byKind[kind] ?? 0) + 1;
    if (this.first.length < LISTED) {
      this.first.push({ kind, method: request.method ?? '', url: request.url ?? '', detail });
    }
  }

  /** Message ids, content type and coding: what holds for every request. */
  checkMessage(request: http.IncomingMessage, body: Buffer): void {
    const { headers } = request;
    const id = headers['x-request-id'];
    if (typeof id !== 'string' || id === '') this.report(request, 'request-id-missing');
    else if (this.seen(id)) this.report(request, 'request-id-repeated', id);
    if (!headers['x-correlation-id']) this.report(request, 'correlation-id-missing');
    if (headers['content-encoding'] !== undefined)
      this.report(request, 'content-encoding', headers['content-encoding']);
    if (body.length === 0) return;
    const type = headers['content-type'] ?? '';
    if (type !== 'application/json' && !/^application\/json\s*(;|$)/i.test(type)) {
      this.report(request, 'content-type', type);
    }
    if (!isUtf8(body)) this.report(request, 'body-not-utf8');
  }

  /** No routing headers on versions, credentials and hubclientinfo (R-02, H-12). */
  checkConfiguration(request: http.IncomingMessage): void {
    if (request.headers['ocpi-to-party-id'] !== undefined || request.headers['ocpi-from-party-id'] !== undefined) {
      this.report(request, 'routing-on-configuration');
    }
  }

  /**
   * Routing of a functional request: TO must name one of our parties, FROM somebody from whom it may come. Returns both
   * parties, and why the request is refused if TO names somebody else.
   */
  checkRouting(
    request: http.IncomingMessage,
    { ours, theirs, callers, path }: RoutingExpectation,
  ): { to: PartyRef | undefined; from: PartyRef | undefined; refusal: string | undefined } {
    const to = partyIn(request.headers, 'to');
    const from = partyIn(request.headers, 'from');
    if (from === undefined) this.report(request, 'routing-from-missing');
    else if (theirs !== undefined && !mayStandInFrom(from, theirs, callers, path)) {
      this.report(request, 'routing-from', `${from.country_code}/${from.party_id}`);
    }
    if (to === undefined) {
      this.report(request, 'routing-to-missing');
      return { to, from, refusal: undefined };
    }
    if (!ours.some((party) => sameParty(party, to))) {
      this.report(request, 'routing-to', `${to.country_code}/${to.party_id}`);
      return { to, from, refusal: `${to.country_code}/${to.party_id} is not a party of this platform` };
    }
    return { to, from, refusal: undefined };
  }

  /** Whether an id was seen among the last 50,000 to 100,000 requests. */
  private seen(id: string): boolean {
    if (this.recentIds.has(id) || this.olderIds.has(id)) return true;
    if (this.recentIds.size >= REMEMBERED_IDS) {
      this.olderIds = this.recentIds;
      this.recentIds = new Set();
    }
    this.recentIds.add(id);
    return false;
  }
}

function mayStandInFrom(
  from: PartyRef,
  theirs: readonly PeerRole[],
  callers: Callers,
  [country_code = '', party_id = '']: readonly string[],
): boolean {
  const role = theirs.find((party) => sameParty(party, from));
  if (!theirs.some((party) => party.role === 'HUB')) return role !== undefined;
  if (role?.role === 'HUB') return callers !== 'party';
  return callers === 'owner' ? sameParty(from, { country_code, party_id }) : true;
}

/** The party in a pair of routing headers; undefined if it is not complete. */
export function partyIn(headers: http.IncomingHttpHeaders, direction: 'to' | 'from'): PartyRef | undefined {
  const country = headers[`ocpi-${direction}-country-code`];
  const party = headers[`ocpi-${direction}-party-id`];
  return typeof country === 'string' && typeof party === 'string'
    ? { country_code: country, party_id: party }
    : undefined;
}
