import { partyKey, sameParty } from '../../kernel/party-ref.js';
import type { Charges } from '../charging/charges.js';
import {
  answerWith,
  type ModuleRequest,
  notAllowed,
  type Reply,
  refused,
  type SimulatedModule,
} from '../http/exchange.js';
import { isSuccess } from '../http/ocpi-answer.js';
import type { OcpiClient } from '../http/ocpi-client.js';
import type { ResultCourier } from '../results/result-courier.js';
import { type JsonObject, objectIn, readObject, textIn, writeJson } from '../wire/json-object.js';
import { stampText } from '../wire/stamp.js';

/** A request about a charging profile that came in. */
export interface TakenProfile {
  method: string;
  session_id: string;
  from: string | undefined;
  to: string | undefined;
  response_url: string;
  answered: string;
}

export interface ProfileTakerOptions {
  charges: Charges;
  courier: ResultCourier;
  client: OcpiClient;
  now: () => number;
}

/**
 * RECEIVER chargingprofiles of a CPO platform: sets, reads and clears the profile of a running charge, the result follows at the
 * `response_url`.
 *
 * Spec: 2.2.1 §14.4.1 (CP-01 … CP-07).
 */
export class ProfileTaker {
  /** `result` of the answer and of the result that follows. */
  script = { response: 'ACCEPTED', timeout: 30, result: 'ACCEPTED', delayMs: 20 };
  readonly taken: TakenProfile[] = [];
  /** By session. */
  readonly profiles = new Map<string, JsonObject>();

  constructor(private readonly options: ProfileTakerOptions) {}

  module(): SimulatedModule {
    return {
      identifier: 'chargingprofiles',
      role: 'RECEIVER',
      callers: 'party',
      handle: (request) => this.handle(request),
    };
  }

  /** Tells the eMSP that the profile of a session has changed by other influences (CP-07). */
  async tellActive(sessionId: string): Promise<boolean> {
    const charge = this.options.charges.find(sessionId);
    if (charge === undefined) return false;
    const answer = await this.options.client.call({
      method: 'PUT',
      module: 'chargingprofiles',
      role: 'SENDER',
      path: [sessionId],
      body: writeJson(this.activeProfile(sessionId)),
      from: charge.facts.owner,
      to: charge.facts.token,
    });
    return isSuccess(answer);
  }

  private handle(request: ModuleRequest): Reply {
    const [id, ...more] = request.path;
    if (id === undefined || more.length > 0) return refused(404, 2000, 'no such endpoint');
    const { method } = request;
    if (method !== 'GET' && method !== 'PUT' && method !== 'DELETE') return notAllowed('GET, PUT, DELETE');
    const query = new URLSearchParams(request.query);
    const body = method === 'PUT' ? readObject(request.body) : undefined;
    const profile = objectIn(body, 'charging_profile');
    const url = method === 'PUT' ? textIn(body, 'response_url') : (query.get('response_url') ?? undefined);
    if (url === undefined) return refused(200, 2001, 'response_url is missing');
    if (method === 'PUT' && profile === undefined) return refused(200, 2001, 'charging_profile is missing');
    if (method === 'GET' && !/^\d+$/.test(query.get('duration') ?? ''))
      return refused(200, 2001, 'duration is missing');
    if (!this.options.courier.trusts(url)) {
      request.report('response-url-foreign', url);
      return refused(200, 2001, 'response_url is not an address of the platform that asks');
    }
    const charge = this.options.charges.find(id, request.to);
    const known = charge?.state === 'charging';
    if (charge !== undefined && request.from !== undefined && !sameParty(request.from, charge.facts.token)) {
      request.report('profile-of-another-party', partyKey(request.from));
    }
    const result = known ? this.script.response : 'UNKNOWN_SESSION';
    const [from, to] = [request.from && partyKey(request.from), request.to && partyKey(request.to)];
    this.taken.push({ method, session_id: id, from, to, response_url: url, answered: result });
    if (result === 'ACCEPTED') void this.later(request, id, url, profile);
    return answerWith(JSON.stringify({ result, timeout: this.script.timeout }));
  }

  private async later(request: ModuleRequest, id: string, url: string, profile: JsonObject | undefined): Promise<void> {
    if (!(await this.options.courier.pause(this.script.delayMs))) return;
    const { result } = this.script;
    if (result === 'ACCEPTED' && profile !== undefined) this.profiles.set(id, profile);
    if (result === 'ACCEPTED' && request.method === 'DELETE') this.profiles.delete(id);
    const body = request.method === 'GET' ? { result, profile: this.activeProfile(id) } : { result };
    const { to: from, from: to } = request;
    await this.options.courier.deliver({ module: 'chargingprofiles', url, from, to, body });
  }

  private activeProfile(id: string): object {
    const charging_profile = this.profiles.get(id) ?? {
      charging_rate_unit: 'W',
      charging_profile_period: [{ start_period: 0, limit: 11000 }],
    };
    return { start_date_time: stampText(this.options.now()), charging_profile };
  }
}
