import { defineModule, type OcpiModule } from '../../platform/http/index.js';
import { receiverEndpoints, senderEndpoints } from './endpoints.js';
import { type TokensDeps, tokenOperations } from './token-operations.js';

export type { BulkRead } from './bulk-read-watch.js';
export { Token1700000012000 } from './migrations/1700000012000-token.js';
export { type TokenKey, tokenDigest } from './token-key.js';
export { tokenOddities } from './token-oddities.js';
export type { TokensDeps } from './token-operations.js';
export { tokenPullSink } from './token-pull.js';
export { tokenPushSource } from './token-push.js';
export { TokenStore, tokenDocuments } from './token-store.js';

/** The tokens module as Sender and Receiver. Spec: 2.2.1 §12. */
export function tokensModule(deps: TokensDeps): OcpiModule {
  const operations = tokenOperations(deps);
  return defineModule({
    kind: 'functional',
    id: 'tokens',
    interfaces: { RECEIVER: receiverEndpoints(operations), SENDER: senderEndpoints(operations) },
  });
}
