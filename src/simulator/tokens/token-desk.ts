import type { PartyRef } from '../../kernel/party-ref.js';
import {
  answerWith,
  type ModuleRequest,
  notAllowed,
  type Reply,
  refused,
  type SimulatedModule,
} from '../http/exchange.js';
import { describeAnswer, isSuccess, type OcpiAnswer } from '../http/ocpi-answer.js';
import type { OcpiClient } from '../http/ocpi-client.js';
import { pageOf } from '../sender/paged-texts.js';
import { objectIn, readObject } from '../wire/json-object.js';
import type { OwnToken, Wallet } from './wallet.js';

/** What an eMSP says when it is asked about its Tokens. */
export interface AuthorizeScript {
  /** `allowed` of any valid Token; default ALLOWED, or BLOCKED if `valid` is false. */
  allowed?: string | undefined;
  /** Says 2002 unless a Location is given (TK-13). */
  needsLocation?: boolean;
}

/** How Tokens were pushed. */
export interface TokenPushResult {
  pushed: number;
  /** Answers other than success, by what they said. */
  refusals: Record<string, number>;
}

export interface TokenDeskOptions {
  wallet: Wallet;
  client: OcpiClient;
  pageLimit: number;
  url: () => string;
}

/**
 * SENDER tokens of an eMSP platform: its list, the answer to "may this one charge here, now?", and pushes to the hub.
 *
 * Spec: 2.2.1 §12.2.2, §12.3.1 (TK-07 … TK-14).
 */
export class TokenDesk {
  script: AuthorizeScript = {};
  readonly counts = { pages: 0, authorized: 0, unknown: 0, not_enough: 0, pushed: 0, push_refused: 0 };
  private references = 0;

  constructor(private readonly options: TokenDeskOptions) {}

  module(): SimulatedModule {
    return { identifier: 'tokens', role: 'SENDER', callers: 'anybody', handle: (request) => this.handle(request) };
  }

  /** Puts Tokens at the peer; `to` = a party means only that one. */
  async push(tokens: readonly OwnToken[], to?: PartyRef): Promise<TokenPushResult> {
    const result: TokenPushResult = { pushed: 0, refusals: {} };
    for (const token of tokens) this.note(result, await this.send('PUT', token, token.text, to));
    return result;
  }

  /** Changes a Token and tells the peer by PATCH. */
  async change(token: OwnToken, members: Record<string, unknown>, to?: PartyRef): Promise<TokenPushResult> {
    const result: TokenPushResult = { pushed: 0, refusals: {} };
    this.note(result, await this.send('PATCH', token, this.options.wallet.change(token, members), to));
    return result;
  }

  private send(method: string, token: OwnToken, body: string, to: PartyRef | undefined): Promise<OcpiAnswer> {
    const { owner, uid, type } = token;
    const path = [owner.country_code, owner.party_id, uid];
    const query = type === 'RFID' ? '' : `?type=${type}`;
    return this.options.client.call({ method, module: 'tokens', role: 'RECEIVER', path, query, body, from: owner, to });
  }

  private note(result: TokenPushResult, answer: OcpiAnswer): void {
    if (isSuccess(answer)) {
      result.pushed += 1;
      this.counts.pushed += 1;
      return;
    }
    this.counts.push_refused += 1;
    const what = describeAnswer(answer);
    result.refusals[what] = (result.refusals[what] ?? 0) + 1;
  }

  private handle(request: ModuleRequest): Reply {
    const { wallet, pageLimit, url } = this.options;
    const [uid = '', word, ...more] = request.path;
    if (uid === '') {
      this.counts.pages += 1;
      return pageOf(request, wallet.of(request.to), { pageLimit, url: url() });
    }
    if (word !== 'authorize' || more.length > 0) return refused(404, 2000, 'no such endpoint');
    if (request.method !== 'POST') return notAllowed('POST');
    return this.authorize(request, uid);
  }

  private authorize(request: ModuleRequest, uid: string): Reply {
    // A question is passed on from the party that asks; the hub has none of its own.
    if (request.from === undefined) return refused(200, 2001, 'FROM is missing');
    const location = request.body === '' ? undefined : readObject(request.body);
    if (request.body !== '' && location === undefined) return refused(400, 2001, 'body is no JSON object');
    const type = new URLSearchParams(request.query).get('type') ?? 'RFID';
    const token = this.options.wallet.find(uid, type, request.to);
    if (token === undefined) {
      this.counts.unknown += 1;
      return refused(404, 2004, 'unknown token');
    }
    if (this.script.needsLocation === true && location === undefined) {
      this.counts.not_enough += 1;
      return refused(200, 2002, 'where is it?');
    }
    this.counts.authorized += 1;
    this.references += 1;
    const valid = readObject(token.text)?.valid === true;
    const allowed = valid ? (this.script.allowed ?? 'ALLOWED') : 'BLOCKED';
    const reference = `AR-${token.owner.party_id}-${String(this.references).padStart(6, '0')}`;
    const where = location === undefined ? '' : `,"location":${request.body.trim()}`;
    const info =
      allowed === 'ALLOWED' ? '' : `,"info":${JSON.stringify({ language: 'en', text: `Token is ${allowed}` })}`;
    return answerWith(
      `{"allowed":"${allowed}","token":${token.text}${where},"authorization_reference":"${reference}"${info}}`,
    );
  }
}

/** AuthorizationInfo as a CPO reads it. Spec: 2.2.1 §12.3.1 (TK-10). */
export interface Authorization {
  allowed: string;
  /** The Token as it came, wire text. */
  token: Record<string, unknown>;
  authorization_reference?: string;
  location?: unknown;
}

/** Reads AuthorizationInfo; undefined if required members are missing. */
export function readAuthorization(data: string | undefined): Authorization | undefined {
  const info = readObject(data);
  const token = objectIn(info, 'token');
  if (info === undefined || token === undefined || typeof info.allowed !== 'string') return undefined;
  const reference = info.authorization_reference;
  return {
    allowed: info.allowed,
    token,
    ...(typeof reference === 'string' && { authorization_reference: reference }),
    ...(info.location !== undefined && { location: info.location }),
  };
}
