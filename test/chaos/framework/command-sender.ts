import { randomUUID } from 'node:crypto';
import http from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../../../src/simulator/random.js';
import type { RoleClaim } from '../../support/e2e/admin.js';
import { type Answer, callHttp } from '../../support/hub/http-call.js';
import { type CommandPartner, wordsOf } from './command-partner.js';

/** An answer that the sender of a command took for one. */
export interface CommandAnswer {
  readonly http: number;
  readonly code: number;
  /** In the words of the CPO, for this command. */
  readonly own: boolean;
  /** Asking for it and having it, monotonic ms. */
  readonly from: number;
  readonly at: number;
  /** Tries before it that were cut off and may have arrived, and those that were answered 503. */
  readonly cut: number;
  readonly busy: number;
}

/** A command, and what became of it. */
export interface CommandRecord {
  readonly n: number;
  readonly to: string;
  readonly command: string;
  /** X-Correlation-ID */
  readonly c: string;
  /** Sent once, twice at the same time, or again after the answer; always with the same X-Request-ID. */
  readonly how: 'once' | 'twice' | 'again';
  readonly answers: readonly CommandAnswer[];
}

export interface Destination {
  readonly name: string;
  readonly party: RoleClaim;
  /** Whether some of the commands for it are repeated though they were answered. */
  readonly repeats: boolean;
}

const kinds = ['START_SESSION', 'STOP_SESSION', 'UNLOCK_CONNECTOR'] as const;

/** Sends commands as eMSPs do that want an answer: where there is none they ask again, with the same X-Request-ID. */
export class CommandSender {
  /** Commands that have their answer. */
  done = 0;
  private next = 0;
  private readonly agent = new http.Agent({ keepAlive: true });

  constructor(
    private readonly emsps: readonly CommandPartner[],
    private readonly origins: () => string[],
    private readonly random: Random,
  ) {}

  /** One command and, sometimes, its repetition; resolves when all of them are answered. */
  async send(to: Destination): Promise<CommandRecord> {
    const { random } = this;
    const n = this.next++;
    const emsp = this.emsps[n % this.emsps.length];
    if (!emsp) throw new Error('there is no eMSP');
    const command = random.pick(kinds);
    const c = randomUUID();
    const ask = this.request(emsp, to, command, c);
    const dice = to.repeats ? random.next() : 1;
    const how = dice < 0.05 ? 'twice' : dice < 0.1 ? 'again' : 'once';
    const answers = how === 'twice' ? await Promise.all([ask(), ask()]) : [await ask()];
    if (how === 'again') answers.push(await ask());
    this.done += 1;
    return { n, to: to.name, command, c, how, answers };
  }

  close(): void {
    this.agent.destroy();
  }

  private request(emsp: CommandPartner, to: Destination, command: string, c: string): () => Promise<CommandAnswer> {
    const { link, party } = emsp;
    const { pathname } = new URL(link.endpoint('commands', 'RECEIVER') ?? '');
    const body = JSON.stringify({
      response_url: `${emsp.origin}/commands/${command}/${c}`,
      ...contentOf(command, party),
    });
    const options = {
      token: link.peer?.outboundToken ?? '',
      body,
      agent: this.agent,
      headers: {
        'X-Request-ID': randomUUID(),
        'X-Correlation-ID': c,
        'OCPI-to-country-code': to.party.country_code,
        'OCPI-to-party-id': to.party.party_id,
        'OCPI-from-country-code': party.country_code,
        'OCPI-from-party-id': party.party_id,
      },
    };
    return async () => {
      let cut = 0;
      let busy = 0;
      for (;;) {
        const origins = this.origins();
        const from = performance.now();
        const answer =
          origins.length === 0
            ? 'refused'
            : await callHttp('POST', `${this.random.pick(origins)}${pathname}/${command}`, options).catch(reasonOf);
        const at = performance.now();
        if (answer === 'cut') cut += 1;
        else if (answer !== 'refused') {
          if (answer.status !== 503) return { ...judged(answer, c), from, at, cut, busy };
          busy += 1;
        }
        await delay(20);
      }
    };
  }
}

/** Of a try that certainly did not arrive nothing more is said. */
const reasonOf = (error: NodeJS.ErrnoException): 'refused' | 'cut' =>
  error.code === 'ECONNREFUSED' ? 'refused' : 'cut';

function judged(answer: Answer, c: string): Pick<CommandAnswer, 'http' | 'code' | 'own'> {
  try {
    const { status_code, status_message } = answer.body;
    return { http: answer.status, code: status_code, own: status_message === wordsOf(c) };
  } catch {
    return { http: answer.status, code: 0, own: false };
  }
}

function contentOf(command: string, { country_code, party_id }: RoleClaim): object {
  if (command === 'STOP_SESSION') return { session_id: 'SESSION1' };
  const place = { location_id: 'LOC1', evse_uid: 'EVSE1', connector_id: '1' };
  if (command === 'UNLOCK_CONNECTOR') return place;
  return {
    location_id: place.location_id,
    token: {
      country_code,
      party_id,
      uid: '012345678',
      type: 'RFID',
      contract_id: 'DE8ACC12E46L89',
      issuer: 'Issuer',
      valid: true,
      whitelist: 'ALWAYS',
      last_updated: '2026-01-01T00:00:00Z',
    },
  };
}
