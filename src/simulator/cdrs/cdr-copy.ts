import { randomUUID } from 'node:crypto';
import { type PartyRef, partyKey, sameParty } from '../../kernel/party-ref.js';
import {
  accepted,
  answerWith,
  type ModuleRequest,
  notAllowed,
  type Reply,
  refused,
  type SimulatedModule,
} from '../http/exchange.js';
import { tokenProblem } from '../sessions/session-copy.js';
import { canonicalJson } from '../wire/canonical.js';
import { missingIn, objectIn, readObject, textIn } from '../wire/json-object.js';
import { ownCopy } from '../wire/wire-text.js';

const REQUIRED = [
  ...['country_code', 'party_id', 'id', 'start_date_time', 'end_date_time', 'cdr_token', 'auth_method', 'cdr_location'],
  ...['currency', 'charging_periods', 'total_cost', 'total_energy', 'total_time', 'last_updated'],
];
const CDR_LOCATION = [
  ...['id', 'address', 'city', 'country', 'coordinates', 'evse_uid', 'evse_id', 'connector_id', 'connector_standard'],
  ...['connector_format', 'connector_power_type'],
];

/** A CDR of one of our customers. */
export interface HeldCdr {
  /** `DE/CP1/C1` */
  key: string;
  /** Wire text. */
  text: string;
  /** Ours, to whom it was addressed. */
  party: string;
  /** Last segment of its URL: nothing in it says whose it is, so that nobody can guess one (CDR-04). */
  reference: string;
}

/**
 * RECEIVER cdrs of an eMSP platform: takes a CDR once, answers with its `Location`, gives it back to its owner.
 *
 * Spec: 2.2.1 §10.2.2 (CDR-02 … CDR-07).
 */
export class CdrCopy {
  readonly received = { post: 0, get: 0, repeated: 0, rejected: 0 };
  readonly cdrs = new Map<string, HeldCdr>();

  constructor(
    private readonly parties: readonly PartyRef[],
    private readonly url: () => string,
  ) {}

  module(): SimulatedModule {
    return { identifier: 'cdrs', role: 'RECEIVER', callers: 'party', handle: (request) => this.handle(request) };
  }

  /** The CDR of a Session. */
  ofSession(sessionId: string): HeldCdr | undefined {
    return [...this.cdrs.values()].find(({ text }) => textIn(readObject(text), 'session_id') === sessionId);
  }

  state(): Record<string, unknown> {
    const cdrs = [...this.cdrs.values()].map(({ key, text, party }) => {
      const { session_id, total_energy, total_cost } = readObject(text) ?? {};
      return { key, party, session_id, total_energy, total_cost };
    });
    return { ...this.received, cdrs };
  }

  private handle(request: ModuleRequest): Reply {
    const [reference, ...more] = request.path;
    if (more.length > 0) return refused(404, 2000, 'no such endpoint');
    if (reference === undefined) return request.method === 'POST' ? this.take(request) : notAllowed('POST');
    if (request.method !== 'GET') return notAllowed('GET');
    this.received.get += 1;
    const held = [...this.cdrs.values()].find((cdr) => cdr.reference === reference);
    const owned =
      held !== undefined && (request.from === undefined || held.key.startsWith(`${partyKey(request.from)}/`));
    return owned ? answerWith(held.text) : refused(404, 2001, 'unknown CDR');
  }

  private take(request: ModuleRequest): Reply {
    this.received.post += 1;
    const body = readObject(request.body);
    if (body === undefined) return this.reject(request, 'body is no JSON object');
    const problem = this.problemOf(body, request.to);
    if (problem !== undefined) return this.reject(request, problem);
    const owner = { country_code: textIn(body, 'country_code') ?? '', party_id: textIn(body, 'party_id') ?? '' };
    const key = `${partyKey(owner)}/${(textIn(body, 'id') ?? '').toUpperCase()}`;
    if (request.from !== undefined && !sameParty(request.from, owner)) {
      request.report('cdr-not-of-sender', `${key} from ${partyKey(request.from)}`);
    }
    const text = request.body.trim();
    const held = this.cdrs.get(key);
    if (held !== undefined) {
      this.received.repeated += 1;
      // A sealed object: the same again is no harm, anything else is (CDR-06).
      if (canonicalJson(held.text) !== canonicalJson(text)) return refused(200, 2001, 'a CDR is never changed');
      return { ...accepted(), headers: this.locationOf(held) };
    }
    const party = request.to === undefined ? '' : partyKey(request.to);
    const cdr: HeldCdr = { key, text: ownCopy(text), party, reference: randomUUID() };
    this.cdrs.set(key, cdr);
    return { ...accepted(true), headers: this.locationOf(cdr) };
  }

  private locationOf({ reference }: HeldCdr): [string, string][] {
    return [['Location', `${this.url()}/${reference}`]];
  }

  private problemOf(body: Record<string, unknown>, to: PartyRef | undefined): string | undefined {
    const missing = missingIn(body, REQUIRED);
    if (missing.length > 0) return `${missing.join(', ')} missing`;
    const place = missingIn(objectIn(body, 'cdr_location') ?? {}, CDR_LOCATION);
    if (place.length > 0) return `cdr_location lacks ${place.join(', ')}`;
    if (!Array.isArray(body.charging_periods) || body.charging_periods.length === 0)
      return 'no charging_periods (CDR-15)';
    return tokenProblem(objectIn(body, 'cdr_token'), this.parties, to);
  }

  private reject(request: ModuleRequest, problem: string): Reply {
    this.received.rejected += 1;
    request.report('cdr', problem);
    return refused(200, 2001, problem);
  }
}
