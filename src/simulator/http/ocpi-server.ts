import { randomUUID } from 'node:crypto';
import type http from 'node:http';
import type { Clock } from '../../kernel/clock.js';
import type { PartyRef } from '../../kernel/party-ref.js';
import type { Fault } from '../faults/fault.js';
import type { FaultBox, FaultSubject } from '../faults/fault-box.js';
import { faultEffect, spoilAnswer } from '../faults/fault-effects.js';
import type { Handshake } from '../handshake/handshake.js';
import type { PeerLink, Standing } from '../handshake/peer-link.js';
import { stampText } from '../wire/stamp.js';
import {
  answerWith,
  envelopeText,
  pathSegments,
  type Reply,
  refused,
  routingHeaders,
  type SimulatedModule,
} from './exchange.js';
import type { Inspector } from './inspector.js';
import { type LegLog, namedParties } from './leg-log.js';

const MAX_BODY = 8 * 1024 * 1024;

/** What the server needs of its platform. */
export interface ServedPlatform {
  readonly parties: readonly PartyRef[];
  readonly link: PeerLink;
  readonly faults: FaultBox;
  readonly inspector: Inspector;
  readonly legs: LegLog;
  readonly handshake: Handshake;
  readonly clock: Clock;
  /** Path that all OCPI URLs have in common. */
  readonly path: string;
  readonly baseUrl: string;
  readonly versionsUrl: string;
}

interface Call {
  /** When it came, epoch milliseconds. */
  at: number;
  request: http.IncomingMessage;
  response: http.ServerResponse;
  body: Buffer;
  path: string;
  query: string;
  module: SimulatedModule | undefined;
  fault: Fault | undefined;
  to: PartyRef | undefined;
  from: PartyRef | undefined;
}

/**
 * The OCPI side of a simulated platform: authentication, checks, versions, credentials, modules and faults. Plain
 * `node:http`, so that a simulator takes as little as possible from the hub it is run against.
 */
export class OcpiServer {
  /** Requests received. */
  requests = 0;

  constructor(
    private readonly platform: ServedPlatform,
    private readonly modules: readonly SimulatedModule[],
  ) {}

  /** Takes a request; the listener of the HTTP server. */
  take(request: http.IncomingMessage, response: http.ServerResponse): void {
    this.requests += 1;
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_BODY) request.destroy();
      else chunks.push(chunk);
    });
    request.on('error', () => undefined);
    request.on('end', () => {
      const first = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
      this.run(request, response, first ?? Buffer.alloc(0));
    });
  }

  private run(request: http.IncomingMessage, response: http.ServerResponse, body: Buffer): void {
    const url = request.url ?? '/';
    const mark = url.indexOf('?');
    const path = mark < 0 ? url : url.slice(0, mark);
    const query = mark < 0 ? '' : url.slice(mark + 1);
    const module = this.modules.find((candidate) => isBelow(path, this.modulePath(candidate)));
    const call: Call = {
      at: this.platform.clock.now(),
      request,
      response,
      body,
      path,
      query,
      module,
      fault: undefined,
      to: undefined,
      from: undefined,
    };
    const { faults } = this.platform;
    const subject = subjectOf(call, module === undefined ? path : path.slice(this.modulePath(module).length));
    const late = faults.delay('late', subject);
    const go = (): void => {
      call.fault = faults.answerFault(subject);
      const slow = faults.delay('slow', subject);
      this.answer(call).then(
        (reply) => (slow > 0 ? void setTimeout(() => this.reply(call, reply), slow) : this.reply(call, reply)),
        (error: unknown) => this.reply(call, refused(500, 3000, String(error))),
      );
    };
    if (late > 0) setTimeout(go, late);
    else go();
  }

  private async answer(call: Call): Promise<Reply> {
    const { inspector, link } = this.platform;
    const { request, fault } = call;
    const admitted = link.standingOf(request.headers.authorization);
    if (admitted === undefined) {
      inspector.report(
        request,
        'authorization',
        request.headers.authorization === undefined ? 'missing' : 'unknown token',
      );
      return refused(401, 2000, 'unknown token');
    }
    inspector.checkMessage(request, call.body);
    if (fault !== undefined && faultEffect(fault) === 'refused') return faultReply(fault);
    if (call.module === undefined) return this.configuration(call, admitted.standing, admitted.token);
    if (admitted.standing === 'invited') return refused(401, 2000, 'not registered');
    const path = pathSegments(call.path.slice(this.modulePath(call.module).length));
    if (path === undefined) return refused(404, 2000, 'unreadable path');
    const { callers } = call.module;
    if (callers === 'unrouted') inspector.checkConfiguration(request);
    else {
      const expected = { ours: this.platform.parties, theirs: link.peer?.roles, callers, path };
      const routing = inspector.checkRouting(request, expected);
      call.to = routing.to;
      call.from = routing.from;
      if (routing.refusal !== undefined) return refused(200, 2001, routing.refusal);
    }
    return await call.module.handle({
      method: request.method ?? '',
      path,
      query: call.query,
      body: call.body.toString('latin1'),
      to: call.to,
      from: call.from,
      requestId: headerOf(request, 'x-request-id'),
      correlationId: headerOf(request, 'x-correlation-id'),
      report: (kind, detail) => inspector.report(request, kind, detail),
    });
  }

  private async configuration(call: Call, standing: Standing, token: string): Promise<Reply> {
    const { platform } = this;
    const { request } = call;
    platform.inspector.checkConfiguration(request);
    const method = request.method ?? '';
    const below = call.path.startsWith(platform.path) ? call.path.slice(platform.path.length).replace(/\/$/, '') : '';
    if (below === '/2.2.1/credentials') {
      return platform.handshake.receive(method, standing, token, call.body.toString('latin1'));
    }
    if (below !== '/versions' && below !== '/2.2.1/details') {
      platform.inspector.report(request, 'unknown-path');
      return refused(404, 2000, 'no such endpoint');
    }
    if (method !== 'GET') return { ...refused(405, 2000, 'only GET'), headers: [['Allow', 'GET']] };
    const details = `${platform.baseUrl}/2.2.1/details`;
    if (below === '/versions') return answerWith(JSON.stringify([{ version: '2.2.1', url: details }]));
    const endpoints = [
      { identifier: 'credentials', role: 'SENDER', url: `${platform.baseUrl}/2.2.1/credentials` },
      ...this.modules.map((module) => ({
        identifier: module.identifier,
        role: module.role,
        url: platform.baseUrl + modulePath(module),
      })),
    ];
    return answerWith(JSON.stringify({ version: '2.2.1', endpoints }));
  }

  private noteLeg({ at, module, request, path, query, to, from }: Call, reply: Reply): void {
    const { legs, clock } = this.platform;
    if (module === undefined || !legs.keeps(module.identifier)) return;
    const ids = {
      request_id: headerOf(request, 'x-request-id'),
      correlation_id: headerOf(request, 'x-correlation-id'),
    };
    legs.note({
      direction: 'in',
      at,
      ms: clock.now() - at,
      module: module.identifier,
      role: module.role,
      method: request.method ?? '',
      target: path.slice(this.modulePath(module).length) + (query === '' ? '' : `?${query}`),
      ...ids,
      ...namedParties(to, from),
      http: reply.http,
      code: reply.code,
      answer: { ...namedParties(from, to), ...ids },
    });
  }

  private modulePath(module: SimulatedModule): string {
    return this.platform.path + modulePath(module);
  }

  private reply(call: Call, reply: Reply): void {
    const { request, response, fault } = call;
    this.noteLeg(call, reply);
    if (response.destroyed) return;
    const body = envelopeText(reply, stampText(this.platform.clock.now()));
    const headers = [
      'X-Request-ID',
      headerOf(request, 'x-request-id'),
      'X-Correlation-ID',
      headerOf(request, 'x-correlation-id'),
      'Content-Type',
      'application/json',
      'Content-Length',
      String(body.length),
    ];
    if (call.module !== undefined) for (const pair of routingHeaders(call.from, call.to)) headers.push(...pair);
    for (const pair of reply.headers ?? []) headers.push(...pair);
    if (fault !== undefined && reply.http !== 401) {
      spoilAnswer({ fault, response, headers, body, status: reply.http });
      return;
    }
    response.writeHead(reply.http, headers);
    response.end(body, 'latin1');
  }
}

/** Path of an endpoint below the platform's base path. */
export const modulePath = (module: Pick<SimulatedModule, 'identifier' | 'role'>): string =>
  `/2.2.1/${module.role === 'SENDER' ? 'out' : 'in'}/${module.identifier}`;

/** The envelope of an answer that a fault puts in the place of the right one. */
function faultReply(fault: Fault): Reply {
  switch (fault.kind) {
    case 'status':
      return refused(fault.number ?? 503, (fault.number ?? 503) < 500 ? 2000 : 3000, 'simulated refusal');
    case 'retry-after':
      return refused(429, 2000, 'simulated overload');
    case 'unavailable':
      return refused(503, 3000, 'simulated overload');
    case 'reject2001':
      return refused(200, 2001, 'simulated refusal of this object');
    case 'ocpi3000':
      return refused(200, 3000, 'simulated failure');
    case 'patch404':
      return refused(404, 2003, 'simulated unknown object');
    default:
      return refused(500, 3000, 'simulated failure');
  }
}

const isBelow = (path: string, prefix: string): boolean =>
  path.startsWith(prefix) && (path.length === prefix.length || path.charCodeAt(prefix.length) === 47);

const headerOf = (request: http.IncomingMessage, name: string): string => {
  const value = request.headers[name];
  return typeof value === 'string' ? value : randomUUID();
};

const subjectOf = (call: Call, below: string): FaultSubject => ({
  method: call.request.method ?? '',
  configuration: call.module === undefined,
  objectKey: below.split('/').slice(1, 4).join('/').toUpperCase(),
});
