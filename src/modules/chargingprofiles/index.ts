import type { Role } from '../../kernel/module-id.js';
import { defineModule, type OcpiModule, type PartyEndpoint } from '../../platform/http/index.js';
import {
  type ChargingProfilesDeps,
  callbackSegment,
  type ProfileOperations,
  profileOperations,
} from './profile-operations.js';

export type { ChargingProfilesDeps } from './profile-operations.js';

const session = '/:session_id';
const sought = { hub: 'sought', nobody: 'sought' } as const;
/** Who steers charging, and through whom (cp 14.3). */
const steering: readonly Role[] = ['SCSP', 'EMSP', 'OTHER'];
const steered: readonly Role[] = ['CPO', 'EMSP'];

/** The charging profiles module: what passes between who steers and who charges. Spec: 2.2.1 §14. */
export function chargingProfilesModule(deps: ChargingProfilesDeps): OcpiModule {
  const operations = profileOperations(deps);
  return defineModule({
    kind: 'functional',
    id: 'chargingprofiles',
    interfaces: { RECEIVER: receiverEndpoints(operations), SENDER: senderEndpoints(operations) },
  });
}

/** Spec: 2.2.1 §14.4.1, CP-01…CP-03. */
function receiverEndpoints({ seekCpo, passage }: ProfileOperations): readonly PartyEndpoint[] {
  const asked = { path: session, owner: 'none', roles: steering, addressing: sought, seek: seekCpo, passage } as const;
  return [
    { ...asked, method: 'GET' },
    { ...asked, method: 'PUT', bodyLimit: 256 * 1024 },
    { ...asked, method: 'DELETE' },
  ];
}

/** Results come to the URLs that the hub gave out; a changed profile to whoever set it. Spec: 2.2.1 §14.4.2, CP-05, CP-07, A-60. */
function senderEndpoints({ receiveResult, seekSetter }: ProfileOperations): readonly PartyEndpoint[] {
  const limited = { owner: 'none', roles: steered, bodyLimit: 256 * 1024 } as const;
  return [
    {
      ...limited,
      method: 'POST',
      path: `/${callbackSegment}/:callback`,
      addressing: 'always-local',
      handle: receiveResult,
    },
    { ...limited, method: 'PUT', path: session, addressing: sought, seek: seekSetter },
  ];
}
