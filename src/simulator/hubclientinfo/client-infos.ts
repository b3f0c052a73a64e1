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
import { describeAnswer, isSuccess } from '../http/ocpi-answer.js';
import type { OcpiClient } from '../http/ocpi-client.js';
import { nextLink } from '../receiver/crawl.js';
import { missingIn, readObject, textIn } from '../wire/json-object.js';
import { itemsAt } from '../wire/json-scan.js';
import { stampOf } from '../wire/stamp.js';

/** What a platform knows of a party in one role. */
export interface KnownClient extends PartyRef {
  role: string;
  status: string;
  last_updated: string;
  /** As it came, wire text. */
  text: string;
  /** How it was learned last. */
  by: 'push' | 'pull';
}

const STATUSES: ReadonlySet<string> = new Set(['CONNECTED', 'OFFLINE', 'PLANNED', 'SUSPENDED']);
const REQUIRED = ['country_code', 'party_id', 'role', 'status', 'last_updated'];

/**
 * RECEIVER hubclientinfo: who else is at the hub, and in which standing, as the hub tells it.
 *
 * Spec: 2.2.1 §15.3.1, §15.4.1 (H-02 … H-07, H-12 … H-16).
 */
export class ClientInfos {
  /** By `DE/CP1/CPO`. */
  readonly known = new Map<string, KnownClient>();
  readonly received = { put: 0, get: 0, own: 0, rejected: 0 };

  constructor(private readonly own: readonly PartyRef[]) {}

  module(): SimulatedModule {
    return {
      identifier: 'hubclientinfo',
      role: 'RECEIVER',
      callers: 'unrouted',
      handle: (request) => this.handle(request),
    };
  }

  /** All roles of a party. */
  of(party: PartyRef): KnownClient[] {
    return [...this.known.values()].filter((client) => sameParty(client, party));
  }

  /** Reads the hub's list to its end; returns how many objects it had, or what went wrong. */
  async pull(client: OcpiClient): Promise<{ objects: number; problem?: string }> {
    const call = { method: 'GET', module: 'hubclientinfo', role: 'SENDER' as const, unrouted: true };
    let objects = 0;
    let url: string | undefined;
    do {
      const answer = await client.call(url === undefined ? call : { ...call, url });
      if (!isSuccess(answer) || answer.data === undefined) return { objects, problem: describeAnswer(answer) };
      for (const { start, end } of itemsAt(answer.data, 0) ?? []) {
        const problem = this.learn(answer.data.slice(start, end), 'pull');
        if (problem !== undefined) return { objects, problem };
        objects += 1;
      }
      url = nextLink(answer.headers.link);
    } while (url !== undefined && objects < 100_000);
    return { objects };
  }

  state(): Record<string, unknown> {
    const clients = [...this.known].map(([key, { status }]) => [key, status]);
    return { ...this.received, clients: Object.fromEntries(clients) };
  }

  private handle(request: ModuleRequest): Reply {
    const [country_code = '', party_id = '', ...more] = request.path;
    if (party_id === '' || more.length > 0) return refused(404, 2000, 'no such endpoint');
    const party = { country_code, party_id };
    if (request.method === 'GET') {
      this.received.get += 1;
      const [first] = this.of(party);
      return first === undefined ? refused(404, 2001, 'unknown party') : answerWith(first.text);
    }
    if (request.method !== 'PUT') return notAllowed('GET, PUT');
    this.received.put += 1;
    const body = readObject(request.body);
    const named = { country_code: textIn(body, 'country_code') ?? '', party_id: textIn(body, 'party_id') ?? '' };
    const key = `${partyKey(named)}/${textIn(body, 'role')}`;
    const isNew = !this.known.has(key);
    if (body !== undefined && !sameParty(named, party))
      return this.reject(request, 'URL and body name different parties');
    const problem = this.learn(request.body, 'push');
    if (problem !== undefined) return this.reject(request, problem);
    // Not forbidden, but nobody has to be told of itself (H-15).
    if (this.own.some((own) => sameParty(own, party))) this.received.own += 1;
    return accepted(isNew);
  }

  private reject(request: ModuleRequest, problem: string): Reply {
    this.received.rejected += 1;
    request.report('client-info', problem);
    return refused(200, 2001, problem);
  }

  /** Takes an object, unless a newer one is known; says what is wrong with it. */
  private learn(text: string, by: 'push' | 'pull'): string | undefined {
    const body = readObject(text);
    if (body === undefined) return 'no JSON object';
    const missing = missingIn(body, REQUIRED);
    if (missing.length > 0) return `${missing.join(', ')} missing`;
    const { country_code, party_id, role, status, last_updated } = body as Record<string, string>;
    if (country_code === undefined || party_id === undefined || role === undefined) return 'members are no strings';
    if (status === undefined || !STATUSES.has(status)) return `status is ${status}`;
    const stamp = stampOf(last_updated);
    if (last_updated === undefined || stamp === undefined) return 'last_updated is no DateTime';
    const key = `${partyKey({ country_code, party_id })}/${role}`;
    const before = stampOf(this.known.get(key)?.last_updated);
    if (before !== undefined && before > stamp) return by === 'push' ? 'older than what was told before' : undefined;
    this.known.set(key, { country_code, party_id, role, status, last_updated, text, by });
    return undefined;
  }
}
