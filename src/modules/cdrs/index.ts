import { roles } from '../../kernel/module-id.js';
import { defineModule, type OcpiModule, type PartyEndpoint } from '../../platform/http/index.js';
import { type CdrOperations, type CdrsDeps, cdrOperations } from './cdr-operations.js';

export type { CdrsDeps } from './cdr-operations.js';
export { cdrDocuments, cdrPullSink, type KeptCdrsDeps } from './cdr-pull.js';
export { Cdr1700000014010 } from './migrations/1700000014010-cdr.js';

/** The cdrs module: what passes from CPO to eMSP, and the list of what is kept. Spec: 2.2.1 §10. */
export function cdrsModule(deps: CdrsDeps): OcpiModule {
  const operations = cdrOperations(deps);
  return defineModule({
    kind: 'functional',
    id: 'cdrs',
    interfaces: { RECEIVER: receiverEndpoints(operations), SENDER: senderEndpoints(operations) },
  });
}

/** A CDR is for one eMSP and never for everybody; it is read again where the hub's `Location` leads. Spec: 2.2.1 §10.2.2. */
function receiverEndpoints({ seekEmsp, passage, getCdr }: CdrOperations): readonly PartyEndpoint[] {
  const fromCpo = { owner: 'none', roles: ['CPO'] } as const;
  return [
    {
      ...fromCpo,
      method: 'POST',
      path: '',
      bodyLimit: 4 * 1024 * 1024,
      addressing: { hub: 'refused', nobody: 'sought' },
      seek: seekEmsp,
      passage,
    },
    { ...fromCpo, method: 'GET', path: '/:reference', addressing: 'always-local', handle: getCdr },
  ];
}

/** Spec: 2.2.1 §10.2.1, CDR-01. */
function senderEndpoints({ listCdrs }: CdrOperations): readonly PartyEndpoint[] {
  return [{ method: 'GET', path: '', owner: 'none', roles, handle: listCdrs }];
}
