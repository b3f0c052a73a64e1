import type { PartyRef } from '../../kernel/party-ref.js';
import { sameParty } from '../../kernel/party-ref.js';
import {
  answerWith,
  type ModuleRequest,
  notAllowed,
  type Reply,
  refused,
  type SimulatedModule,
} from '../http/exchange.js';
import { pageOf } from '../sender/paged-texts.js';
import type { CdrToken } from '../tokens/wallet.js';
import { readObject, textIn } from '../wire/json-object.js';
import { stampOf } from '../wire/stamp.js';
import { Charge, type ChargePlan, type ChargeWorld, defaultPlan } from './charge.js';
import type { ChargeFacts } from './charge-texts.js';
import type { Place } from './place.js';

/** Who charges where. */
export interface ChargeStart {
  owner: PartyRef;
  token: CdrToken;
  place: Place;
  authMethod: ChargeFacts['authMethod'];
  authorizationReference?: string | undefined;
  plan?: Partial<ChargePlan>;
}

export interface ChargesOptions extends ChargeWorld {
  pageLimit: number;
  /** Our own URL of a SENDER interface. */
  url: (module: 'sessions' | 'cdrs') => string;
}

/**
 * All charges at a CPO platform, and its SENDER interfaces of sessions and cdrs: only what concerns the one who asks is listed.
 *
 * Spec: 2.2.1 §9.2.1, §10.2.1 (S-01, S-05 … S-07, CDR-01, R-41).
 */
export class Charges {
  readonly all: Charge[] = [];
  /** What is answered to charging preferences. */
  preferencesAnswer = 'ACCEPTED';
  readonly preferences: { session_id: string; from: string; body: unknown }[] = [];
  private started = 0;
  private readonly waiting = new Set<() => void>();

  constructor(private readonly options: ChargesOptions) {}

  start({ owner, token, place, authMethod, authorizationReference, plan }: ChargeStart): Charge {
    this.started += 1;
    const startedAt = this.options.clock.now();
    const sessionId = `S${owner.party_id}${startedAt.toString(36).toUpperCase()}${String(this.started).padStart(4, '0')}`;
    const facts = { owner, sessionId, token, place, authMethod, authorizationReference, startedAt };
    const charge = new Charge(facts, { ...defaultPlan, ...plan }, this.options);
    this.all.push(charge);
    for (const look of [...this.waiting]) look();
    return charge;
  }

  /** The nth charge (from 1), waited for; undefined if it does not begin in time. */
  nth(number: number, timeoutMs: number): Promise<Charge | undefined> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.waiting.delete(look);
        resolve(this.all[number - 1]);
      };
      const look = (): void => {
        if (this.all.length >= number) end();
      };
      const timer = setTimeout(end, timeoutMs);
      this.waiting.add(look);
      look();
    });
  }

  /** The charge of a session, of the given party if one is given. */
  find(sessionId: string | undefined, owner?: PartyRef): Charge | undefined {
    const wanted = sessionId?.toUpperCase();
    return this.all.find(
      ({ facts }) => facts.sessionId.toUpperCase() === wanted && (owner === undefined || sameParty(facts.owner, owner)),
    );
  }

  /** How many are in which state. */
  count(): { charging: number; completed: number; failed: number } {
    const count = { charging: 0, completed: 0, failed: 0 };
    for (const { state } of this.all) count[state] += 1;
    return count;
  }

  /** Ends every charge; what is under way is still told. */
  endAll(): void {
    for (const charge of this.all) charge.end();
  }

  modules(): SimulatedModule[] {
    return [
      { identifier: 'sessions', role: 'SENDER', callers: 'anybody', handle: (request) => this.sessions(request) },
      { identifier: 'cdrs', role: 'SENDER', callers: 'anybody', handle: (request) => this.cdrs(request) },
    ];
  }

  private sessions(request: ModuleRequest): Reply {
    const [id, word, ...more] = request.path;
    if (id === undefined) {
      const texts = this.concerning(request).map(({ session }) => session);
      return this.list('sessions', request, texts);
    }
    if (word !== 'charging_preferences' || more.length > 0) return refused(404, 2000, 'no such endpoint');
    if (request.method !== 'PUT') return notAllowed('PUT');
    const charge = this.find(id, request.to);
    if (charge === undefined) return refused(404, 2001, 'unknown session');
    const body = readObject(request.body);
    if (typeof body?.profile_type !== 'string') return refused(200, 2001, 'profile_type is missing');
    const { from } = request;
    if (from !== undefined && !sameParty(from, charge.facts.token)) request.report('preferences-of-another-party');
    this.preferences.push({
      session_id: id,
      from: from === undefined ? '' : `${from.country_code}/${from.party_id}`,
      body,
    });
    const answer = charge.state === 'charging' ? this.preferencesAnswer : 'NOT_POSSIBLE';
    return answerWith(JSON.stringify(answer));
  }

  private cdrs(request: ModuleRequest): Reply {
    if (request.path.length > 0) return refused(404, 2000, 'no such endpoint');
    const texts = this.concerning(request).flatMap(({ cdr }) => (cdr === undefined ? [] : [cdr]));
    return this.list('cdrs', request, texts);
  }

  /** Charges of the party asked, with Tokens of the party that asks; all of them for the hub, which keeps them for everybody. */
  private concerning({ from, to }: ModuleRequest): Charge[] {
    const hub = this.options.link.peer?.roles.find(({ role }) => role === 'HUB');
    const isHub = from !== undefined && hub !== undefined && sameParty(hub, from);
    return this.all.filter(
      ({ facts }) =>
        (to === undefined || sameParty(facts.owner, to)) &&
        (isHub || (from !== undefined && sameParty(facts.token, from))),
    );
  }

  private list(module: 'sessions' | 'cdrs', request: ModuleRequest, texts: readonly string[]): Reply {
    const listed = texts.map((text) => ({ text, stamp: stampOf(textIn(readObject(text), 'last_updated')) ?? 0 }));
    const { pageLimit, url } = this.options;
    return pageOf(request, listed, { pageLimit, url: url(module), dateFromRequired: module === 'sessions' });
  }
}

/** A charge as states and control calls show it. */
export const chargeView = (charge: Charge): Record<string, unknown> => {
  const { facts, state, steps, cdrUrl, session, cdr } = charge;
  return {
    session_id: facts.sessionId,
    owner: `${facts.owner.country_code}/${facts.owner.party_id}`,
    token: facts.token,
    state,
    steps,
    cdr_url: cdrUrl,
    session: readObject(session),
    cdr: cdr === undefined ? undefined : readObject(cdr),
  };
};
