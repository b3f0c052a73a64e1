import type { EvRoute } from '../http/ev-route.js';
import { openApiOf } from './open-api.js';

export interface ServiceParts {
  /** Of this hub's software. */
  readonly version: string;
  /** Undefined if all is well, else what is wrong. */
  readonly health: () => string | undefined | Promise<string | undefined>;
  /** All routes, these included. */
  readonly routes: () => readonly EvRoute[];
  /** In front of the paths of the routes. */
  readonly baseUrl: () => string;
}

/** HERE's API of which this has the shape. HERE section 4. */
export const apiVersion = '3.20.1';

/** What the API says about itself. HERE section 4. */
export function serviceRoutes({ version, health, routes, baseUrl }: ServiceParts): EvRoute[] {
  return [
    {
      path: '/health',
      scope: undefined,
      summary: 'Whether the service works.',
      parameters: {},
      handle: async () => {
        const message = await health();
        return message === undefined
          ? { body: { status: 'ok' } }
          : { status: 503, body: { status: 'fail', message }, headers: { 'Retry-After': '2' } };
      },
    },
    {
      path: '/version',
      scope: undefined,
      summary: 'The version of the API and of the service.',
      parameters: {},
      handle: () => ({ body: { apiVersion, serviceVersion: version } }),
    },
    {
      path: '/openapi',
      scope: undefined,
      summary: 'This description.',
      parameters: {},
      handle: () => ({ body: openApiOf(routes(), { baseUrl: baseUrl(), version }) }),
    },
  ];
}
