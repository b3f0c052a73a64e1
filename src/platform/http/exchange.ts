import type { IncomingMessage, ServerResponse } from 'node:http';
import { acceptMessageId, type MessageIds } from '../../kernel/message-ids.js';
import type { InterfaceRole } from '../../kernel/module-id.js';
import type { PartyRef } from '../../kernel/party-ref.js';
import type { Caller, Partner } from '../partners/index.js';
import { newTrace, type RouteTrace } from '../routing/index.js';
import type { ActingParty } from './admit-party.js';
import type { Body, Method, OcpiRequest, PartyRequest } from './define-module.js';
import type { Ticket } from './load-gate.js';
import type { Mount } from './mount.js';

export type Incoming = IncomingMessage & { params?: Record<string, string> };

const noQuery = new URLSearchParams();

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
    const exchange = this;
    return Object.assign(this.requestOf(mount, caller, body), {
      partner,
      from: acting.from,
      scenario: acting.scenario,
      module: mount.module.id,
      interfaceRole: mount.interfaceRole,
      path: this.pathBelow(mount.path),
      queryText: this.queryText,
      trace: this.trace,
      get signal() {
        return exchange.signal;
      },
    });
  }

  /** The query as received, without `?`. */
  get queryText(): string {
    const target = this.request.url ?? '';
    const question = target.indexOf('?');
    return question === -1 ? '' : target.slice(question + 1);
  }

  /** What follows the mounted path, as received; a slash alone is nothing (T-32). */
  private pathBelow(mounted: string): string {
    const target = this.request.url ?? '';
    const question = target.indexOf('?');
    const path = target.slice(mounted.length, question === -1 ? undefined : question);
    return path === '/' ? '' : path;
  }
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
