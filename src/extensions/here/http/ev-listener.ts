import { acceptMessageId, newMessageId } from '../../../kernel/message-ids.js';
import type { PlainRequest, PlainResponse, PublicMount } from '../../../platform/http/index.js';
import { errorBody, sendJson } from './ev-answer.js';
import { badRequest, EvError, forbidden, notFound, unavailable, unknownKey } from './ev-error.js';
import type { EvKey, EvReply, EvRoute } from './ev-route.js';
import { RouteTable } from './route-table.js';

export const evPrefix = '/ev/v3';

export interface EvListenerOptions {
  readonly routes: readonly EvRoute[];
  readonly keys: { find(text: string): EvKey | undefined };
  /** Whether the holder of a key may see what this owner (party key) has of a module. */
  readonly sees: (key: EvKey, owner: string, module: 'locations' | 'tariffs') => boolean;
  /** Takes one request of a key; 0, or the seconds to wait. */
  readonly limit?: (keyId: string) => number;
  /** Whether an error says that the storage is away for now. */
  readonly isAway?: (error: unknown) => boolean;
  /** Told of each answer: the pattern of its path, `unknown` if there is none, and its HTTP status. */
  readonly answered?: (path: string, status: number) => void;
  /** Told of what nobody expected. */
  readonly failed: (error: unknown, detail: { readonly path: string; readonly correlationId: string }) => void;
}

/** Apps in browsers read the answers as well; a key is no cookie, so any origin may. */
const openToBrowsers = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers':
    'X-Request-ID, X-Correlation-ID, Retry-After, ETag, Accept-Ranges, Content-Range, Content-Length, Repr-Digest',
};

/**
 * The EV data API on the public listener: read only, everything by key. Every answer carries `X-Correlation-ID`, and the
 * caller's `X-Request-ID` if it sent one. HERE sections 4 and 6.
 */
export function createEvListener(options: EvListenerOptions): PublicMount {
  const table = new RouteTable(options.routes);

  async function answer(
    request: PlainRequest,
    response: PlainResponse,
    correlationId: string,
    asked: { path: string },
  ): Promise<void> {
    const { method = 'GET', url = '' } = request;
    if (method === 'OPTIONS') return preflight(response);
    const [path = '', ...rest] = url.slice(evPrefix.length).split('?');
    const query = new URLSearchParams(rest.join('?'));
    const key = keyOf(request, query);
    const wait = options.limit?.(key.id) ?? 0;
    if (wait > 0)
      throw new EvError(429, 'too many requests with this key', 'Ask less often.', { 'Retry-After': String(wait) });
    const match = table.find(path);
    if (!match) throw notFound('there is nothing under this path');
    if (method !== 'GET' && method !== 'HEAD')
      throw new EvError(405, `${method} is not offered`, 'Use GET.', { Allow: 'GET, HEAD, OPTIONS' });
    const { route, params } = match;
    asked.path = route.path;
    if (route.scope !== undefined && !key.scopes.has(route.scope))
      throw forbidden(`this key has no right to read ${path.split('/')[1] ?? 'this'}`);
    for (const name of query.keys())
      if (!Object.hasOwn(route.parameters, name)) throw badRequest(`query ${named(name)} is not a known parameter`);
    const reply = await route.handle({
      params,
      query,
      key,
      correlationId,
      request,
      response,
      sees: (owner, module) => options.sees(key, owner, module),
    });
    send(request, response, reply);
  }

  function keyOf(request: PlainRequest, query: URLSearchParams): EvKey {
    const given = query.getAll('apiKey');
    query.delete('apiKey');
    const bearer = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1];
    if (bearer !== undefined) given.push(bearer);
    else if (request.headers.authorization !== undefined) throw unknownKey();
    const [text, ...others] = given;
    // Of two keys nobody can say which is meant.
    if (text === undefined || others.some((other) => other !== text)) throw unknownKey();
    const key = options.keys.find(text);
    if (!key) throw unknownKey();
    return key;
  }

  function refuse(request: PlainRequest, response: PlainResponse, error: unknown, correlationId: string): void {
    const refusal = asRefusal(error, request, correlationId);
    // Half an answer cannot be turned into a refusal; the connection is cut instead.
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const { status, headers } = refusal;
    const challenge = status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {};
    sendJson(request, response, status, JSON.stringify(errorBody(refusal, correlationId)), {
      ...challenge,
      ...headers,
    });
  }

  function asRefusal(error: unknown, request: PlainRequest, correlationId: string): EvError {
    if (error instanceof EvError) return error;
    if (options.isAway?.(error)) return unavailable('the data cannot be read at the moment');
    options.failed(error, { path: (request.url ?? '').split('?')[0] ?? '', correlationId });
    return new EvError(500, 'something went wrong in the hub', 'Tell its operator the correlation id.');
  }

  return {
    prefix: evPrefix,
    handle(request, response) {
      const correlationId = newMessageId();
      const requestId = request.headers['x-request-id'];
      response.setHeader('X-Correlation-ID', correlationId);
      if (typeof requestId === 'string') response.setHeader('X-Request-ID', acceptMessageId(requestId));
      for (const [name, value] of Object.entries(openToBrowsers)) response.setHeader(name, value);
      // Nothing here reads a body, and one that stays unread holds the connection.
      request.resume();
      const asked = { path: 'unknown' };
      answer(request, response, correlationId, asked)
        .catch((error: unknown) => refuse(request, response, error, correlationId))
        .finally(() => options.answered?.(asked.path, response.statusCode));
    },
  };
}

function preflight(response: PlainResponse): void {
  response.writeHead(204, {
    Allow: 'GET, HEAD, OPTIONS',
    'Access-Control-Allow-Methods': 'GET, HEAD',
    'Access-Control-Allow-Headers': 'Authorization, X-Request-ID, Last-Event-ID, Range, If-None-Match, If-Range',
    'Access-Control-Max-Age': '86400',
    'Content-Length': '0',
  });
  response.end();
}

function send(request: PlainRequest, response: PlainResponse, reply: EvReply): void {
  if (reply === 'taken') return;
  const body = 'text' in reply ? reply.text : JSON.stringify(reply.body);
  sendJson(request, response, reply.status ?? 200, body, reply.headers ?? {});
}

/** A name from outside as it may stand in an answer. */
const named = (name: string): string => JSON.stringify(name.length > 40 ? `${name.slice(0, 40)}…` : name);
