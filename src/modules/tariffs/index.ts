import { defineModule, type OcpiModule } from '../../platform/http/index.js';
import { receiverEndpoints, senderEndpoints } from './endpoints.js';
import { type TariffsDeps, tariffOperations } from './tariff-operations.js';

export { Tariff1700000011000 } from './migrations/1700000011000-tariff.js';
export { tariffOddities } from './tariff-oddities.js';
export type { TariffsDeps } from './tariff-operations.js';
export { tariffPullSink } from './tariff-pull.js';
export { tariffPushSource } from './tariff-push.js';
export { TariffStore, tariffDocuments } from './tariff-store.js';

/** The tariffs module as Sender and Receiver. Spec: 2.2.1 §11. */
export function tariffsModule(deps: TariffsDeps): OcpiModule {
  const operations = tariffOperations(deps);
  return defineModule({
    kind: 'functional',
    id: 'tariffs',
    interfaces: { RECEIVER: receiverEndpoints(operations), SENDER: senderEndpoints(operations) },
  });
}
