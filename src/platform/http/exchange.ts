import type { IncomingMessage, ServerResponse } from 'node:http';
import { acceptMessageId, type MessageIds } from '../../kernel/message-ids.js';
import type { InterfaceRole } from '../../kernel/module-id.js';
import type { PartyRef } from '../../kernel/party-ref.js';
import type { Caller, Partner } from '../partners/index.js';
import { newTrace, type RouteTrace, type Scenario } from '../routing/index.js';
import type { ActingParty } from './admit-party.js';
import type { Body, Method, OcpiRequest, PartyRequest } from './define-module.js';
import type { Ticket } from './load-gate.js';
import type { Mount } from './mount.js';

export type Incoming = IncomingMessage & { params?: Record<string, string> };

const noQuery = new URLSearchParams();
/** A request may name its whole URL (RFC 9112 §3.2.2); the router has matched its path alone. */
const inFrontOfPath = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i;

/** One request on its way through the pipeline, and what is known of it so far. */
export class Exchange {
  readonly ids: MessageIds;
  readonly startedAt = performance.now();
  readonly trace: RouteTrace = newTrace();
  module = '';
  interfaceRole: InterfaceRole | undefined;
  partner: Partner | undefined;
  /** Since it was let in. */
  ticket: Ticket | undefined;
  /** Whom the answer is for, where a party asks: refusals carry the routing headers, too. */
  requester: PartyRef | undefined;
  private gone: AbortController | undefined;

  constructor(
    readonly request: Incoming,
    readonly response: ServerResponse,
  ) {
    this.ids = {
      requestId: acceptMessageId(single(request.headers['x-request-id'])),
      correlationId: acceptMessageId(single(request.headers['x-correlation-id'])),
    };
  }

  /** Aborts when the caller goes away before it has its answer. */
  get signal(): AbortSignal {
    if (!this.gone) {
      const gone = new AbortController();
      this.gone = gone;
      if (this.response.closed) gone.abort();
      this.response.once('close', () => {
        if (!this.response.writableFinished) gone.abort();
      });
    }
    return this.gone.signal;
  }

  /** What an operation sees of it. */
  requestOf(mount: Mount, caller: Caller, body: Body | undefined): OcpiRequest {
    const { request } = this;
    return {
      method: (request.method ?? 'GET') as Method,
      ids: this.ids,
      caller,
      params: request.params ?? {},
      query: this.queryText === '' ? noQuery : new URLSearchParams(this.queryText),
      url: mount.url(),
      remoteAddress: request.socket.remoteAddress ?? '',
      ...(body ? { body } : {}),
    };
  }

  /** The same where a party acts. */
  partyRequestOf(
    mount: Mount,
    caller: Caller,
    partner: Partner,
    acting: ActingParty,
    body: Body | undefined,
  ): PartyRequest {
    return new RequestOfParty(this, this.requestOf(mount, caller, body), mount, partner, acting);
  }

  /** The query as received, without `?`. */
  get queryText(): string {
    const target = this.request.url ?? '';
    const question = target.indexOf('?');
    return question === -1 ? '' : target.slice(question + 1);
  }

  /** What follows the mounted path, as received; a slash alone is nothing (T-32). */
  pathBelow(mounted: string): string {
    const target = (this.request.url ?? '').replace(inFrontOfPath, '');
    const question = target.indexOf('?');
    const path = target.slice(mounted.length, question === -1 ? undefined : question);
    return path === '/' ? '' : path;
  }
}

/**
 * A class for the sake of its one getter: as part of an object literal it would give every request a hidden class of its own, which
 * lives among the old objects and keeps the whole request alive until these are collected. For a short list that was a third of all CPU time.
 */
class RequestOfParty implements PartyRequest {
  readonly method: Method;
  readonly ids: MessageIds;
  readonly caller: Caller;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly url: string;
  readonly remoteAddress: string;
  readonly body?: Body;
  readonly from: PartyRef;
  readonly scenario: Scenario;
  readonly module: PartyRequest['module'];
  readonly interfaceRole: InterfaceRole;
  readonly path: string;
  readonly queryText: string;
  readonly trace: RouteTrace;

  constructor(
    private readonly exchange: Exchange,
    request: OcpiRequest,
    mount: Mount,
    readonly partner: Partner,
    acting: ActingParty,
  ) {
    this.method = request.method;
    this.ids = request.ids;
    this.caller = request.caller;
    this.params = request.params;
    this.query = request.query;
    this.url = request.url;
    this.remoteAddress = request.remoteAddress;
    if (request.body) this.body = request.body;
    this.from = acting.from;
    this.scenario = acting.scenario;
    this.module = mount.module.id;
    this.interfaceRole = mount.interfaceRole;
    this.path = exchange.pathBelow(mount.path);
    this.queryText = exchange.queryText;
    this.trace = exchange.trace;
  }

  get signal(): AbortSignal {
    return this.exchange.signal;
  }
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
