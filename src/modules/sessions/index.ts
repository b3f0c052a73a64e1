import { type Role, roles } from '../../kernel/module-id.js';
import { defineModule, type OcpiModule, type PartyEndpoint } from '../../platform/http/index.js';
import { type SessionOperations, type SessionsDeps, sessionOperations } from './session-operations.js';

export { Session1700000014000 } from './migrations/1700000014000-session.js';
export type { SessionsDeps } from './session-operations.js';
export { type KeptSessionsDeps, sessionDocuments, sessionPullSink } from './session-pull.js';

const consumers: readonly Role[] = ['EMSP', 'SCSP', 'NSP', 'NAP', 'OTHER'];

/** The sessions module: what passes between CPO and eMSP, and the list of what is kept. Spec: 2.2.1 §9. */
export function sessionsModule(deps: SessionsDeps): OcpiModule {
  const operations = sessionOperations(deps);
  return defineModule({
    kind: 'functional',
    id: 'sessions',
    interfaces: { RECEIVER: receiverEndpoints(operations), SENDER: senderEndpoints(operations) },
  });
}

/** A Session is for one eMSP and never for everybody. Spec: 2.2.1 §9.2.2, S-02. */
function receiverEndpoints({ seekEmsp, passage }: SessionOperations): readonly PartyEndpoint[] {
  const owned = {
    path: '/:country_code/:party_id/:session_id',
    owner: 'path',
    roles: ['CPO'],
    addressing: { hub: 'refused', nobody: 'sought' },
    seek: seekEmsp,
    passage,
  } as const;
  return [
    { ...owned, method: 'GET' },
    { ...owned, method: 'PUT', bodyLimit: 1024 * 1024 },
    { ...owned, method: 'PATCH', bodyLimit: 1024 * 1024 },
  ];
}

/** Spec: 2.2.1 §9.2.1, S-01, S-05. */
function senderEndpoints({ listSessions, seekCpo }: SessionOperations): readonly PartyEndpoint[] {
  return [
    { method: 'GET', path: '', owner: 'none', roles, handle: listSessions },
    {
      method: 'PUT',
      path: '/:session_id/charging_preferences',
      owner: 'none',
      roles: consumers,
      bodyLimit: 64 * 1024,
      addressing: { hub: 'sought', nobody: 'sought' },
      seek: seekCpo,
    },
  ];
}
