import type { ServerResponse } from 'node:http';
import type { Clock } from '../../kernel/clock.js';
import { withoutMembers } from '../../kernel/json-text.js';
import type { MessageIds } from '../../kernel/message-ids.js';
import type { InterfaceRole, Role } from '../../kernel/module-id.js';
import { nestedObjects } from '../../kernel/nested-objects.js';
import {
  hubError,
  internalError,
  methodNotAllowed,
  notFound,
  OcpiError,
  tooManyRequests,
  unauthorized,
  unavailable,
} from '../../kernel/ocpi-error.js';
import { type PartyRef, partyKey } from '../../kernel/party-ref.js';
import type { Router } from '../forwarding/index.js';
import type { Caller } from '../partners/index.js';
import type { RouteTrace } from '../routing/index.js';
import { isStorageFault, StorageUnavailable } from '../storage/index.js';
import { admitParty } from './admit-party.js';
import type { Body, ConfigurationEndpoint, OcpiReply, PartyEndpoint, PartyRequest } from './define-module.js';
import { relayed } from './define-module.js';
import { EnvelopeWriter } from './envelope-writer.js';
import { Exchange, type Incoming } from './exchange.js';
import { LateAnswers } from './late-answers.js';
import { LoadGate, type Ticket } from './load-gate.js';
import type { BoundEndpoint, Mount } from './mount.js';
import { orderOf, referenceIn } from './order-of.js';
import { PartnerLimits } from './partner-limits.js';
import { RateLimit } from './rate-limit.js';
import { readBody, readOptionalBody } from './read-body.js';
import { ReplyWriter, type Written } from './reply-writer.js';

/** Who is asking; the partner directory answers this. */
export interface Authenticator {
  authenticate(authorization: string | undefined): Caller | undefined;
  /**
   * Asked when a header opens nothing: resolves when it is known here what other nodes have given out, so that `authenticate` may be
   * asked once more. Undefined if that can bring nothing.
   */
  newsOf?(authorization: string | undefined): Promise<void> | undefined;
  touch(partnerId: string): void;
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
  /** How it was routed, and why. */
  readonly trace: RouteTrace;
  /** The thrown thing, if it was a fault of ours. */
  readonly fault?: unknown;
}

export interface PipelineOptions {
  readonly clock: Clock;
  readonly authenticator: Authenticator;
  readonly hub: PartyRef;
  /** Passes on what is for one party; without one that is refused. */
  readonly router?: Pick<Router, 'direct' | 'open' | 'follow'>;
  /** Roles of a party that stands behind a partner which is itself a hub. */
  readonly rolesBehind?: (partnerId: string, party: PartyRef) => readonly Role[];
  /** Requests per partner; undefined = no limit. */
  readonly rateLimit: { readonly perSecond: number; readonly burst: number } | undefined;
  /** Who is let in; by default its limits hold, and nothing is an overload. */
  readonly gate?: LoadGate;
  /** How late a refusal for load is; default a second, which is also what a connection gets that does not heed Retry-After. ms */
  readonly refusalPauseMs?: number;
  readonly observe: (outcome: RequestOutcome) => void;
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
  private readonly writer: ReplyWriter;
  private readonly failures: RateLimit;
  private readonly partnerLimits: PartnerLimits;
  private readonly gate: LoadGate;
  private readonly late: LateAnswers;
  private ending = false;
  private stopping = false;

  constructor(private readonly options: PipelineOptions) {
    this.writer = new ReplyWriter(new EnvelopeWriter(options.clock), options.hub);
    this.failures = new RateLimit(options.clock, failedAuthenticationsPerMinute / 60, failedAuthenticationsPerMinute);
    this.gate = options.gate ?? new LoadGate({ clock: options.clock });
    this.late = new LateAnswers(options.refusalPauseMs ?? 1_000, mostRefusals);
    this.partnerLimits = new PartnerLimits(options.clock, options.rateLimit);
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
    const exchange = new Exchange(request, response);
    // Whoever calls chooses the name of a custom module: it counts once it is known to be agreed on, or figures would grow with it (T12).
    if (!bound.mount.custom) exchange.module = bound.mount.module.id;
    exchange.interfaceRole = bound.mount.interfaceRole;
    let ticket: Ticket | undefined;
    try {
      const caller = this.admit(exchange, this.known(exchange) ?? (await this.knownElsewhere(exchange)));
      ticket = this.gate.enter(holderOf(caller), caller.partner?.switches.max_in_flight ?? undefined);
      exchange.ticket = ticket;
      const reply =
        bound.kind === 'functional'
          ? await this.handleForParty(bound.mount, bound.endpoint, caller, exchange)
          : await this.handleConfiguration(bound.mount, bound.endpoint, caller, exchange);
      await this.send(exchange, reply);
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
    const exchange = new Exchange(request, response);
    try {
      this.admit(exchange, this.known(exchange));
      throw reason();
    } catch (error) {
      this.turnAway(exchange, error);
    }
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
    exchange.partner = caller.partner;
    const limited = this.partnerLimits.take(holderOf(caller), caller.partner);
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
    return endpoint.handle(exchange.requestOf(mount, caller, await this.body(endpoint, exchange)));
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
    if (mount.custom && !partner.switches.custom_modules.includes(mount.module.id)) throw notFound();
    exchange.module = mount.module.id;
    const { trace, request } = exchange;
    const acting = admitParty({
      partner,
      endpoint,
      interfaceRole: mount.interfaceRole,
      method: request.method ?? 'GET',
      headers: request.headers,
      params: request.params ?? {},
      hub: this.options.hub,
      ...(this.options.rolesBehind ? { rolesBehind: this.options.rolesBehind } : {}),
      onRequester: (from) => {
        exchange.requester = from;
        trace.from = partyKey(from);
      },
      onReceiver: (to) => {
        trace.to = partyKey(to);
      },
    });
    const body = await this.body(endpoint, exchange);
    return this.route(endpoint, exchange.partyRequestOf(mount, caller, partner, acting, body));
  }

  /** To the hub's own operation, or on to the party that it is for. */
  private async route(endpoint: PartyEndpoint, request: PartyRequest): Promise<OcpiReply> {
    const { scenario, trace } = request;
    const { router } = this.options;
    const reference = request.interfaceRole === 'SENDER' && request.method === 'GET' ? referenceIn(request) : undefined;
    if (router && reference !== undefined) return relayed(await router.follow(orderOf(request), reference));
    switch (scenario.kind) {
      case 'direct':
        if (!router) throw hubError('This hub does not forward messages to a single party; address the hub itself.');
        return relayed(await router.direct(orderOf(request), scenario.to, endpoint.passage));
      case 'open': {
        const sought = await endpoint.seek?.(request);
        if (!router || !sought) throw hubError('This hub does not forward messages; address the hub itself.');
        return relayed(await router.open(orderOf(request), sought, endpoint.passage));
      }
      default:
        trace.scenario = scenario.kind === 'own-url' ? 'continuation' : scenario.kind;
        trace.rules.push(ruleOf[scenario.kind]);
        if (!endpoint.handle) throw internalError();
        return withheldFrom(await endpoint.handle(request), request);
    }
  }

  private async body(
    { bodyLimit, bodyOptional = false }: { readonly bodyLimit?: number; readonly bodyOptional?: boolean },
    { request, ticket }: Exchange,
  ): Promise<Body | undefined> {
    if (bodyLimit === undefined) return undefined;
    const read = bodyOptional ? readOptionalBody : readBody;
    return read(request, bodyLimit, ticket && ((bytes) => this.gate.hold(ticket, bytes)));
  }

  private async send(exchange: Exchange, reply: OcpiReply): Promise<void> {
    const { response } = exchange;
    if (this.ending) response.shouldKeepAlive = false;
    this.report(exchange, await this.writer.reply(exchange, reply));
  }

  private turnAway(exchange: Exchange, error: unknown): void {
    // A pause is for partners who send too much; strangers, and whoever comes while the hub stops, are sent away at once.
    const forLoad =
      exchange.partner !== undefined &&
      error instanceof OcpiError &&
      (error.httpStatus === 429 || error.httpStatus === 503);
    if (forLoad) this.late.add(() => this.fail(exchange, error));
    else this.fail(exchange, error);
  }

  private fail(exchange: Exchange, thrown: unknown): void {
    const { response } = exchange;
    if (response.headersSent || response.destroyed) return;
    if (this.ending) response.shouldKeepAlive = false;
    const written = this.writer.refuse(exchange, errorOf(thrown));
    this.report(exchange, written, thrown instanceof OcpiError ? undefined : thrown);
  }

  private report(exchange: Exchange, { httpStatus, statusCode }: Written, fault?: unknown): void {
    this.options.observe({
      method: exchange.request.method ?? '',
      path: (exchange.request.url ?? '').split('?', 1)[0] ?? '',
      module: exchange.module,
      interfaceRole: exchange.interfaceRole,
      partnerId: exchange.partner?.id,
      ids: exchange.ids,
      httpStatus,
      statusCode,
      durationMs: performance.now() - exchange.startedAt,
      trace: exchange.trace,
      ...(fault === undefined ? {} : { fault }),
    });
  }
}

/** A single object without the vendor objects that this partner is not sent; its own it gets back as it is. */
function withheldFrom(reply: OcpiReply, { scenario, partner }: PartyRequest): OcpiReply {
  const { withheld } = partner.switches;
  if (reply.kind !== 'text' || scenario.kind !== 'get-all' || withheld.length === 0) return reply;
  return { ...reply, dataText: withoutMembers(reply.dataText, withheld, nestedObjects) };
}

/** By which rule the hub itself answers. */
const ruleOf = { broadcast: 'R-18', 'get-all': 'R-38', 'owner-check': 'R-49', 'own-url': 'R-44' } as const;

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
