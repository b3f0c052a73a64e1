import http from 'node:http';
import type { Socket } from 'node:net';
import { Router } from 'express';
import { systemClock } from '../../kernel/clock.js';
import { formatDateTime } from '../../kernel/date-time.js';
import { newMessageId } from '../../kernel/message-ids.js';
import { type InterfaceRole, interfaceRoles, isCustomModule, ocpiVersion } from '../../kernel/module-id.js';
import type { Caller } from '../partners/index.js';
import { watchConnections } from './close-gently.js';
import { customEndpoint } from './custom-modules.js';
import type { OcpiModule } from './define-module.js';
import type { BoundEndpoint, Mount } from './mount.js';
import type { RequestPipeline } from './request-pipeline.js';

/** A request and an answer of Node's own server. */
export type PlainRequest = http.IncomingMessage;
export type PlainResponse = http.ServerResponse;

/** Something beside OCPI on the public listener, with everything below one path to itself. */
export interface PublicMount {
  /** Such as `/ev/v3`, without a slash at the end. */
  readonly prefix: string;
  /** Answers by itself, errors included; never throws. */
  handle(request: PlainRequest, response: PlainResponse): void;
}

export interface PublicListenerOptions {
  /** What partners see in front of every path, without a slash at the end; known once the hub listens. */
  readonly publicUrl: () => string;
  readonly modules: readonly OcpiModule[];
  readonly pipeline: RequestPipeline;
  readonly isReady: () => { readonly ready: boolean };
  readonly patience?: Partial<Patience>;
  readonly mounts?: readonly PublicMount[];
}

/** Node's own server, listening or about to. */
export type PublicServer = http.Server;

/** How long a slow client is waited for, in ms (T12). */
export interface Patience {
  /** Until the headers are complete. */
  readonly headersMs: number;
  /** Until the whole request is there. */
  readonly requestMs: number;
  /** Time between two looks at who is late. */
  readonly checkMs: number;
}

const defaultPatience: Patience = { headersMs: 10_000, requestMs: 30_000, checkMs: 5_000 };

/** One endpoint of version details. */
export interface MountedEndpoint {
  readonly identifier: string;
  readonly role: InterfaceRole;
  readonly url: string;
}

/** Path of a functional module's interface below the public URL. */
export function interfacePath(module: string, role: InterfaceRole): string {
  return `/ocpi/${ocpiVersion}/${role.toLowerCase()}/${module}`;
}

/** Where a module's interface is mounted below the public URL. */
function mountPath(module: OcpiModule, role: InterfaceRole): string {
  if (module.id === 'versions') return '/ocpi';
  if (module.kind === 'functional') return interfacePath(module.id, role);
  const both = module.id !== 'credentials' && rolesOf(module).length > 1;
  return both ? interfacePath(module.id, role) : `/ocpi/${ocpiVersion}/${module.id}`;
}

/**
 * What version details list for a caller: just what is mounted, so that discovery cannot lie (V-03…V-08), and custom modules only for
 * those who agreed on them (V-10).
 */
export function mountedEndpoints(publicUrl: string, modules: readonly OcpiModule[], caller: Caller): MountedEndpoint[] {
  const known = modules
    .filter((module) => module.id !== 'versions')
    .flatMap((module) =>
      rolesOf(module)
        .filter((role) => module.isListedFor?.(caller, role) ?? true)
        .map((role) => ({ identifier: module.id, role, url: publicUrl + mountPath(module, role) })),
    );
  const custom = (caller.partner?.switches.custom_modules ?? []).flatMap((identifier) =>
    interfaceRoles.map((role) => ({ identifier, role, url: publicUrl + interfacePath(identifier, role) })),
  );
  return [...known, ...custom];
}

function rolesOf(module: OcpiModule): InterfaceRole[] {
  return (['SENDER', 'RECEIVER'] as const).filter((role) => module.interfaces[role] !== undefined);
}

/**
 * The public side of the hub: `express.Router()` on Node's own server.
 *
 * The full `express()` application would cost several times the CPU of a whole request here (it changes the prototype of every
 * request and response); its router costs next to nothing.
 */
export function createPublicListener(options: PublicListenerOptions): PublicServer {
  const router = createRouter(options);
  const { pipeline, mounts = [] } = options;
  const serve = (request: http.IncomingMessage, response: http.ServerResponse): void => {
    const { url = '' } = request;
    const mount = mounts.find(({ prefix }) => isBelow(url, prefix));
    if (mount) {
      mount.handle(request, response);
      return;
    }
    router(request as never, response as never, (error?: unknown) => {
      if (error === undefined) pipeline.refuseUrl(request, response);
      else pipeline.refuseRequest(error, request, response);
    });
  };
  // Node's own refusals (no Host, an unknown Expect) have no envelope and no ids (T-14, T-22); nothing here needs either header.
  const patience = { ...defaultPatience, ...options.patience };
  const server = http.createServer(
    {
      maxHeaderSize: 16 * 1024,
      requireHostHeader: false,
      headersTimeout: patience.headersMs,
      requestTimeout: patience.requestMs,
      connectionsCheckingInterval: patience.checkMs,
    },
    serve,
  );
  server.on('checkExpectation', serve);
  watchConnections(server);
  server.keepAliveTimeout = 65_000;
  server.maxHeadersCount = 100;
  server.maxConnections = 5_000;
  server.maxRequestsPerSocket = 10_000;
  server.on('clientError', answerUnreadable);
  // Without a listener Node treats an Upgrade as an ordinary request; nothing here is ever upgraded.
  server.on('connect', (_request, socket) => socket.destroy());
  return server;
}

function isBelow(url: string, prefix: string): boolean {
  if (!url.startsWith(prefix)) return false;
  const next = url[prefix.length];
  return next === undefined || next === '/' || next === '?';
}

function createRouter(options: PublicListenerOptions): Router {
  const router = Router({ caseSensitive: true });
  const { pipeline } = options;
  for (const module of options.modules) {
    for (const role of rolesOf(module)) {
      const path = mountPath(module, role);
      const mount: Mount = { module, interfaceRole: role, path, url: () => options.publicUrl() + path };
      const paths = byPath(module, role, mount);
      for (const [route, endpoints] of paths) {
        const handlers = router.route(path + route);
        const allow = endpoints.map((bound) => bound.endpoint.method);
        const refuse = (request: http.IncomingMessage, response: http.ServerResponse): void =>
          pipeline.refuseMethod(allow, request, response);
        // The router would run GET for it, and the rules know no such method (T-42).
        handlers.head(refuse);
        for (const bound of endpoints) {
          const method = bound.endpoint.method.toLowerCase() as 'get' | 'put' | 'patch' | 'post' | 'delete';
          handlers[method]((request, response) => void pipeline.handle(bound, request as never, response));
        }
        handlers.all(refuse);
      }
      // The URL that version details list exists, too: nothing is created by POST there (O-02). Other methods lack an object (O-01).
      if (!paths.has('')) {
        const allow = [...new Set([...paths.values()].flat().map((bound) => bound.endpoint.method))];
        // All methods, or the router would answer OPTIONS by itself: to strangers, and without the envelope.
        router.all(path, (request: http.IncomingMessage, response: http.ServerResponse) => {
          if (request.method === 'POST') pipeline.refuseMethod(allow, request, response);
          else pipeline.refuseUrl(request, response);
        });
      }
    }
  }
  for (const role of interfaceRoles) {
    const base = interfacePath('', role);
    router.all(`${base}:module{/*below}`, (request, response, next) => {
      const id = request.params.module;
      const endpoint = customEndpoint(request.method);
      if (typeof id !== 'string' || !isCustomModule(id) || !endpoint) return next();
      const path = interfacePath(id, role);
      const mount = { module: { id }, interfaceRole: role, path, url: () => options.publicUrl() + path, custom: true };
      void pipeline.handle({ kind: 'functional', mount, endpoint }, request as never, response as never);
    });
  }
  router.get('/health', (_request, response) => answerPlain(response, 200, { status: 'alive' }));
  router.get('/ready', (_request, response) => {
    const state = options.isReady();
    answerPlain(response, state.ready ? 200 : 503, { ready: state.ready });
  });
  return router;
}

function byPath(module: OcpiModule, role: InterfaceRole, mount: Mount): Map<string, BoundEndpoint[]> {
  const bound: BoundEndpoint[] =
    module.kind === 'functional'
      ? (module.interfaces[role] ?? []).map((endpoint) => ({ kind: 'functional', mount, endpoint }))
      : (module.interfaces[role] ?? []).map((endpoint) => ({ kind: 'configuration', mount, endpoint }));
  const paths = new Map<string, BoundEndpoint[]>();
  for (const entry of bound) paths.set(entry.endpoint.path, [...(paths.get(entry.endpoint.path) ?? []), entry]);
  return paths;
}

function answerPlain(response: http.ServerResponse, status: number, value: unknown): void {
  const body = JSON.stringify(value);
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Cache-Control': 'no-store',
    'Content-Length': Buffer.byteLength(body),
  });
  response.end(body);
}

/** What is no readable HTTP is answered in the envelope all the same, with ids of our own. */
function answerUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? '431 Request Header Fields Too Large'
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? '408 Request Timeout'
        : '400 Bad Request';
  const body = JSON.stringify({
    status_code: 2000,
    status_message: 'The request could not be read.',
    timestamp: formatDateTime(systemClock.now()),
  });
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
      `X-Request-ID: ${newMessageId()}\r\nX-Correlation-ID: ${newMessageId()}\r\nConnection: close\r\n\r\n${body}`,
  );
}
