import { openApiDocument } from '../open-api.js';
import { type Route, route } from '../route.js';
import { anything } from '../schema.js';
import { agreementRoutes } from './agreements.js';
import { deliveryRoutes } from './delivery.js';
import { evDataRoutes } from './ev-data.js';
import { inviteRoutes } from './invites.js';
import { messageRoutes } from './messages.js';
import { partnerRoutes } from './partners.js';
import { recordRoutes } from './records.js';

/**
 * Every call of the admin API.
 * @param vendorObjects names of those that this hub knows: switches of partners
 */
export function adminRoutes(version: string, vendorObjects: readonly string[] = []): readonly Route[] {
  const routes: Route[] = [
    ...inviteRoutes(vendorObjects),
    ...partnerRoutes(vendorObjects),
    ...deliveryRoutes,
    ...recordRoutes,
    ...messageRoutes,
    ...agreementRoutes,
    ...evDataRoutes,
  ];
  routes.push(
    route({
      method: 'GET',
      path: '/api/openapi.json',
      operation: 'getOpenApi',
      permission: 'operator',
      summary: 'This description',
      responses: { 200: { description: 'OpenAPI 3.1', schema: anything() } },
      async handle() {
        return { status: 200, body: openApiDocument(routes, version) };
      },
    }),
  );
  return routes;
}
