import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../kernel/clock.js';
import { acceptMessageId, type MessageIds } from '../../kernel/message-ids.js';
import type { InterfaceRole } from '../../kernel/module-id.js';
import {
  internalError,
  methodNotAllowed,
  notFound,
  OcpiError,
  tooManyRequests,
  unauthorized,
  unavailable,
} from '../../kernel/ocpi-error.js';
import type { PartyRef } from '../../kernel/party-ref.js';
import type { Caller } from '../partners/index.js';
import { routingHeaders } from '../routing/index.js';
import { isStorageFault, StorageUnavailable } from '../storage/index.js';
import { type ActingParty, admitParty } from './admit-party.js';
import type {
  Body,
  ConfigurationEndpoint,
  Method,
  OcpiModule,
  OcpiReply,
  OcpiRequest,
  PartyEndpoint,
} from './define-module.js';
import { EnvelopeWriter, type HeaderList } from './envelope-writer.js';
import { LateAnswers } from './late-answers.js';
import { LoadGate, type Ticket } from './load-gate.js';
import { RateLimit } from './rate-limit.js';
import { readBody } from './read-body.js';

/** Who is asking; the partner directory answers this. */
export interface Authenticator {
  authenticate(authorization: string | undefined): Caller | undefined;
  /**
   * Asked when a header opens nothing: resolves when it is known here what other nodes have given out, so that `authenticate` may be
   * asked once more. Undefined if that can bring nothing.
   */
  newsOf?(authorization: string | undefined): Promise<void> | undefined;
  touch(partnerId: string): void;
  isKnownParty(party: PartyRef): boolean;
}

/** What came of a request, for log and metrics. */
export interface RequestOutcome {
  readonly method: string;
  readonly path: string;
  readonly module: string;
  readonly interfaceRole: InterfaceRole | undefined;
  readonly partnerId: string | undefined;
  readonly ids: MessageIds;
  readonly httpStatus: number;
  readonly statusCode: number;
  readonly durationMs: number;
  /** The thrown thing, if it was a fault of ours. */
  readonly fault?: unknown;
}

export interface PipelineOptions {
  readonly clock: Clock;
  readonly authenticator: Authenticator;
  readonly hub: PartyRef;
  /** Requests per partner; undefined = no limit. */
  readonly rateLimit: { readonly perSecond: number; readonly burst: number } | undefined;
  /** Who is let in; by default its limits hold, and nothing is an overload. */
  readonly gate?: LoadGate;
  /** How late a refusal for load is; default a second, which is also what a connection gets that does not heed Retry-After. ms */
  readonly refusalPauseMs?: number;
  readonly observe: (outcome: RequestOutcome) => void;
}

/** Where an endpoint is mounted. */
export interface Mount {
  readonly module: OcpiModule;
  readonly interfaceRole: InterfaceRole;
  /** Public URL of the interface. */
  readonly url: () => string;
}

export type BoundEndpoint =
  | { readonly kind: 'configuration'; readonly mount: Mount; readonly endpoint: ConfigurationEndpoint }
  | { readonly kind: 'functional'; readonly mount: Mount; readonly endpoint: PartyEndpoint };

type Incoming = IncomingMessage & { params?: Record<string, string> };

interface Exchange {
  readonly request: Incoming;
  readonly response: ServerResponse;
  readonly ids: MessageIds;
  readonly headers: HeaderList;
  readonly startedAt: number;
  module: string;
  interfaceRole: InterfaceRole | undefined;
  partnerId: string | undefined;
  /** Since it was let in. */
  ticket: Ticket | undefined;
}

/** Failed authentications per minute and address before the address has to wait (T5). */
const failedAuthenticationsPerMinute = 20;

/** Refusals that wait at once, at most: as many as there can be connections. */
const mostRefusals = 5_000;

/**
 * The way of every request: ids → authenticate (before the body is read) → authorise the party → routing scenario → body →
 * operation → envelope. Errors become answers here and nowhere else.
 */
export class RequestPipeline {
  private readonly writer: EnvelopeWriter;
  private readonly failures: RateLimit;
  private readonly perPartner: RateLimit | undefined;
  private readonly gate: LoadGate;
  private readonly late: LateAnswers;
  private ending = false;
  private stopping = false;

  constructor(private readonly options: PipelineOptions) {
    this.writer = new EnvelopeWriter(options.clock);
    this.failures = new RateLimit(options.clock, failedAuthenticationsPerMinute / 60, failedAuthenticationsPerMinute);
    this.gate = options.gate ?? new LoadGate({ clock: options.clock });
    this.late = new LateAnswers(options.refusalPauseMs ?? 1_000, mostRefusals);
    if (options.rateLimit !== undefined)
      this.perPartner = new RateLimit(options.clock, options.rateLimit.perSecond, options.rateLimit.burst);
  }

  /** From now on every answer ends its connection, also those to requests under way. */
  endConnections(): void {
    this.ending = true;
  }

  /** From now on every request is answered 503; those under way are finished. */
  stop(): void {
    this.stopping = true;
    this.late.end();
  }

  async handle(bound: BoundEndpoint, request: Incoming, response: ServerResponse): Promise<void> {
    const exchange = this.open(request, response);
    exchange.module = bound.mount.module.id;
    exchange.interfaceRole = bound.mount.interfaceRole;
    let ticket: Ticket | undefined;
    try {
      const caller = this.admit(exchange, this.known(exchange) ?? (await this.knownElsewhere(exchange)));
      ticket = this.gate.enter(holderOf(caller));
      exchange.ticket = ticket;
      const reply =
        bound.kind === 'functional'
          ? await this.handleForParty(bound.mount, bound.endpoint, caller, exchange)
          : await this.handleConfiguration(bound.mount, bound.endpoint, caller, exchange);
      this.send(exchange, reply);
    } catch (error) {
      if (ticket) this.fail(exchange, error);
      else this.turnAway(exchange, error);
    } finally {
      if (ticket) this.gate.leave(ticket);
    }
  }

  /** A URL that exists with a method that does not (T-42). */
  refuseMethod(allow: readonly string[], request: Incoming, response: ServerResponse): void {
    this.refuse(request, response, () => methodNotAllowed(allow));
  }

  /** A URL that does not exist. Strangers get 401 first: they learn nothing. */
  refuseUrl(request: Incoming, response: ServerResponse): void {
    this.refuse(request, response, () => notFound());
  }

  /** Something the router itself threw, such as a path that cannot be decoded. */
  refuseRequest(error: unknown, request: Incoming, response: ServerResponse): void {
    const clientFault =
      error instanceof URIError || (error instanceof Error && 'status' in error && error.status === 400);
    this.refuse(request, response, () => (clientFault ? notFound() : error));
  }

  private refuse(request: Incoming, response: ServerResponse, reason: () => unknown): void {
    const exchange = this.open(request, response);
    try {
      this.admit(exchange, this.known(exchange));
      throw reason();
    } catch (error) {
      this.turnAway(exchange, error);
    }
  }

  private open(request: Incoming, response: ServerResponse): Exchange {
    const ids: MessageIds = {
      requestId: acceptMessageId(single(request.headers['x-request-id'])),
      correlationId: acceptMessageId(single(request.headers['x-correlation-id'])),
    };
    const headers = EnvelopeWriter.idHeaders(ids);
    return {
      request,
      response,
      ids,
      headers,
      startedAt: performance.now(),
      module: '',
      interfaceRole: undefined,
      partnerId: undefined,
      ticket: undefined,
    };
  }

  private known({ request }: Exchange): Caller | undefined {
    if (this.stopping) throw unavailable(5, 'The hub is stopping.');
    return this.options.authenticator.authenticate(request.headers.authorization);
  }

  /** Asks for what other nodes know; strangers of one address share the places of one caller meanwhile. */
  private async knownElsewhere(exchange: Exchange): Promise<Caller | undefined> {
    const { headers, socket } = exchange.request;
    const news = this.options.authenticator.newsOf?.(headers.authorization);
    if (news === undefined) return undefined;
    const ticket = this.gate.enter(`address ${socket.remoteAddress}`);
    try {
      await news;
      return this.known(exchange);
    } finally {
      this.gate.leave(ticket);
    }
  }

  private admit(exchange: Exchange, caller: Caller | undefined): Caller {
    if (!caller) throw this.refuseStranger(exchange.request);
    exchange.partnerId = caller.partner?.id;
    const limited = this.perPartner?.take(holderOf(caller)) ?? 0;
    if (limited > 0) throw tooManyRequests(limited);
    if (caller.partner) this.options.authenticator.touch(caller.partner.id);
    return caller;
  }

  /** Who guesses has to wait (T5); who shares the address of one, such as a proxy's, and has a good token, has not. */
  private refuseStranger({ headers, socket }: Incoming): OcpiError {
    // Who shows no token guesses none.
    if (headers.authorization === undefined) return unauthorized();
    const wait = this.failures.take(socket.remoteAddress ?? '');
    return wait > 0 ? tooManyRequests(wait) : unauthorized();
  }

  private async handleConfiguration(
    mount: Mount,
    endpoint: ConfigurationEndpoint,
    caller: Caller,
    exchange: Exchange,
  ): Promise<OcpiReply> {
    if (!caller.partner && endpoint.access === 'registered') throw unauthorized();
    return endpoint.handle(requestOf(mount, caller, exchange, await this.body(endpoint.bodyLimit, exchange)));
  }

  private async handleForParty(
    mount: Mount,
    endpoint: PartyEndpoint,
    caller: Caller,
    exchange: Exchange,
  ): Promise<OcpiReply> {
    const partner = caller.partner;
    // A registration token opens versions and credentials only (T-04).
    if (!partner || mount.module.id === 'versions') throw unauthorized();
    const acting: ActingParty = admitParty({
      partner,
      endpoint,
      module: mount.module.id,
      interfaceRole: mount.interfaceRole,
      method: exchange.request.method ?? 'GET',
      headers: exchange.request.headers,
      params: exchange.request.params ?? {},
      hub: this.options.hub,
      isKnownParty: (party) => this.options.authenticator.isKnownParty(party),
      onRequester: (from) => addRoutingHeaders(exchange.headers, from, this.options.hub),
    });
    const body = endpoint.bodyLimit === undefined ? undefined : await this.body(endpoint.bodyLimit, exchange);
    return endpoint.handle(Object.assign(requestOf(mount, caller, exchange, body), { partner, ...acting }));
  }

  private async body(limit: number | undefined, exchange: Exchange): Promise<Body | undefined> {
    const { request, ticket } = exchange;
    if (limit === undefined) return undefined;
    return readBody(request, limit, ticket && ((bytes) => this.gate.hold(ticket, bytes)));
  }

  private send(exchange: Exchange, reply: OcpiReply): void {
    const { response, headers } = exchange;
    if (this.ending) response.shouldKeepAlive = false;
    let httpStatus = 200;
    switch (reply.kind) {
      case 'done': {
        httpStatus = reply.httpStatus ?? 200;
        const text = reply.data === undefined ? undefined : JSON.stringify(reply.data);
        this.writer.success(response, httpStatus, text, headers);
        break;
      }
      case 'text':
        this.writer.success(response, 200, reply.dataText, headers);
        break;
      case 'page': {
        headers.push('X-Total-Count', String(reply.totalCount), 'X-Limit', String(reply.limit));
        if (reply.next) headers.push('Link', `<${reply.next}>; rel="next"`);
        const gzip = acceptsGzip(exchange.request) ? reply.compressed() : undefined;
        if (reply.release) response.once('close', reply.release);
        this.writer.page(response, reply.page, gzip, headers);
        break;
      }
    }
    this.report(exchange, httpStatus, 1000);
  }

  private turnAway(exchange: Exchange, error: unknown): void {
    // A pause is for partners who send too much; strangers, and whoever comes while the hub stops, are sent away at once.
    const forLoad =
      exchange.partnerId !== undefined &&
      error instanceof OcpiError &&
      (error.httpStatus === 429 || error.httpStatus === 503);
    if (forLoad) this.late.add(() => this.fail(exchange, error));
    else this.fail(exchange, error);
  }

  private fail(exchange: Exchange, thrown: unknown): void {
    const { request, response, headers } = exchange;
    const error = errorOf(thrown);
    if (response.headersSent || response.destroyed) return;
    if (this.ending) response.shouldKeepAlive = false;
    // A large body that nobody will read is not worth draining.
    if (Number(request.headers['content-length'] ?? 0) > 16 * 1024 * 1024) headers.push('Connection', 'close');
    try {
      this.writer.failure(response, error, headers);
    } catch {
      // Node refused the headers; without them the answer still goes out in the envelope, with both ids.
      this.writer.failure(response, error, EnvelopeWriter.idHeaders(exchange.ids));
    }
    this.report(exchange, error.httpStatus, error.statusCode, thrown instanceof OcpiError ? undefined : thrown);
  }

  private report(exchange: Exchange, httpStatus: number, statusCode: number, fault?: unknown): void {
    this.options.observe({
      method: exchange.request.method ?? '',
      path: (exchange.request.url ?? '').split('?', 1)[0] ?? '',
      module: exchange.module,
      interfaceRole: exchange.interfaceRole,
      partnerId: exchange.partnerId,
      ids: exchange.ids,
      httpStatus,
      statusCode,
      durationMs: performance.now() - exchange.startedAt,
      ...(fault === undefined ? {} : { fault }),
    });
  }
}

/** Whom a request is counted for: a partner with all its tokens, or an invite. */
function holderOf(caller: Caller): string {
  return caller.partner?.id ?? caller.credentialId;
}

function errorOf(thrown: unknown): OcpiError {
  if (thrown instanceof OcpiError) return thrown;
  if (thrown instanceof StorageUnavailable || isStorageFault(thrown))
    return unavailable(5, 'The hub cannot store at the moment.');
  return internalError();
}

const noQuery = new URLSearchParams();

function requestOf(mount: Mount, caller: Caller, exchange: Exchange, body: Body | undefined): OcpiRequest {
  const { request } = exchange;
  const target = request.url ?? '';
  const question = target.indexOf('?');
  return {
    method: (request.method ?? 'GET') as Method,
    ids: exchange.ids,
    caller,
    params: request.params ?? {},
    query: question === -1 ? noQuery : new URLSearchParams(target.slice(question + 1)),
    url: mount.url(),
    remoteAddress: request.socket.remoteAddress ?? '',
    ...(body ? { body } : {}),
  };
}

/** The answer goes back to the requester, from the hub. */
function addRoutingHeaders(headers: HeaderList, requester: PartyRef, hub: PartyRef): void {
  for (const [name, value] of Object.entries(routingHeaders(requester, hub))) headers.push(name, value);
}

function acceptsGzip(request: IncomingMessage): boolean {
  const accepted = request.headers['accept-encoding'];
  return typeof accepted === 'string' && /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/.test(accepted);
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
