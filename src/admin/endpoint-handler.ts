import express, { type Request, type RequestHandler } from 'express';
import { type FieldError, matches, readQuery } from './check.js';
import type { AdminPorts } from './ports.js';
import { invalidRequest, unsupportedBody } from './problem.js';
import type { Route } from './route.js';
import { object } from './schema.js';

/** Largest body in bytes. */
export const bodyLimit = 256 * 1024;

const jsonReader = (limit: number): RequestHandler =>
  express.json({ limit, inflate: false, strict: false, type: () => true });
const readJson = jsonReader(bodyLimit);

/** The steps of one route: type of the body → body → query → handler → answer. Problems are thrown. */
export function endpointHandler(route: Route, ports: AdminPorts): RequestHandler[] {
  const serve: RequestHandler = async (request, response) => {
    const errors: FieldError[] = [];
    const query = queryOf(route, request, errors);
    const body = bodyOf(route, request, errors);
    if (errors.length > 0) throw invalidRequest(errors);
    const reply = await route.handle(ports, {
      params: request.params as Record<string, string>,
      query,
      body,
      actor: { name: 'operator', source: request.socket.remoteAddress ?? 'unknown' },
    });
    response.status(reply.status).set({ ...reply.headers });
    if (reply.body === undefined) response.end();
    else response.json(reply.body);
  };
  return route.body === undefined
    ? [serve]
    : [refuseOtherTypes, route.bodyBytes === undefined ? readJson : jsonReader(route.bodyBytes), serve];
}

/** The parser below would pass bodies of other types silently as absent. */
const refuseOtherTypes: RequestHandler = (request, _response, next) => {
  if (hasBody(request) && request.is('application/json') === false) throw unsupportedBody();
  next();
};

const hasBody = (request: Request): boolean =>
  request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;

function queryOf(route: Route, request: Request, errors: FieldError[]): unknown {
  const schema = route.query ?? object({});
  const at = request.originalUrl.indexOf('?');
  const values = readQuery(schema.json, new URLSearchParams(at < 0 ? '' : request.originalUrl.slice(at)), errors);
  const found: FieldError[] = [];
  matches(schema, values, found);
  errors.push(...found.map(({ pointer, detail }) => ({ pointer: pointer.slice(1), detail })));
  return values;
}

function bodyOf(route: Route, request: Request, errors: FieldError[]): unknown {
  if (route.body === undefined) return undefined;
  const body: unknown = route.bodyOptional === true && !hasBody(request) ? {} : request.body;
  matches(route.body, body, errors);
  return body;
}
