import type { EvRoute } from '../http/ev-route.js';

/** The one parameter that may be given more than once. */
const repeatable = new Set(['tariff']);

const longError = { $ref: '#/components/schemas/Error' };
const shortError = { $ref: '#/components/schemas/ShortError' };

/** An OpenAPI description of the routes as they are served. */
export function openApiOf(
  routes: readonly EvRoute[],
  { baseUrl, version }: { readonly baseUrl: string; readonly version: string },
): object {
  return {
    openapi: '3.1.0',
    info: {
      title: 'EV data of this roaming hub',
      version,
      description: 'Read only. Keys come from the operator of the hub.',
    },
    servers: [{ url: baseUrl }],
    security: [{ apiKey: [] }, { bearer: [] }],
    paths: Object.fromEntries(routes.map((route) => [route.path, { get: operationOf(route) }])),
    components: {
      securitySchemes: {
        apiKey: { type: 'apiKey', in: 'query', name: 'apiKey' },
        bearer: { type: 'http', scheme: 'bearer' },
      },
      schemas: { Error: errorSchema, ShortError: shortErrorSchema },
    },
  };
}

function operationOf({ path, scope, summary, parameters }: EvRoute): object {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const inQuery = Object.entries(parameters).map(([name, description]) => ({
    name,
    in: 'query',
    required: false,
    description,
    schema: repeatable.has(name) ? { type: 'array', items: { type: 'string' } } : { type: 'string' },
  }));
  return {
    summary,
    ...(scope !== undefined && { description: `Needs a key with the scope \`${scope}\`.` }),
    parameters: [
      ...inPath,
      ...inQuery,
      { name: 'X-Request-ID', in: 'header', required: false, schema: { type: 'string' } },
    ],
    responses: {
      200: { description: 'What was asked for.' },
      400: refusal('The request is not understood.', longError),
      401: refusal('No key, or not a good one.', shortError),
      403: refusal('The key has no right to this.', shortError),
      404: refusal('It is not there.', longError),
      429: refusal('Too many requests with this key.', shortError),
      500: refusal('Something went wrong in the hub.', longError),
      503: refusal('Not at the moment.', longError),
    },
  };
}

const refusal = (description: string, schema: object) => ({
  description,
  content: { 'application/json': { schema } },
});

const text = { type: 'string' };
const errorSchema = {
  type: 'object',
  required: ['title', 'status', 'code', 'cause', 'action', 'correlationId'],
  properties: { title: text, status: { type: 'integer' }, code: text, cause: text, action: text, correlationId: text },
};
const shortErrorSchema = {
  type: 'object',
  required: ['error'],
  properties: { error: text, error_description: text, status: { type: 'integer' } },
};
