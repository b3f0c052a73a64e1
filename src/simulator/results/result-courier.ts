import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../../kernel/clock.js';
import { type PartyRef, partyKey } from '../../kernel/party-ref.js';
import type { PeerLink } from '../handshake/peer-link.js';
import { TransportError } from '../http/http-client.js';
import { describeAnswer, isSuccess } from '../http/ocpi-answer.js';
import type { OcpiClient } from '../http/ocpi-client.js';
import { writeJson } from '../wire/json-object.js';

/** A result on its way to a `response_url`. */
export interface Delivery {
  module: 'commands' | 'chargingprofiles';
  url: string;
  from: PartyRef | undefined;
  to: PartyRef | undefined;
  body: object;
}

/** How the sending of a result ended. */
export interface SentResult {
  at: number;
  ms: number;
  url: string;
  /** `FR/EM1` */
  to: string | undefined;
  body: object;
  ok: boolean;
  answer: string;
  http?: number;
  code?: number;
  attempts: number;
}

const ATTEMPTS = 8;

/**
 * Posts results to a `response_url`, bare (CMD-05). While nobody listens there it tries again for some seconds: a result that
 * cannot be delivered would leave a driver waiting.
 */
export class ResultCourier {
  readonly sent: SentResult[] = [];
  private ended = new AbortController();

  constructor(
    private readonly client: OcpiClient,
    private readonly link: PeerLink,
    private readonly clock: Clock,
  ) {}

  /** Gives up what is under way. */
  stop(): void {
    this.ended.abort();
    this.ended = new AbortController();
  }

  /** Waits; false if the platform stops meanwhile. */
  async pause(ms: number, signal = this.ended.signal): Promise<boolean> {
    return delay(ms, true, { signal }).catch(() => false);
  }

  /**
   * Whether a `response_url` may be called: our token goes there, so it must be the peer's own address. Behind a hub it is the
   * hub's, not that of who asked.
   */
  trusts(url: string | undefined): boolean {
    const { peer } = this.link;
    if (url === undefined || peer === undefined || !URL.canParse(url)) return false;
    const origins = [peer.versionsUrl, ...peer.endpoints.map((endpoint) => endpoint.url)].map(
      (own) => new URL(own).origin,
    );
    return origins.includes(new URL(url).origin);
  }

  /** Sends a result; never rejects. */
  async deliver({ module, url, from, to, body }: Delivery): Promise<SentResult> {
    const at = this.clock.now();
    const sent: SentResult = { at, ms: 0, url, to: to && partyKey(to), body, ok: false, answer: '', attempts: 0 };
    this.sent.push(sent);
    const { signal } = this.ended;
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      sent.attempts = attempt;
      try {
        const call = { method: 'POST', module, role: 'SENDER' as const, url, from, to, body: writeJson(body) };
        const answer = await this.client.call(call);
        Object.assign(sent, {
          ok: isSuccess(answer),
          answer: describeAnswer(answer),
          http: answer.http,
          code: answer.code,
        });
        break;
      } catch (error) {
        sent.answer = String(error);
        if (!(error instanceof TransportError)) break;
        if (!(await this.pause(100 * attempt, signal))) break;
      }
    }
    sent.ms = this.clock.now() - at;
    return sent;
  }
}
