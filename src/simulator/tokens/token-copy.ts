import { type PartyRef, partyKey } from '../../kernel/party-ref.js';
import {
  accepted,
  answerWith,
  type ModuleRequest,
  notAllowed,
  type Reply,
  refused,
  type SimulatedModule,
} from '../http/exchange.js';
import { describeAnswer, isSuccess } from '../http/ocpi-answer.js';
import type { OcpiClient } from '../http/ocpi-client.js';
import { missingIn, readObject, textIn } from '../wire/json-object.js';
import { mergeObject } from '../wire/merge.js';
import { stampOf } from '../wire/stamp.js';
import { ownCopy } from '../wire/wire-text.js';
import { type Authorization, readAuthorization } from './token-desk.js';

const REQUIRED = [
  'country_code',
  'party_id',
  'uid',
  'type',
  'contract_id',
  'issuer',
  'valid',
  'whitelist',
  'last_updated',
];

/** How an eMSP answered the question whether a Token may charge. */
export interface AuthorizeAnswer {
  http: number;
  code: number | undefined;
  message: string;
  ms: number;
  correlation_id: string;
  /** Who answered: the FROM of the answer. */
  by: string | undefined;
  info: Authorization | undefined;
}

/**
 * RECEIVER tokens of a CPO platform: a copy of others' Tokens for each of its CPO parties.
 *
 * Spec: 2.2.1 §12.2.1 (TK-01 … TK-06, TK-19, O-03, O-10).
 */
export class TokenCopy {
  readonly received = {
    put: 0,
    patch: 0,
    get: 0,
    created: 0,
    duplicates: 0,
    regressions: 0,
    not_found: 0,
    rejected: 0,
  };
  /** By party, then by `FR/EM1/UID/RFID`: wire text. */
  private readonly copies: ReadonlyMap<string, Map<string, string>>;

  constructor(parties: readonly PartyRef[]) {
    this.copies = new Map(parties.map((party) => [partyKey(party), new Map()]));
  }

  module(): SimulatedModule {
    return { identifier: 'tokens', role: 'RECEIVER', callers: 'owner', handle: (request) => this.handle(request) };
  }

  /** The copy of a party (`DE/CP1`); without one, the first party's. */
  copy(party?: PartyRef | string): ReadonlyMap<string, string> | undefined {
    if (party === undefined) return this.copies.values().next().value;
    return this.copies.get(typeof party === 'string' ? party.toUpperCase() : partyKey(party));
  }

  /** The key of a Token in a copy. */
  static key(owner: PartyRef, uid: string, type: string): string {
    return `${partyKey(owner)}/${uid.toUpperCase()}/${type}`;
  }

  /** Reads the peer's list as `from` and takes it into that party's copy: updates and adds (TK-08). */
  take(party: PartyRef, text: string): void {
    const token = readObject(text);
    if (token === undefined) return;
    const owner = { country_code: textIn(token, 'country_code') ?? '', party_id: textIn(token, 'party_id') ?? '' };
    const key = TokenCopy.key(owner, textIn(token, 'uid') ?? '', textIn(token, 'type') ?? '');
    this.copies.get(partyKey(party))?.set(key, ownCopy(text));
  }

  state(): Record<string, unknown> {
    return {
      ...this.received,
      copies: Object.fromEntries([...this.copies].map(([party, copy]) => [party, copy.size])),
    };
  }

  private handle(request: ModuleRequest): Reply {
    const [country_code = '', party_id = '', uid = '', ...more] = request.path;
    if (uid === '' || more.length > 0) return refused(404, 2000, 'no such endpoint');
    const copy = request.to === undefined ? this.copies.values().next().value : this.copies.get(partyKey(request.to));
    if (copy === undefined) return refused(200, 2001, 'not for a party that takes tokens');
    const owner = { country_code, party_id };
    const given = new URLSearchParams(request.query).get('type');
    const key = TokenCopy.key(owner, uid, given ?? 'RFID');
    if (request.method === 'GET') {
      this.received.get += 1;
      const text = copy.get(key);
      return text === undefined ? refused(404, 2004, 'unknown token') : answerWith(text);
    }
    if (request.method !== 'PUT' && request.method !== 'PATCH') return notAllowed('GET, PUT, PATCH');
    const body = readObject(request.body);
    if (body === undefined) return this.reject(request, 'body is no JSON object');
    const stamp = stampOf(textIn(body, 'last_updated'));
    if (stamp === undefined) return this.reject(request, 'last_updated is missing');
    return request.method === 'PUT'
      ? this.put(request, copy, { owner, uid, given, body, stamp })
      : this.patch(request, copy, key, stamp);
  }

  private put(
    request: ModuleRequest,
    copy: Map<string, string>,
    token: { owner: PartyRef; uid: string; given: string | null; body: Record<string, unknown>; stamp: number },
  ): Reply {
    this.received.put += 1;
    const { owner, uid, given, body, stamp } = token;
    const missing = missingIn(body, REQUIRED);
    if (missing.length > 0) return this.reject(request, `${missing.join(', ')} missing`);
    const type = textIn(body, 'type') ?? '';
    const bodyOwner = { country_code: textIn(body, 'country_code') ?? '', party_id: textIn(body, 'party_id') ?? '' };
    const named = TokenCopy.key(bodyOwner, textIn(body, 'uid') ?? '', type);
    const key = TokenCopy.key(owner, uid, given ?? type);
    if (named !== key) return this.reject(request, `${key} in the URL, ${named} in the body`);
    const held = copy.get(key);
    this.noteOrder(held, request.body.trim(), stamp);
    copy.set(key, ownCopy(request.body.trim()));
    if (held === undefined) this.received.created += 1;
    return accepted(held === undefined);
  }

  private patch(request: ModuleRequest, copy: Map<string, string>, key: string, stamp: number): Reply {
    this.received.patch += 1;
    const held = copy.get(key);
    if (held === undefined) {
      this.received.not_found += 1;
      return refused(404, 2004, 'unknown token');
    }
    const text = mergeObject(held, request.body.trim());
    this.noteOrder(held, text, stamp);
    copy.set(key, ownCopy(text));
    return accepted();
  }

  private noteOrder(held: string | undefined, text: string, stamp: number): void {
    if (held === undefined) return;
    if (held === text) this.received.duplicates += 1;
    else if ((stampOf(textIn(readObject(held), 'last_updated')) ?? 0) > stamp) this.received.regressions += 1;
  }

  private reject(request: ModuleRequest, problem: string): Reply {
    this.received.rejected += 1;
    request.report('token', problem);
    return refused(200, 2001, problem);
  }
}

/** A question of a CPO to an eMSP, in real time. */
export interface AuthorizeQuestion {
  uid: string;
  type?: string | undefined;
  /** LocationReferences (TK-14). */
  location?: object | undefined;
  from: PartyRef;
  to?: PartyRef | undefined;
  /** No TO: whose Token it is, the hub has to find out. */
  open?: boolean | undefined;
  correlationId: string;
}

/** Asks the eMSP whether a Token may charge. Spec: 2.2.1 §12.2.2.2 (TK-09 … TK-14). */
export async function authorize(
  client: OcpiClient,
  { uid, type, location, correlationId, ...routing }: AuthorizeQuestion,
  now: () => number,
): Promise<AuthorizeAnswer> {
  const askedAt = now();
  const answer = await client.call({
    method: 'POST',
    module: 'tokens',
    role: 'SENDER',
    path: [uid, 'authorize'],
    query: type === undefined ? '' : `?type=${type}`,
    body: location === undefined ? undefined : Buffer.from(JSON.stringify(location), 'utf8').toString('latin1'),
    correlationId,
    ...routing,
  });
  const { http, code, message, headers } = answer;
  const [country, party] = [headers['ocpi-from-country-code'], headers['ocpi-from-party-id']];
  const info = isSuccess(answer) ? readAuthorization(answer.data) : undefined;
  return {
    http,
    code,
    message: isSuccess(answer) && info === undefined ? `incomplete: ${describeAnswer(answer)}` : message,
    ms: now() - askedAt,
    correlation_id: correlationId,
    by: country === undefined ? undefined : `${String(country)}/${String(party)}`,
    info,
  };
}
