import type { Clock } from '../../kernel/clock.js';
import { defineModule, done, type OcpiModule, type OcpiRequest, requiredBody } from '../../platform/http/index.js';
import type { Partners } from '../../platform/partners/index.js';
import { CredentialsInitiator } from './credentials-initiator.js';
import type { HubIdentity, Validate } from './credentials-object.js';
import { CredentialsOperations, type RequestContext } from './credentials-operations.js';
import { HandshakeTurns } from './handshake-turns.js';
import { type PartnerCalls, PartnerDiscovery } from './partner-discovery.js';

export { CredentialsInitiator, type RegistrationOrder } from './credentials-initiator.js';
export type { Credentials, HubIdentity, Validate } from './credentials-object.js';
export { CredentialsOperations, type RequestContext } from './credentials-operations.js';
export type { PartnerCalls } from './partner-discovery.js';
export { type FailureReason, RegistrationFailure } from './registration-failure.js';

export interface CredentialsDeps {
  readonly partners: Partners;
  /** The outbound client. */
  readonly calls: PartnerCalls;
  readonly validate: Validate;
  readonly hub: HubIdentity;
  readonly clock: Clock;
  /** Told once a partner has registered or changed; must return at once. */
  readonly onRegistered: (partnerId: string) => void;
}

export interface CredentialsModule {
  readonly module: OcpiModule;
  readonly operations: CredentialsOperations;
  /** What the operator starts. */
  readonly initiator: CredentialsInitiator;
}

const bodyLimit = 1024 * 1024;

/** The credentials module, both directions. Spec: 2.2.1 §7. */
export function credentialsModule(deps: CredentialsDeps): CredentialsModule {
  const shared = {
    ...deps,
    discovery: new PartnerDiscovery(deps.calls),
    turns: new HandshakeTurns(deps.clock, deps.partners.turns),
  };
  const operations = new CredentialsOperations(shared);
  // Token A reaches every method: where it may not go is 405, not 401 (C-09, C-10, A-37).
  const common = { path: '', access: 'registered or invited' } as const;
  const module = defineModule({
    kind: 'configuration',
    id: 'credentials',
    interfaces: {
      SENDER: [
        { ...common, method: 'GET', handle: async ({ caller }) => done(await operations.getCredentials(caller)) },
        {
          ...common,
          method: 'POST',
          bodyLimit,
          handle: async (request) =>
            done(await operations.postCredentials(request.caller, requiredBody(request).value, contextOf(request))),
        },
        {
          ...common,
          method: 'PUT',
          bodyLimit,
          handle: async (request) =>
            done(await operations.putCredentials(request.caller, requiredBody(request).value, contextOf(request))),
        },
        {
          ...common,
          method: 'DELETE',
          handle: async (request) => {
            await operations.deleteCredentials(request.caller, contextOf(request));
            return done();
          },
        },
      ],
    },
  });
  return { module, operations, initiator: new CredentialsInitiator(shared) };
}

function contextOf({ ids, remoteAddress }: OcpiRequest): RequestContext {
  return { sourceAddress: remoteAddress, correlationId: ids.correlationId };
}
