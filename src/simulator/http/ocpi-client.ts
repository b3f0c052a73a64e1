import { randomUUID } from 'node:crypto';
import type { PartyRef } from '../../kernel/party-ref.js';
import { authorizationOf, type PeerLink } from '../handshake/peer-link.js';
import { joinUrl, routingHeaders } from './exchange.js';
import type { HttpClient } from './http-client.js';
import { type OcpiAnswer, readEnvelope } from './ocpi-answer.js';

/** A request to the peer's endpoint of a module. */
export interface OcpiCall {
  method: string;
  module: string;
  role: 'SENDER' | 'RECEIVER';
  /** Segments behind the endpoint's URL. */
  path?: string[];
  /** With its question mark. */
  query?: string;
  /** Takes the place of endpoint, path and query: the `Link` of a page. */
  url?: string;
  /** Wire text. */
  body?: string | undefined;
  from?: PartyRef | undefined;
  /** Default: the peer's own party (a hub is asked for all, and told for all). */
  to?: PartyRef | undefined;
  correlationId?: string;
}

/** Not registered, or the peer does not offer the module. */
export class NotOfferedError extends Error {
  override readonly name = 'NotOfferedError';
}

/** Sends functional requests to the peer, with token, ids and routing headers. */
export class OcpiClient {
  private authorization: { token: string; value: string } | undefined;

  constructor(
    private readonly http: HttpClient,
    private readonly link: PeerLink,
  ) {}

  /** Sends one request; rejects with `TransportError` without an answer, with {@link NotOfferedError} without an endpoint. */
  async call(call: OcpiCall): Promise<OcpiAnswer> {
    const { peer } = this.link;
    const endpoint = this.link.endpoint(call.module, call.role);
    if (peer === undefined) throw new NotOfferedError('not registered');
    if (endpoint === undefined) throw new NotOfferedError(`the peer offers no ${call.module} ${call.role}`);
    const headers: Record<string, string> = {
      Authorization: this.authorize(peer.outboundToken),
      'X-Request-ID': randomUUID(),
      'X-Correlation-ID': call.correlationId ?? randomUUID(),
    };
    if (call.body !== undefined) headers['Content-Type'] = 'application/json';
    for (const [name, value] of routingHeaders(call.to ?? this.link.peerParty(), call.from)) headers[name] = value;
    const url = call.url ?? joinUrl(endpoint, ...(call.path ?? [])) + (call.query ?? '');
    return readEnvelope(await this.http.send({ method: call.method, url, headers, body: call.body }));
  }

  private authorize(token: string): string {
    if (this.authorization?.token !== token) this.authorization = { token, value: authorizationOf(token) };
    return this.authorization.value;
  }
}
