import type { PartyEndpoint } from '../../platform/http/index.js';
import type { LocationOperations } from './location-operations.js';

const location = '/:country_code/:party_id/:location_id';
const evse = `${location}/:evse_uid`;
const connector = `${evse}/:connector_id`;

const whole = 1024 * 1024;
const small = 64 * 1024;

/** What a CPO pushes to and checks. Spec: 2.2.1 §8.2.2, L-05. */
export function receiverEndpoints(operations: LocationOperations): readonly PartyEndpoint[] {
  const owned = { owner: 'path', roles: ['CPO'] } as const;
  return [
    { ...owned, method: 'PATCH', path: evse, bodyLimit: small, handle: operations.patchEvse },
    { ...owned, method: 'PUT', path: evse, bodyLimit: whole, handle: operations.putEvse },
    { ...owned, method: 'GET', path: evse, handle: operations.getOwn },
    { ...owned, method: 'PUT', path: location, bodyLimit: whole, handle: operations.putLocation },
    { ...owned, method: 'PATCH', path: location, bodyLimit: small, handle: operations.patchLocation },
    { ...owned, method: 'GET', path: location, handle: operations.getOwn },
    { ...owned, method: 'PUT', path: connector, bodyLimit: small, handle: operations.putConnector },
    { ...owned, method: 'PATCH', path: connector, bodyLimit: small, handle: operations.patchConnector },
    { ...owned, method: 'GET', path: connector, handle: operations.getOwn },
  ];
}
