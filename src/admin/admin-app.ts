import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import { acceptMessageId } from '../kernel/message-ids.js';
import type { HubEvents, HubMetrics } from '../platform/observability/index.js';
import type { AdminTokenCheck } from './admin-token.js';
import { endpointHandler } from './endpoint-handler.js';
import type { AdminPorts, Awaitable, Readiness } from './ports.js';
import { methodNotAllowed, unauthorized, unknownThing } from './problem.js';
import type { Route } from './route.js';
import { adminRoutes } from './routes/index.js';
import { sendProblem } from './send-problem.js';

/** A file of the operator's page. */
export interface StaticPage {
  /** Such as `/` or `/console.js`. */
  readonly path: string;
  readonly contentType: string;
  readonly body: string | Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

export interface AdminAppOptions {
  readonly ports: AdminPorts;
  readonly token: AdminTokenCheck;
  readonly readiness: () => Awaitable<Readiness>;
  readonly metrics: Pick<HubMetrics, 'text' | 'contentType'>;
  readonly events: Pick<HubEvents, 'adminServed' | 'adminFailed'>;
  /** The operator's page, served to anybody who reaches the listener; it holds nothing but code. */
  readonly pages: readonly StaticPage[];
  /** Of this hub's software. */
  readonly version: string;
  /** Names of the vendor objects that this hub knows, which can be switched per partner. */
  readonly vendorObjects?: readonly string[];
}

/**
 * The operator's side of the hub, for a listener of its own (T22). Open: `/health`, `/ready`, `/metrics` and the page.
 * Everything under `/api` needs the admin token, which is checked before a path is looked up or a body read.
 */
export function createAdminApp(options: AdminAppOptions): Express {
  const { ports, token, events, version, vendorObjects } = options;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', false);
  app.set('case sensitive routing', true);
  app.use(begin(events));
  mountOpen(app, options);
  app.use('/api', (request, _response, next) => {
    if (!token.allows(request.headers.authorization)) throw unauthorized();
    next();
  });
  const routes = adminRoutes(version, vendorObjects);
  for (const [path, records] of byPath(routes)) {
    const pattern = path.replace(/\{(\w+)\}/g, ':$1');
    for (const record of records) app[lower(record.method)](pattern, ...endpointHandler(record, ports));
    app.all(pattern, () => {
      throw methodNotAllowed(records.map(({ method }) => method));
    });
  }
  app.use(() => {
    throw unknownThing('page or call');
  });
  app.use(answerProblem(events));
  return app;
}

/** Gives every answer its id, forbids caches to keep it, and tells what became of it. */
function begin(events: AdminAppOptions['events']): RequestHandler {
  return (request, response, next) => {
    const startedAt = performance.now();
    const requestId = acceptMessageId(request.get('X-Request-ID'));
    const { method, path } = request;
    response.locals.requestId = requestId;
    response.set({ 'X-Request-ID': requestId, 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' });
    response.on('finish', () => {
      events.adminServed({
        method,
        path,
        status: response.statusCode,
        requestId,
        durationMs: performance.now() - startedAt,
      });
    });
    next();
  };
}

function mountOpen(app: Express, { readiness, metrics, pages }: AdminAppOptions): void {
  app.get('/health', (_request, response) => {
    response.json({ status: 'ok' });
  });
  app.get('/ready', async (_request, response) => {
    const state = await readiness();
    response.status(state.ready ? 200 : 503).json(state);
  });
  app.get('/metrics', async (_request, response) => {
    response.set('Content-Type', metrics.contentType).end(await metrics.text());
  });
  for (const page of pages)
    app.get(page.path, (_request, response) => {
      response.set({ ...page.headers, 'Content-Type': page.contentType }).end(page.body);
    });
}

/** The one place where what was thrown becomes an answer. */
function answerProblem(events: AdminAppOptions['events']): ErrorRequestHandler {
  return (error, _request, response, next) => {
    // Half an answer cannot be turned into a problem; the connection is cut instead.
    if (response.headersSent) return next(error);
    const requestId: string = response.locals.requestId;
    sendProblem(response, error, requestId, (fault) => {
      events.adminFailed({ requestId, error: fault });
    });
  };
}

function byPath(routes: readonly Route[]): ReadonlyMap<string, readonly Route[]> {
  const groups = new Map<string, Route[]>();
  for (const route of routes) groups.set(route.path, [...(groups.get(route.path) ?? []), route]);
  return groups;
}

const lower = (method: Route['method']): 'get' | 'post' | 'patch' | 'delete' =>
  (({ GET: 'get', POST: 'post', PATCH: 'patch', DELETE: 'delete' }) as const)[method];
