import { roles } from '../../kernel/module-id.js';
import type { PartyEndpoint } from '../../platform/http/index.js';
import type { TariffOperations } from './tariff-operations.js';

const tariff = '/:country_code/:party_id/:tariff_id';

/** What a CPO pushes to and checks. Spec: 2.2.1 §11.2.2, TA-02. */
export function receiverEndpoints(operations: TariffOperations): readonly PartyEndpoint[] {
  const owned = { owner: 'path', roles: ['CPO'], path: tariff } as const;
  return [
    { ...owned, method: 'PUT', bodyLimit: 1024 * 1024, handle: operations.putTariff },
    { ...owned, method: 'GET', handle: operations.getTariff },
    { ...owned, method: 'DELETE', handle: operations.deleteTariff },
  ];
}

/** What eMSPs pull from; there is no single Tariff to GET here. Spec: 2.2.1 §11.2.1, TA-01. */
export function senderEndpoints(operations: TariffOperations): readonly PartyEndpoint[] {
  return [{ method: 'GET', path: '', owner: 'none', roles, handle: operations.listTariffs }];
}
