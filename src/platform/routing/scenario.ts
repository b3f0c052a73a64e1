import type { InterfaceRole } from '../../kernel/module-id.js';
import { invalidParameters } from '../../kernel/ocpi-error.js';
import { type PartyRef, sameParty } from '../../kernel/party-ref.js';

/** How the hub treats a request of a functional module. Spec: 2.2.1 §4.1.8, "How the hub tells the scenarios apart". */
export type Scenario =
  /** A push meant for everybody: stored here, answered here, replicated by the lanes. */
  | { readonly kind: 'broadcast' }
  /** One merged list over all owners (R-38…R-40), or a single object of it. */
  | { readonly kind: 'get-all' }
  /** An owner checks what the hub holds of it. */
  | { readonly kind: 'owner-check' }
  /** To one party, which the request names. */
  | { readonly kind: 'direct'; readonly to: PartyRef }
  /** To one party, which is found by content. */
  | { readonly kind: 'open' }
  /** To a URL that the hub itself gave out, whomever the headers name. */
  | { readonly kind: 'own-url' };

/**
 * What a message means that is addressed to the hub itself (`hub`) or to nobody (`nobody`):
 *
 * - `local`: it is for the hub, which stores it or answers from its store.
 * - `sought`: it is for one party, which is found by content.
 * - `refused`: it makes no sense so: 200/2001.
 *
 * `always-local` is answered here whatever TO says: the hub itself gave out the URL.
 */
export type Addressing = 'always-local' | { readonly hub: Meaning; readonly nobody: Meaning };
export type Meaning = 'local' | 'sought' | 'refused';

export interface Situation {
  readonly method: string;
  readonly interfaceRole: InterfaceRole;
  readonly addressing: Addressing;
  readonly to: PartyRef | undefined;
  readonly hub: PartyRef;
}

/**
 * Classifies a request by its headers, its method and what its endpoint declares; its body and the parties that are known play no
 * part.
 *
 * @throws OcpiError 200/2001 for a combination that has no meaning
 */
export function scenario(situation: Situation): Scenario {
  const { method, interfaceRole, addressing, to, hub } = situation;
  if (addressing === 'always-local') return { kind: 'own-url' };
  if (to && !sameParty(to, hub)) return { kind: 'direct', to };
  switch (to ? addressing.hub : addressing.nobody) {
    case 'sought':
      return { kind: 'open' };
    case 'refused':
      throw invalidParameters(
        to
          ? 'This is meant for one party and not for the hub: OCPI-to must name that party.'
          : 'OCPI-to must name the party that this is for.',
      );
    case 'local':
      if (method !== 'GET') return { kind: 'broadcast' };
      return { kind: interfaceRole === 'SENDER' ? 'get-all' : 'owner-check' };
  }
}
