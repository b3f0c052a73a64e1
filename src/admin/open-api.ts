import type { Route } from './route.js';
import type { JsonSchema } from './schema.js';
import { problemView } from './views.js';

type Json = Readonly<Record<string, unknown>>;

/** The OpenAPI 3.1 document of a table of routes. */
export function openApiDocument(routes: readonly Route[], version: string): Json {
  const components = new Map<string, Json>();
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    const item = paths[route.path] ?? {};
    item[route.method.toLowerCase()] = operation(route, components);
    paths[route.path] = item;
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Roamhub admin API',
      version,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      description: 'What an operator can see and do. Errors are application/problem+json (RFC 9457).',
    },
    security: [{ operator: [] }],
    paths,
    components: {
      securitySchemes: { operator: { type: 'http', scheme: 'bearer' } },
      schemas: Object.fromEntries([...components].sort(([a], [b]) => a.localeCompare(b))),
    },
  };
}

function operation(route: Route, components: Map<string, Json>): Json {
  const good = Object.entries(route.responses).map(([status, { description, schema }]) => [
    status,
    {
      description,
      ...(schema === undefined ? {} : { content: { 'application/json': { schema: shown(schema.json, components) } } }),
    },
  ]);
  const problem = { 'application/problem+json': { schema: shown(problemView.json, components) } };
  const bad = Object.entries(problemsOf(route)).map(([status, description]) => [
    status,
    { description, content: problem },
  ]);
  const parameters = [...pathParameters(route), ...queryParameters(route, components)];
  return {
    operationId: route.operation,
    summary: route.summary,
    ...(route.permission === 'none' ? { security: [] } : {}),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(route.body === undefined
      ? {}
      : {
          requestBody: {
            required: route.bodyOptional !== true,
            content: { 'application/json': { schema: shown(route.body.json, components) } },
          },
        }),
    responses: Object.fromEntries([...good, ...bad]),
  };
}

/** The problems that a call may answer with: its own and those that follow from its shape. */
export function problemsOf(route: Route): Readonly<Record<number, string>> {
  return {
    ...(route.body === undefined && route.query === undefined
      ? {}
      : { 400: 'The request is not valid; `errors` says where' }),
    ...(route.permission === 'none' ? {} : { 401: 'The admin token is missing or wrong' }),
    ...(route.body === undefined ? {} : { 413: 'The body is too large', 415: 'The body is no application/json' }),
    500: 'A bug; the log has the details',
    503: 'The database cannot be used at the moment',
    ...route.problems,
  };
}

const pathParameters = (route: Route): Json[] =>
  [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));

const queryParameters = (route: Route, components: Map<string, Json>): Json[] =>
  Object.entries(route.query?.json.properties ?? {}).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    ...(description === undefined ? {} : { description }),
    schema: shown(schema, components),
  }));

/** A schema as the document has it: titled ones once, under components. */
function shown(schema: JsonSchema, components: Map<string, Json>): Json {
  const { title, ...rest } = schema;
  const json: Record<string, unknown> = { ...rest };
  if (schema.format !== undefined) json.format = formatNames[schema.format];
  if (schema.items !== undefined) json.items = shown(schema.items, components);
  if (typeof schema.additionalProperties === 'object')
    json.additionalProperties = shown(schema.additionalProperties, components);
  if (schema.properties !== undefined)
    json.properties = Object.fromEntries(
      Object.entries(schema.properties).map(([name, inner]) => [name, shown(inner, components)]),
    );
  if (title === undefined) return json;
  components.set(title, json);
  return { $ref: `#/components/schemas/${title}` };
}

const formatNames = { origin: 'uri', 'http-url': 'uri', 'date-time': 'date-time' } as const;
