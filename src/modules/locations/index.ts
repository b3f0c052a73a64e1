import { defineModule, type OcpiModule } from '../../platform/http/index.js';
import { receiverEndpoints } from './endpoints.receiver.js';
import { senderEndpoints } from './endpoints.sender.js';
import { type LocationsDeps, locationOperations } from './location-operations.js';

export { locationOddities } from './location-oddities.js';
export type { LocationsDeps } from './location-operations.js';
export { locationPullSink } from './location-pull.js';
export { locationPushSource } from './location-push.js';
export { LocationStore, locationDocuments } from './location-store.js';
export { Location1700000010000 } from './migrations/1700000010000-location.js';

/** The locations module as Sender and Receiver. Spec: 2.2.1 §8. */
export function locationsModule(deps: LocationsDeps): OcpiModule {
  const operations = locationOperations(deps);
  return defineModule({
    kind: 'functional',
    id: 'locations',
    interfaces: { RECEIVER: receiverEndpoints(operations), SENDER: senderEndpoints(operations) },
  });
}
