import type { ConfigurationEndpoint } from '../../platform/http/index.js';
import type { ClientInfoOperations } from './client-info-operations.js';

const party = '/:country_code/:party_id';

/** The list of who is connected; there is nothing else here (H-01, H-16). Spec: 2.2.1 §15.2.2. */
export function senderEndpoints(operations: ClientInfoOperations): readonly ConfigurationEndpoint[] {
  return [{ method: 'GET', path: '', access: 'registered', handle: operations.listClientInfo }];
}

/** Where other hubs tell of their parties (H-02). Spec: 2.2.1 §15.2.1. */
export function receiverEndpoints(operations: ClientInfoOperations): readonly ConfigurationEndpoint[] {
  const common = { path: party, access: 'registered' } as const;
  return [
    { ...common, method: 'GET', handle: operations.getClientInfo },
    { ...common, method: 'PUT', bodyLimit: 64 * 1024, handle: operations.putClientInfo },
  ];
}
