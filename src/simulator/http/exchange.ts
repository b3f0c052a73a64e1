import type { PartyRef } from '../../kernel/party-ref.js';
import { toWire } from '../wire/wire-text.js';

/** A party of a simulated platform with the role that it plays. */
export interface SimulatedParty extends PartyRef {
  role: string;
  name?: string;
}

/** A request to one of the functional modules, after authentication and routing. */
export interface ModuleRequest {
  method: string;
  /** Decoded path segments behind the endpoint's own URL. */
  path: string[];
  query: string;
  /** Wire text. */
  body: string;
  to: PartyRef | undefined;
  from: PartyRef | undefined;
  requestId: string;
  correlationId: string;
  /** For breaches that only the module can see. */
  report: (kind: string, detail?: string) => void;
}

/** What a module answers. `data` is JSON as wire text. */
export interface Reply {
  http: number;
  code: number;
  message?: string;
  data?: string;
  headers?: [string, string][];
}

/**
 * Who may stand in FROM where the peer is a hub; behind any other peer, always and only its own parties.
 * - `owner`: the hub itself, or the party whose object the URL names. A broadcast comes from the hub, what is meant for one
 *   party from the owner.
 * - `anybody`: the hub itself, or a party.
 * - `party`: a party, never the hub: what is passed on from one party to another.
 * - `unrouted`: nobody, and nobody in TO: a configuration module.
 */
export type Callers = 'owner' | 'anybody' | 'party' | 'unrouted';

/** A module on one side, as listed in the version details. */
export interface SimulatedModule {
  /** A ModuleID or the name of a custom module. */
  identifier: string;
  role: 'SENDER' | 'RECEIVER';
  callers: Callers;
  handle(request: ModuleRequest): Reply | Promise<Reply>;
}

/** 200/1000 or 201/1000. */
export const accepted = (created = false): Reply => ({ http: created ? 201 : 200, code: 1000 });

/** 200/1000 with data (wire text). */
export const answerWith = (data: string, headers?: [string, string][]): Reply =>
  headers === undefined ? { http: 200, code: 1000, data } : { http: 200, code: 1000, data, headers };

/** 405 with what is offered instead (T-42). */
export const notAllowed = (allow: string): Reply => ({
  ...refused(405, 2000, 'method not offered'),
  headers: [['Allow', allow]],
});

/** An answer that refuses. */
export const refused = (http: number, code: number, message: string): Reply => ({ http, code, message });

/** The envelope of a reply, as wire text. Spec: 2.2.1 §4.1.7. */
export function envelopeText(reply: Reply, timestamp: string): string {
  const data = reply.data === undefined ? '' : `,"data":${reply.data}`;
  const message = reply.message === undefined ? '' : `,"status_message":${toWire(JSON.stringify(reply.message))}`;
  return `{"status_code":${reply.code}${message},"timestamp":"${timestamp}"${data}}`;
}

/** The routing headers of a message, TO first. Spec: 2.2.1 §4.1.8.2. */
export function routingHeaders(to: PartyRef | undefined, from: PartyRef | undefined): [string, string][] {
  const headers: [string, string][] = [];
  if (to !== undefined) headers.push(['OCPI-to-country-code', to.country_code], ['OCPI-to-party-id', to.party_id]);
  if (from !== undefined) {
    headers.push(['OCPI-from-country-code', from.country_code], ['OCPI-from-party-id', from.party_id]);
  }
  return headers;
}

/** The path below a URL's origin, split and decoded; undefined if the encoding is broken. */
export function pathSegments(path: string): string[] | undefined {
  const trimmed = path.replace(/^\/|\/$/g, '');
  if (trimmed === '') return [];
  if (!trimmed.includes('%')) return trimmed.split('/');
  try {
    return trimmed.split('/').map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

/** Joins an endpoint's URL and path segments with exactly one slash between (T-32). */
export function joinUrl(base: string, ...segments: string[]): string {
  return [base.replace(/\/$/, ''), ...segments.map(encodeURIComponent)].join('/');
}
