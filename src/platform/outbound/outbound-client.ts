import type { Clock } from '../../kernel/clock.js';
import { encodeAuthorization, withoutTokens } from '../../kernel/credentials-token.js';
import { correlationIdHeader, newMessageId, requestIdHeader } from '../../kernel/message-ids.js';
import { AgentPool } from './agent-pool.js';
import { CollectedExchange } from './collected-exchange.js';
import type { Call } from './exchange.js';
import { type Resolve, systemResolve } from './guarded-agent.js';
import {
  type CallLimits,
  defaultConnectMs,
  defaultLimits,
  forwardSockets,
  type Method,
  type OutboundOutcome,
  type OutboundRequest,
  type Profile,
  type Refused,
  type StreamOutcome,
} from './outbound-types.js';
import { readEnvelope } from './read-envelope.js';
import { StreamedExchange } from './streamed-exchange.js';
import { isOneOf, type Target, UrlGuard, type UrlPolicy, type UrlVerdict } from './url-guard.js';

export interface OutboundClientOptions {
  readonly policy: UrlPolicy;
  readonly clock: Clock;
  /** Limits other than {@link defaultLimits}. */
  readonly limits?: Readonly<Partial<Record<Profile, CallLimits>>>;
  /** Time for resolving, connecting and TLS together, ms. */
  readonly connectMs?: number;
  readonly resolve?: Resolve;
  /** Partner origins whose sockets are kept at a time. */
  readonly maxAgents?: number;
  /** Sockets per partner origin. */
  readonly socketsPerOrigin?: number;
  /** PEM certificates of authorities to trust instead of the system's. */
  readonly certificateAuthorities?: readonly string[];
}

/** What may go out twice when a kept socket turns out to be closed. A POST may create something twice. */
const repeatable: ReadonlySet<Method> = new Set(['GET', 'PUT', 'PATCH', 'DELETE']);

/**
 * Makes every call to a partner.
 *
 * `send` never rejects: whatever happens on the network is an outcome. Redirects are never followed; an answered 3xx is
 * an answer. Nothing is resolved or sent for a URL that {@link UrlGuard} refuses or whose origin is not the partner's.
 *
 * Spec: 2.2.1 §4.1.2 (T-01, T-02), §4.1.4 (T-11), §4.2 (T-19…T-23). Threats T8, T9, T11.
 */
export class OutboundClient {
  private readonly guard: UrlGuard;
  private readonly agents: AgentPool;
  /** Of messages that are passed on: neither do they wait for pushes, nor pushes for them. */
  private readonly forwardAgents: AgentPool;
  private readonly clock: Clock;
  private readonly limits: Readonly<Record<Profile, CallLimits>>;
  /**
   * Calls under way, by slot. Not a Set: one that turns over at this rate drags dead calls into the old generation with
   * its discarded tables, and half of the throughput was lost to the garbage collector (see README).
   */
  private readonly running: (Running | undefined)[] = [];
  private readonly freeSlots: number[] = [];
  private closed = false;

  constructor(options: OutboundClientOptions) {
    this.guard = new UrlGuard(options.policy);
    this.clock = options.clock;
    this.limits = { ...defaultLimits, ...options.limits };
    const pool = {
      guard: this.guard,
      resolve: options.resolve ?? systemResolve,
      connectMs: options.connectMs ?? defaultConnectMs,
      maxAgents: options.maxAgents ?? 500,
      ...(options.certificateAuthorities ? { ca: options.certificateAuthorities } : {}),
    };
    this.agents = new AgentPool({ ...pool, maxSockets: options.socketsPerOrigin ?? 10 });
    this.forwardAgents = new AgentPool({ ...pool, maxSockets: options.socketsPerOrigin ?? forwardSockets });
  }

  /** Makes one call. Times and sizes as its profile says. */
  async send(request: OutboundRequest): Promise<OutboundOutcome> {
    const checked = this.check(request);
    if (checked.kind === 'refused') return checked;
    const startedAt = this.clock.now();
    const requestId = request.requestId ?? newMessageId();
    const exchange = new CollectedExchange(this.callOf(request, checked.target, requestId));
    const slot = this.enter(exchange);
    const result = await exchange.run();
    this.leave(slot);
    if (result.kind === 'refused') return result;
    const durationMs = this.clock.now() - startedAt;
    if (result.kind === 'unreachable') return { ...result, requestId, durationMs };
    if (result.kind === 'ambiguous') return { ...result, bytesSent: true, requestId, durationMs };
    const { response, text } = result;
    const head = readEnvelope(text);
    return {
      kind: 'answered',
      httpStatus: response.statusCode ?? 0,
      statusCode: head?.statusCode,
      statusMessage: head?.statusMessage && withoutTokens(head.statusMessage, [request.token]),
      envelope: head !== undefined,
      text,
      ...(head?.data ? { data: head.data } : {}),
      headers: response.headers,
      requestId,
      durationMs,
    };
  }

  /**
   * Makes one call and hands the answer on while it arrives, so that a long one is never held whole. Like {@link send} in all else;
   * the bytes are not looked into.
   *
   * @param wholeUpTo an answer of so many bytes is waited for and handed over in one piece; of a longer one so much is waited for
   */
  async stream(request: OutboundRequest, wholeUpTo = 0): Promise<StreamOutcome> {
    const checked = this.check(request);
    if (checked.kind === 'refused') return checked;
    const startedAt = this.clock.now();
    const requestId = request.requestId ?? newMessageId();
    const call = this.callOf(request, checked.target, requestId);
    let slot = -1;
    const exchange = new StreamedExchange(call, wholeUpTo, () => this.leave(slot));
    slot = this.enter(exchange);
    const result = await exchange.run();
    if (result.kind === 'refused') return result;
    const durationMs = this.clock.now() - startedAt;
    if (result.kind === 'unreachable') return { ...result, requestId, durationMs };
    if (result.kind === 'ambiguous') return { ...result, bytesSent: true, requestId, durationMs };
    const { response, start, stream } = result;
    const { statusCode: httpStatus = 0, headers } = response;
    return { kind: 'answered', httpStatus, headers, start, stream, requestId, durationMs };
  }

  /** Ends the calls under way (they come out as `aborted`), closes all sockets; later calls are refused. */
  close(): Promise<void> {
    this.closed = true;
    for (const exchange of this.running) exchange?.abort();
    this.agents.close();
    this.forwardAgents.close();
    return Promise.resolve();
  }

  private check(request: OutboundRequest): UrlVerdict | Refused {
    if (this.closed) return { kind: 'refused', reason: 'closed' };
    const verdict = this.guard.check(request.url);
    if (verdict.kind === 'refused') return verdict;
    if (!isOneOf(request.origins, verdict.target.origin)) return { kind: 'refused', reason: 'foreign-origin' };
    return verdict;
  }

  private callOf(request: OutboundRequest, target: Target, requestId: string): Call {
    const { method, profile } = request;
    return {
      target: request.asWritten === true ? { ...target, path: writtenPath(request.url) ?? target.path } : target,
      method,
      headers: headersOf(request, target, requestId),
      body: request.body,
      limits: this.limits[profile],
      signal: request.signal,
      mayLeave: request.mayLeave,
      agent: (profile === 'forward' ? this.forwardAgents : this.agents).agentFor(target),
      // A forwarded message goes out at most once, whatever its method (P10).
      freshAgent: repeatable.has(method) && profile !== 'forward' ? () => this.agents.freshAgentFor(target) : undefined,
    };
  }

  private enter(exchange: Running): number {
    const slot = this.freeSlots.pop() ?? this.running.length;
    this.running[slot] = exchange;
    return slot;
  }

  private leave(slot: number): void {
    this.running[slot] = undefined;
    this.freeSlots.push(slot);
  }
}

/** A call under way. */
interface Running {
  abort(): void;
}

/** Path and query as they stand in a URL that the guard has let through. */
function writtenPath(url: string): string | undefined {
  const [, path] = /^https?:\/\/[^/?#]+(.*)$/i.exec(url) ?? [];
  return path === undefined || path.startsWith('/') ? path : `/${path}`;
}

function headersOf(request: OutboundRequest, target: Target, requestId: string): string[] {
  const headers = [
    'Host',
    target.host,
    'Authorization',
    encodeAuthorization(request.token, request.tokenForm),
    requestIdHeader,
    requestId,
    correlationIdHeader,
    request.correlationId ?? newMessageId(),
    'Accept',
    'application/json',
    // Decoders are attack surface (T11); an answer that is encoded all the same is thrown away unread.
    'Accept-Encoding',
    'identity',
    'User-Agent',
    'roamhub',
  ];
  if (request.headers) {
    for (const [name, value] of Object.entries(request.headers)) headers.push(name, value);
  }
  if (request.body !== undefined) {
    headers.push('Content-Type', 'application/json', 'Content-Length', String(Buffer.byteLength(request.body)));
  } else if (request.method !== 'GET' && request.method !== 'DELETE') headers.push('Content-Length', '0');
  return headers;
}
