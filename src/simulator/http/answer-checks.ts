import { type PartyRef, sameParty } from '../../kernel/party-ref.js';
import type { PeerRole } from '../handshake/peer-link.js';
import { type Inspector, partyIn } from './inspector.js';
import type { OcpiAnswer } from './ocpi-answer.js';
import type { OcpiCall } from './ocpi-call.js';

/** A request of our own, as its answer is held against it. */
export interface AskedRequest {
  call: OcpiCall;
  url: string;
  to: PartyRef | undefined;
  from: PartyRef | undefined;
  requestId: string;
  correlationId: string;
  /** The hub, or who else the peer is. */
  peerParty: PeerRole | undefined;
}

/**
 * Checks ids and routing headers of an answer. An answer that broke off before the OCPI layer (no envelope, 401, 403, 429, 5xx)
 * is not judged.
 *
 * Spec: 2.2.1 §4.1.8.6, §4.2 (T-19 … T-22, R-02, R-05, R-35, R-39; legs 2, 4 and 4' of the table).
 */
export function checkAnswer(inspector: Inspector, asked: AskedRequest, answer: OcpiAnswer): void {
  const { code, http, headers } = answer;
  if (code === undefined || http === 401 || http === 403 || http === 429 || http >= 500) return;
  const about = { method: asked.call.method, url: asked.url };
  if (headers['x-request-id'] !== asked.requestId) inspector.report(about, 'answer-request-id');
  if (headers['x-correlation-id'] !== asked.correlationId) inspector.report(about, 'answer-correlation-id');
  const to = partyIn(headers, 'to');
  const from = partyIn(headers, 'from');
  if (asked.call.unrouted === true) {
    if (to !== undefined || from !== undefined) inspector.report(about, 'answer-routing-on-configuration');
    return;
  }
  // A 2xxx or 3xxx may be about the routing headers themselves.
  const judged = code < 2000 || code >= 4000;
  if (asked.from !== undefined && (to === undefined ? judged : !sameParty(to, asked.from))) {
    inspector.report(about, 'answer-routing-to', nameOf(to));
  }
  if (from === undefined ? judged : !mayAnswer(from, asked, code)) {
    inspector.report(about, 'answer-routing-from', nameOf(from));
  }
}

/**
 * A receiver answers in its own name, the hub in its own where it failed or refused, and to what it keeps itself. To a request
 * that names nobody but the hub, whoever was found answers.
 */
function mayAnswer(from: PartyRef, { call, to, peerParty }: AskedRequest, code: number): boolean {
  const isPeer = peerParty !== undefined && sameParty(from, peerParty);
  if (peerParty?.role !== 'HUB') return to === undefined || sameParty(from, to);
  if (code >= 4000) return isPeer;
  if (code >= 2000 && isPeer) return true;
  const namesParty = to !== undefined && !sameParty(to, peerParty);
  if (namesParty) return sameParty(from, to);
  return isPeer === isKeptByHub(call);
}

/** What a hub answers from its store, or stores and tells everybody. */
const isKeptByHub = ({ module, role, method, path = [] }: OcpiCall): boolean =>
  module === 'locations' || module === 'tariffs' || (module === 'tokens' && role === 'RECEIVER')
    ? true
    : role === 'SENDER' && method === 'GET' && path.length === 0;

const nameOf = (party: PartyRef | undefined): string =>
  party === undefined ? 'missing' : `${party.country_code}/${party.party_id}`;
