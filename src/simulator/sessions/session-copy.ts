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
import { missingIn, objectIn, readObject, textIn } from '../wire/json-object.js';
import { stampOf } from '../wire/stamp.js';
import { ownCopy } from '../wire/wire-text.js';
import { mergeSession, periodsOf } from './session-merge.js';

const REQUIRED = [
  ...[
    'country_code',
    'party_id',
    'id',
    'start_date_time',
    'kwh',
    'cdr_token',
    'auth_method',
    'location_id',
    'evse_uid',
  ],
  ...['connector_id', 'currency', 'status', 'last_updated'],
];
const CDR_TOKEN = ['country_code', 'party_id', 'uid', 'type', 'contract_id'];
const STATUSES: ReadonlySet<string> = new Set(['ACTIVE', 'COMPLETED', 'INVALID', 'PENDING', 'RESERVATION']);

/** A Session of one of our customers. */
export interface HeldSession {
  /** Wire text. */
  text: string;
  /** Ours, to whom it was addressed. */
  party: string;
  puts: number;
  patches: number;
}

/**
 * RECEIVER sessions of an eMSP platform. What is not of one of our Tokens is a breach: nobody else's Sessions are our business.
 *
 * Spec: 2.2.1 §9.2.2 (S-02 … S-15).
 */
export class SessionCopy {
  readonly received = { put: 0, patch: 0, get: 0, not_found: 0, rejected: 0 };
  /** By `DE/CP1/S1`. */
  readonly sessions = new Map<string, HeldSession>();

  constructor(private readonly parties: readonly PartyRef[]) {}

  module(): SimulatedModule {
    return { identifier: 'sessions', role: 'RECEIVER', callers: 'party', handle: (request) => this.handle(request) };
  }

  /** Sessions with this id, whoever's they are. */
  byId(id: string): HeldSession | undefined {
    for (const [key, session] of this.sessions) if (key.endsWith(`/${id.toUpperCase()}`)) return session;
    return undefined;
  }

  state(): Record<string, unknown> {
    const sessions = [...this.sessions].map(([key, { text, party, puts, patches }]) => {
      const body = readObject(text) ?? {};
      const { status, kwh } = body;
      return { key, party, status, kwh, periods: periodsOf(text).length, puts, patches };
    });
    return { ...this.received, sessions };
  }

  private handle(request: ModuleRequest): Reply {
    const [country_code = '', party_id = '', id = '', ...more] = request.path;
    if (id === '' || more.length > 0) return refused(404, 2000, 'no such endpoint');
    const owner = { country_code, party_id };
    const key = `${partyKey(owner)}/${id.toUpperCase()}`;
    if (request.method === 'GET') {
      this.received.get += 1;
      const held = this.sessions.get(key);
      return held === undefined ? refused(404, 2001, 'unknown session') : answerWith(held.text);
    }
    if (request.method !== 'PUT' && request.method !== 'PATCH') return notAllowed('GET, PUT, PATCH');
    if (request.from !== undefined && !sameParty(request.from, owner)) {
      request.report('session-not-of-sender', `${key} from ${partyKey(request.from)}`);
    }
    const body = readObject(request.body);
    if (body === undefined) return this.reject(request, 'body is no JSON object');
    if (stampOf(textIn(body, 'last_updated')) === undefined) return this.reject(request, 'last_updated is missing');
    return request.method === 'PUT' ? this.put(request, key, body) : this.patch(request, key);
  }

  private put(request: ModuleRequest, key: string, body: Record<string, unknown>): Reply {
    this.received.put += 1;
    const problem = this.problemOf(body, key, request.to);
    if (problem !== undefined) return this.reject(request, problem);
    const held = this.sessions.get(key);
    const party = request.to === undefined ? '' : partyKey(request.to);
    const text = ownCopy(request.body.trim());
    this.sessions.set(key, { text, party, puts: (held?.puts ?? 0) + 1, patches: held?.patches ?? 0 });
    return accepted(held === undefined);
  }

  private patch(request: ModuleRequest, key: string): Reply {
    this.received.patch += 1;
    const held = this.sessions.get(key);
    if (held === undefined) {
      this.received.not_found += 1;
      return refused(404, 2001, 'unknown session');
    }
    held.text = ownCopy(mergeSession(held.text, request.body.trim()));
    held.patches += 1;
    return accepted();
  }

  private problemOf(body: Record<string, unknown>, key: string, to: PartyRef | undefined): string | undefined {
    const missing = missingIn(body, REQUIRED);
    if (missing.length > 0) return `${missing.join(', ')} missing`;
    const owner = { country_code: textIn(body, 'country_code') ?? '', party_id: textIn(body, 'party_id') ?? '' };
    if (`${partyKey(owner)}/${(textIn(body, 'id') ?? '').toUpperCase()}` !== key) return 'URL and body differ (S-03)';
    if (!STATUSES.has(textIn(body, 'status') ?? '')) return 'status is none (S-11)';
    return tokenProblem(objectIn(body, 'cdr_token'), this.parties, to);
  }

  private reject(request: ModuleRequest, problem: string): Reply {
    this.received.rejected += 1;
    request.report('session', problem);
    return refused(200, 2001, problem);
  }
}

/** What is wrong with a `cdr_token`: incomplete, of somebody else, or of another party than the message is for (S-15, R-41). */
export function tokenProblem(
  token: Record<string, unknown> | undefined,
  ours: readonly PartyRef[],
  to: PartyRef | undefined,
): string | undefined {
  if (token === undefined) return 'cdr_token is no object';
  const missing = missingIn(token, CDR_TOKEN);
  if (missing.length > 0) return `cdr_token lacks ${missing.join(', ')}`;
  const owner = { country_code: textIn(token, 'country_code') ?? '', party_id: textIn(token, 'party_id') ?? '' };
  if (!ours.some((party) => sameParty(party, owner))) return `cdr_token is of ${partyKey(owner)}`;
  if (to !== undefined && !sameParty(to, owner)) return `for ${partyKey(to)}, but cdr_token is of ${partyKey(owner)}`;
  return undefined;
}
