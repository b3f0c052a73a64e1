import { randomUUID } from 'node:crypto';
import type { Clock } from '../../kernel/clock.js';
import { authorizationOf, type PeerLink } from '../handshake/peer-link.js';
import { checkAnswer } from './answer-checks.js';
import { joinUrl, routingHeaders } from './exchange.js';
import type { HttpClient } from './http-client.js';
import { type Inspector, partyIn } from './inspector.js';
import { type LegLog, namedParties } from './leg-log.js';
import { type OcpiAnswer, readEnvelope } from './ocpi-answer.js';
import type { OcpiCall } from './ocpi-call.js';

/** Not registered, or the peer does not offer the module. */
export class NotOfferedError extends Error {
  override readonly name = 'NotOfferedError';
}

/** What a client needs of its platform. */
export interface OcpiClientOptions {
  http: HttpClient;
  link: PeerLink;
  inspector: Inspector;
  legs: LegLog;
  clock: Clock;
}

/** Sends functional requests to the peer, with token, ids and routing headers, and checks those of the answers. */
export class OcpiClient {
  private authorization: { token: string; value: string } | undefined;

  constructor(private readonly options: OcpiClientOptions) {}

  /** Sends one request; rejects with `TransportError` without an answer, with {@link NotOfferedError} without an endpoint. */
  async call(call: OcpiCall): Promise<OcpiAnswer> {
    const { link, clock, http, legs } = this.options;
    const { peer } = link;
    if (peer === undefined) throw new NotOfferedError('not registered');
    const url = call.url ?? this.endpointUrl(call);
    const to = call.unrouted === true || call.open === true ? undefined : (call.to ?? link.peerParty());
    const from = call.unrouted === true ? undefined : call.from;
    const ids = { requestId: randomUUID(), correlationId: call.correlationId ?? randomUUID() };
    const headers: Record<string, string> = {
      Authorization: this.authorize(peer.outboundToken),
      'X-Request-ID': ids.requestId,
      'X-Correlation-ID': ids.correlationId,
    };
    if (call.body !== undefined) headers['Content-Type'] = 'application/json';
    for (const [name, value] of routingHeaders(to, from)) headers[name] = value;
    const at = clock.now();
    const answer = readEnvelope(await http.send({ method: call.method, url, headers, body: call.body }));
    checkAnswer(this.options.inspector, { call, url, to, from, peerParty: link.peerParty(), ...ids }, answer);
    if (legs.keeps(call.module)) {
      legs.note({
        direction: 'out',
        at,
        ms: clock.now() - at,
        module: call.module,
        role: call.role,
        method: call.method,
        target: call.url ?? (call.path ?? []).map((segment) => `/${segment}`).join('') + (call.query ?? ''),
        request_id: ids.requestId,
        correlation_id: ids.correlationId,
        ...namedParties(to, from),
        http: answer.http,
        ...(answer.code !== undefined && { code: answer.code }),
        answer: {
          ...namedParties(partyIn(answer.headers, 'to'), partyIn(answer.headers, 'from')),
          request_id: String(answer.headers['x-request-id']),
          correlation_id: String(answer.headers['x-correlation-id']),
        },
      });
    }
    return answer;
  }

  private endpointUrl(call: OcpiCall): string {
    const endpoint = this.options.link.endpoint(call.module, call.role);
    if (endpoint === undefined) throw new NotOfferedError(`the peer offers no ${call.module} ${call.role}`);
    return joinUrl(endpoint, ...(call.path ?? [])) + (call.query ?? '');
  }

  private authorize(token: string): string {
    if (this.authorization?.token !== token) this.authorization = { token, value: authorizationOf(token) };
    return this.authorization.value;
  }
}
