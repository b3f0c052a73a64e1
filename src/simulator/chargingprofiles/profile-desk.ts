import { type PartyRef, partyKey } from '../../kernel/party-ref.js';
import {
  accepted,
  type ModuleRequest,
  notAllowed,
  type Reply,
  refused,
  type SimulatedModule,
} from '../http/exchange.js';
import { partyIn } from '../http/inspector.js';
import { isSuccess } from '../http/ocpi-answer.js';
import type { OcpiClient } from '../http/ocpi-client.js';
import type { ReceivedResult, ResultMailbox } from '../results/result-mailbox.js';
import { type JsonObject, objectIn, readObject, writeJson } from '../wire/json-object.js';

/** A wish about the charging profile of a session. */
export interface ProfileOrder {
  action: 'set' | 'get' | 'clear';
  session_id: string;
  from: PartyRef;
  to?: PartyRef | undefined;
  open?: boolean | undefined;
  /** For `set`; default: 11 kW, then 7.4 kW. */
  profile?: JsonObject | undefined;
  /** For `get`: of how many seconds. */
  duration?: number;
}

/** What came of it. */
export interface SentProfile {
  action: ProfileOrder['action'];
  session_id: string;
  response_url: string;
  http: number;
  code: number | undefined;
  response: JsonObject | undefined;
  by: string | undefined;
  result: ReceivedResult | undefined;
}

const defaultProfile: JsonObject = {
  charging_rate_unit: 'W',
  min_charging_rate: 1400.5,
  charging_profile_period: [
    { start_period: 0, limit: 11000 },
    { start_period: 1800, limit: 7400.5 },
  ],
};

const METHODS = { set: 'PUT', get: 'GET', clear: 'DELETE' } as const;

/**
 * SENDER chargingprofiles of an eMSP platform: sets, reads and clears profiles, and is told of active ones.
 *
 * Spec: 2.2.1 §14.4.1, §14.4.2 (CP-01 … CP-08).
 */
export class ProfileDesk {
  readonly sent: SentProfile[] = [];
  /** ActiveChargingProfiles that we were told of without asking, by session. */
  readonly active = new Map<string, JsonObject>();

  constructor(
    private readonly client: OcpiClient,
    private readonly mailbox: ResultMailbox,
    private readonly url: () => string,
  ) {}

  module(): SimulatedModule {
    return {
      identifier: 'chargingprofiles',
      role: 'SENDER',
      callers: 'party',
      handle: (request) => this.handle(request),
    };
  }

  /** Sends a wish and waits for its result, which stays undefined if it does not come in time or the wish was refused. */
  async send(order: ProfileOrder, timeoutMs = 5_000): Promise<SentProfile> {
    const { action, session_id, from, to, open, profile = defaultProfile, duration = 900 } = order;
    const expectation = this.mailbox.expect(from);
    // With a query of its own: it has to survive being part of another URL's (CP-08).
    const response_url = `${this.url()}/results/${expectation.id}?a=1&b=%C3%BC`;
    const body = action === 'set' ? writeJson({ charging_profile: profile, response_url }) : undefined;
    const parameters = new URLSearchParams({ ...(action === 'get' && { duration: String(duration) }), response_url });
    const answer = await this.client.call({
      method: METHODS[action],
      module: 'chargingprofiles',
      role: 'RECEIVER',
      path: [session_id],
      query: action === 'set' ? '' : `?${parameters.toString()}`,
      body,
      from,
      to,
      open,
    });
    expectation.responder = isSuccess(answer) ? partyIn(answer.headers, 'from') : undefined;
    const response = readObject(answer.data);
    const promised = isSuccess(answer) && response?.result === 'ACCEPTED';
    const sent: SentProfile = {
      action,
      session_id,
      response_url,
      http: answer.http,
      code: answer.code,
      response,
      by: expectation.responder && partyKey(expectation.responder),
      result: promised ? await this.mailbox.wait(expectation, 1, timeoutMs) : undefined,
    };
    this.sent.push(sent);
    return sent;
  }

  private handle(request: ModuleRequest): Reply {
    const [first, second, ...more] = request.path;
    if (first === 'results' && second !== undefined && more.length === 0) {
      if (request.query !== 'a=1&b=%C3%BC') request.report('response-url-changed', request.query);
      return this.mailbox.take(request);
    }
    if (first === undefined || second !== undefined) return refused(404, 2000, 'no such endpoint');
    if (request.method !== 'PUT') return notAllowed('PUT');
    const body = readObject(request.body);
    if (body === undefined || objectIn(body, 'charging_profile') === undefined) return refused(200, 2001, 'no profile');
    this.active.set(first, body);
    return accepted();
  }
}
