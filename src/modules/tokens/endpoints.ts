import type { PartyEndpoint } from '../../platform/http/index.js';
import type { TokenOperations } from './token-operations.js';

const token = '/:country_code/:party_id/:token_uid';
const bodyLimit = 64 * 1024;

/** What an eMSP pushes to and checks. Spec: 2.2.1 §12.2.1, TK-01. */
export function receiverEndpoints(operations: TokenOperations): readonly PartyEndpoint[] {
  const owned = { owner: 'path', roles: ['EMSP', 'OTHER'], path: token } as const;
  return [
    { ...owned, method: 'PUT', bodyLimit, handle: operations.putToken },
    { ...owned, method: 'PATCH', bodyLimit, handle: operations.patchToken },
    { ...owned, method: 'GET', handle: operations.getToken },
  ];
}

/**
 * What CPOs pull from, and where they ask whether a Token may be used. Spec: 2.2.1 §12.2.2.
 *
 * The list is for CPOs alone (R-41, T21). The question is never answered here: it is for the eMSP, whoever that is (TK-09, R-46).
 */
export function senderEndpoints(operations: TokenOperations): readonly PartyEndpoint[] {
  return [
    {
      method: 'POST',
      path: '/:token_uid/authorize',
      owner: 'none',
      roles: ['CPO', 'NSP', 'OTHER'],
      bodyLimit,
      bodyOptional: true,
      addressing: { hub: 'sought', nobody: 'sought' },
      seek: operations.seekOwner,
    },
    { method: 'GET', path: '', owner: 'none', roles: ['CPO'], handle: operations.listTokens },
  ];
}
