import { roles } from '../../kernel/module-id.js';
import type { PartyEndpoint } from '../../platform/http/index.js';
import type { LocationOperations } from './location-operations.js';

/** What eMSPs and NSPs pull from: the Locations of all owners as one list. Spec: 2.2.1 §8.2.1, §4.1.8.5. */
export function senderEndpoints(operations: LocationOperations): readonly PartyEndpoint[] {
  const open = { method: 'GET', owner: 'none', roles } as const;
  return [
    { ...open, path: '', handle: operations.listLocations },
    { ...open, path: '/:location_id', handle: operations.getOne },
    { ...open, path: '/:location_id/:evse_uid', handle: operations.getOne },
    { ...open, path: '/:location_id/:evse_uid/:connector_id', handle: operations.getOne },
  ];
}
