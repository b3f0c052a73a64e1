import type { InterfaceRole, ModuleId } from '../../kernel/module-id.js';
import { hubError, invalidParameters, unknownReceiver } from '../../kernel/ocpi-error.js';
import { type PartyRef, sameParty } from '../../kernel/party-ref.js';

/** How the hub treats a request of a functional module. Spec: 2.2.1 §4.1.8, "How the hub tells the scenarios apart". */
export type Scenario =
  /** A push meant for everybody: stored here, answered here, replicated by the lanes. */
  | { readonly kind: 'broadcast' }
  /** One merged list over all owners (R-38…R-40), or a single object of it. */
  | { readonly kind: 'get-all' }
  /** An owner checks what the hub holds of it. */
  | { readonly kind: 'owner-check' };

export interface Situation {
  readonly method: string;
  readonly module: ModuleId;
  readonly interfaceRole: InterfaceRole;
  readonly to: PartyRef | undefined;
  readonly hub: PartyRef;
  readonly isKnownParty: (party: PartyRef) => boolean;
}

/**
 * Classifies a request by its headers and method alone.
 *
 * Without TO, what is pushed to the hub's own Receiver interface is taken as meant for everybody, and a GET as meant for
 * the hub: the stored data are all that this URL can stand for.
 *
 * @throws OcpiError 4001 if TO names nobody, 4000 if it names a party: this hub offers no forwarding to one party.
 */
export function scenario(situation: Situation): Scenario {
  const { method, interfaceRole, to, hub } = situation;
  if (to && !sameParty(to, hub)) {
    if (!situation.isKnownParty(to)) throw unknownReceiver();
    throw hubError('This hub does not forward messages of this module to a single party; address the hub itself.');
  }
  if (method === 'GET') return { kind: interfaceRole === 'SENDER' ? 'get-all' : 'owner-check' };
  if (interfaceRole === 'SENDER') throw invalidParameters('A push goes to the RECEIVER interface.');
  return { kind: 'broadcast' };
}
