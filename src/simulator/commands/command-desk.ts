import { randomUUID } from 'node:crypto';
import type { Clock } from '../../kernel/clock.js';
import { type PartyRef, partyKey } from '../../kernel/party-ref.js';
import type { SimulatedModule } from '../http/exchange.js';
import { partyIn } from '../http/inspector.js';
import { isSuccess } from '../http/ocpi-answer.js';
import type { OcpiClient } from '../http/ocpi-client.js';
import type { Expectation, ReceivedResult, ResultMailbox } from '../results/result-mailbox.js';
import type { OwnToken } from '../tokens/wallet.js';
import { readObject, writeJson } from '../wire/json-object.js';
import { stampText } from '../wire/stamp.js';

export const commandNames = [
  'CANCEL_RESERVATION',
  'RESERVE_NOW',
  'START_SESSION',
  'STOP_SESSION',
  'UNLOCK_CONNECTOR',
] as const;
export type CommandName = (typeof commandNames)[number];

/** A command of one of our customers. */
export interface CommandOrder {
  command: CommandName;
  from: PartyRef;
  to?: PartyRef | undefined;
  /** No TO: who is meant, the hub has to find out. */
  open?: boolean | undefined;
  /** For START_SESSION and RESERVE_NOW. */
  token?: OwnToken | undefined;
  /** Members of the command beside `response_url` and `token`. */
  members?: Record<string, unknown> | undefined;
  /** Instead of a URL of our own. */
  responseUrl?: string | undefined;
}

/** A command that was sent, with everything that came of it. */
export interface SentCommand {
  id: string;
  command: CommandName;
  from: string;
  /** Undefined: open routing. */
  to: string | undefined;
  sent_at: number;
  correlation_id: string;
  response_url: string;
  /** How long the answer took, ms. */
  ms: number;
  http: number;
  code: number | undefined;
  message: string;
  /** CommandResponse. */
  response: Record<string, unknown> | undefined;
  /** Who answered. */
  by: string | undefined;
  /** CommandResults, as they came. */
  results: readonly ReceivedResult[];
}

export interface CommandDeskOptions {
  client: OcpiClient;
  mailbox: ResultMailbox;
  clock: Clock;
  /** Our own URL of the SENDER interface. */
  url: () => string;
}

/**
 * SENDER commands of an eMSP platform: sends commands and takes their results at URLs of its own.
 *
 * Spec: 2.2.1 §13.2, §13.3 (CMD-01 … CMD-12, R-44).
 */
export class CommandDesk {
  readonly sent: SentCommand[] = [];
  private readonly expectations = new Map<string, Expectation>();

  constructor(private readonly options: CommandDeskOptions) {}

  module(): SimulatedModule {
    return {
      identifier: 'commands',
      role: 'SENDER',
      callers: 'party',
      handle: (request) => this.options.mailbox.take(request),
    };
  }

  /** Sends a command and waits for the answer (not for the result, see {@link result}). Rejects only if there is none. */
  async send(order: CommandOrder): Promise<SentCommand> {
    const { client, mailbox, clock, url } = this.options;
    const { command, from, to, open, token } = order;
    const expectation = mailbox.expect(from);
    const response_url = order.responseUrl ?? `${url()}/${command}/${expectation.id}`;
    const tokenMember = token === undefined ? '' : `,"token":${token.text}`;
    const members = writeJson(order.members ?? {}).slice(1, -1);
    const body = `{"response_url":${JSON.stringify(response_url)}${tokenMember}${members === '' ? '' : `,${members}`}}`;
    const correlationId = randomUUID();
    const sentAt = clock.now();
    const call = { method: 'POST', module: 'commands', role: 'RECEIVER' as const, path: [command], body };
    const answer = await client.call({ ...call, from, to, open, correlationId });
    expectation.responder = isSuccess(answer) ? partyIn(answer.headers, 'from') : undefined;
    const sent: SentCommand = {
      id: expectation.id,
      command,
      from: partyKey(from),
      to: to === undefined || open === true ? undefined : partyKey(to),
      sent_at: sentAt,
      correlation_id: correlationId,
      response_url,
      ms: clock.now() - sentAt,
      http: answer.http,
      code: answer.code,
      message: answer.message,
      response: readObject(answer.data),
      by: expectation.responder && partyKey(expectation.responder),
      results: expectation.results,
    };
    this.sent.push(sent);
    this.expectations.set(sent.id, expectation);
    return sent;
  }

  /** Waits for the nth result of a command (from 1); undefined if it does not come in time. */
  async result(sent: SentCommand, timeoutMs: number, count = 1): Promise<ReceivedResult | undefined> {
    const expectation = this.expectations.get(sent.id);
    return expectation === undefined ? undefined : this.options.mailbox.wait(expectation, count, timeoutMs);
  }
}

/** Members of a RESERVE_NOW. */
export const reservation = (
  place: { location_id: string; evse_uid?: string },
  reservation_id: string,
  expiresAt: number,
): Record<string, unknown> => ({ ...place, reservation_id, expiry_date: stampText(expiresAt) });
