import { type PartyRef, partyKey, sameParty } from '../../kernel/party-ref.js';
import type { ChargePlan } from '../charging/charge.js';
import type { Charges } from '../charging/charges.js';
import { findPlace, type Place } from '../charging/place.js';
import {
  answerWith,
  type ModuleRequest,
  notAllowed,
  type Reply,
  refused,
  type SimulatedModule,
} from '../http/exchange.js';
import type { ResultCourier, SentResult } from '../results/result-courier.js';
import type { Catalogue } from '../sender/catalogue.js';
import type { CdrToken } from '../tokens/wallet.js';
import { type JsonObject, missingIn, objectIn, readObject, textIn } from '../wire/json-object.js';
import { stampOf } from '../wire/stamp.js';
import { type CommandName, commandNames } from './command-desk.js';

/** How commands are taken. */
export interface CommandScript {
  /** `result` of the answer; anything but ACCEPTED is followed by no result. */
  response: string;
  /** Seconds for which the answer promises a result. */
  timeout: number;
  /** `result` of the CommandResult that follows. */
  result: string;
  /** Between answer and result, ms. */
  delayMs: number;
  /** Keeps results back until {@link CommandTaker.release}. */
  hold: boolean;
  /** No car charges after a START_SESSION. */
  withoutCharge: boolean;
  plan: Partial<ChargePlan>;
}

const defaultScript: CommandScript = {
  response: 'ACCEPTED',
  timeout: 30,
  result: 'ACCEPTED',
  delayMs: 20,
  hold: false,
  withoutCharge: false,
  plan: {},
};

/** A command that came in. */
export interface TakenCommand {
  command: CommandName;
  from: string | undefined;
  to: string | undefined;
  correlation_id: string;
  response_url: string;
  answered: string;
  /** `DE/CP1/S1`, if a charge came of it. */
  session?: string;
}

interface Pending {
  taken: TakenCommand;
  request: ModuleRequest;
  body: JsonObject;
  /** Not what the script says. */
  result?: string | undefined;
  after?: (() => void) | undefined;
  /** The last result on its way: another one waits for it. */
  posted?: Promise<unknown>;
}

const REQUIRED: Record<CommandName, readonly string[]> = {
  CANCEL_RESERVATION: ['response_url', 'reservation_id'],
  RESERVE_NOW: ['response_url', 'token', 'expiry_date', 'reservation_id', 'location_id'],
  START_SESSION: ['response_url', 'token', 'location_id'],
  STOP_SESSION: ['response_url', 'session_id'],
  UNLOCK_CONNECTOR: ['response_url', 'location_id', 'evse_uid', 'connector_id'],
};
const TOKEN = [
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

export interface CommandTakerOptions {
  catalogue: Catalogue;
  charges: Charges;
  courier: ResultCourier;
}

/**
 * RECEIVER commands of a CPO platform: answers at once, posts the result to the `response_url` a little later, and after an
 * accepted START_SESSION a car charges.
 *
 * Spec: 2.2.1 §13.2.1, §13.3 (CMD-01 … CMD-15).
 */
export class CommandTaker {
  script: CommandScript = { ...defaultScript };
  readonly taken: TakenCommand[] = [];
  private readonly held: Pending[] = [];
  /** By id: where to post that one is cancelled after all (CMD-09). */
  private readonly reservations = new Map<string, Pending>();

  constructor(private readonly options: CommandTakerOptions) {}

  /** Changes parts of the script. */
  play(script: Partial<CommandScript>): void {
    this.script = { ...this.script, ...script, plan: { ...this.script.plan, ...script.plan } };
  }

  module(): SimulatedModule {
    return { identifier: 'commands', role: 'RECEIVER', callers: 'party', handle: (request) => this.handle(request) };
  }

  /** Results kept back by `hold`. */
  get holding(): number {
    return this.held.length;
  }

  /** Sends the results that were kept back. */
  async release(): Promise<void> {
    await Promise.all(this.held.splice(0).map((pending) => this.finish(pending)));
  }

  /** Cancels a reservation from our side: a second result at the same `response_url` (CMD-09). */
  async cancelReservation(id: string): Promise<boolean> {
    const pending = this.reservations.get(id);
    if (pending === undefined) return false;
    this.reservations.delete(id);
    return (await this.post(pending, 'CANCELED_RESERVATION')).ok;
  }

  private handle(request: ModuleRequest): Reply {
    const [name, ...more] = request.path;
    const command = commandNames.find((known) => known === name);
    if (command === undefined || more.length > 0) return refused(404, 2000, 'no such command');
    if (request.method !== 'POST') return notAllowed('POST');
    const body = readObject(request.body);
    if (body === undefined) return refused(400, 2001, 'body is no JSON object');
    const problem = this.problemOf(command, body, request);
    if (problem !== undefined) return refused(200, 2001, problem);
    const taken: TakenCommand = {
      command,
      from: request.from && partyKey(request.from),
      to: request.to && partyKey(request.to),
      correlation_id: request.correlationId,
      response_url: textIn(body, 'response_url') ?? '',
      answered: this.script.response,
    };
    this.taken.push(taken);
    const pending = { taken, request, body };
    const refusal = this.prepare(command, pending);
    if (refusal !== undefined) {
      taken.answered = refusal.data ?? `${refusal.http}/${refusal.code}`;
      return refusal;
    }
    if (this.script.response === 'ACCEPTED') void this.later(pending);
    return respond(this.script.response, this.script.timeout);
  }

  private problemOf(command: CommandName, body: JsonObject, request: ModuleRequest): string | undefined {
    const missing = missingIn(body, REQUIRED[command]);
    if (missing.length > 0) return `${missing.join(', ')} missing`;
    if (!this.options.courier.trusts(textIn(body, 'response_url'))) {
      request.report('response-url-foreign', textIn(body, 'response_url'));
      return 'response_url is not an address of the platform that sent the command';
    }
    if (body.connector_id !== undefined && body.evse_uid === undefined) return 'connector_id without evse_uid';
    if (command === 'RESERVE_NOW' && stampOf(textIn(body, 'expiry_date')) === undefined) return 'expiry_date is none';
    const token = objectIn(body, 'token');
    if (token === undefined) return undefined;
    const lacking = missingIn(token, TOKEN);
    if (lacking.length > 0) return `token lacks ${lacking.join(', ')}`;
    // A Token in a command is one of the sender's own (CMD-12).
    if (request.from !== undefined && !sameParty(cdrTokenIn(token), request.from)) {
      request.report('command-token-of-another-party', partyKey(cdrTokenIn(token)));
    }
    return undefined;
  }

  /** What is to be done after the result; an answer at once if that is impossible. */
  private prepare(command: CommandName, pending: Pending): Reply | undefined {
    const { body, request } = pending;
    const { charges } = this.options;
    if (command === 'STOP_SESSION') {
      const charge = charges.find(textIn(body, 'session_id'), request.to);
      if (charge === undefined) return respond('UNKNOWN_SESSION', 0);
      pending.after = () => charge.end();
      return undefined;
    }
    const reservation = textIn(body, 'reservation_id') ?? '';
    if (command === 'CANCEL_RESERVATION') {
      if (!this.reservations.delete(reservation)) pending.result = 'UNKNOWN_RESERVATION';
      return undefined;
    }
    const place = this.placeIn(body, request.to);
    if (place === undefined) return refused(200, 2003, 'unknown location');
    if (command === 'RESERVE_NOW') this.reservations.set(reservation, pending);
    if (command !== 'START_SESSION' || this.script.withoutCharge || this.script.result !== 'ACCEPTED') return undefined;
    pending.after = () => this.charge(pending, place);
    return undefined;
  }

  private charge({ request, body, taken }: Pending, place: Place): void {
    const token = objectIn(body, 'token');
    if (request.to === undefined || token === undefined) return;
    const charge = this.options.charges.start({
      owner: request.to,
      token: cdrTokenIn(token),
      place,
      authMethod: 'COMMAND',
      authorizationReference: textIn(body, 'authorization_reference'),
      plan: this.script.plan,
    });
    taken.session = charge.key;
  }

  private placeIn(body: JsonObject, owner: PartyRef | undefined): Place | undefined {
    const { catalogue } = this.options;
    return findPlace(
      catalogue,
      owner,
      textIn(body, 'location_id') ?? '',
      textIn(body, 'evse_uid'),
      textIn(body, 'connector_id'),
    );
  }

  private async later(pending: Pending): Promise<void> {
    if (this.script.hold) {
      this.held.push(pending);
      return;
    }
    if (await this.options.courier.pause(this.script.delayMs)) await this.finish(pending);
  }

  private async finish(pending: Pending): Promise<void> {
    const result = pending.result ?? this.script.result;
    await this.post(pending, result);
    if (result === 'ACCEPTED') pending.after?.();
  }

  private async post(pending: Pending, result: string): Promise<SentResult> {
    const { taken, request, posted } = pending;
    await posted;
    const { to: from, from: to } = request;
    const url = taken.response_url;
    const delivered = this.options.courier.deliver({ module: 'commands', url, from, to, body: { result } });
    pending.posted = delivered;
    return delivered;
  }
}

/** CommandResponse. Spec: 2.2.1 §13.3.2 (CMD-03). */
const respond = (result: string, timeout: number): Reply => answerWith(JSON.stringify({ result, timeout }));

const cdrTokenIn = (token: JsonObject): CdrToken => ({
  country_code: textIn(token, 'country_code') ?? '',
  party_id: textIn(token, 'party_id') ?? '',
  uid: textIn(token, 'uid') ?? '',
  type: textIn(token, 'type') ?? '',
  contract_id: textIn(token, 'contract_id') ?? '',
});
