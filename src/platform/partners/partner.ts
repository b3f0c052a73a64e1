import type { TokenForm } from '../../kernel/credentials-token.js';
import type { InterfaceRole, Role } from '../../kernel/module-id.js';
import { type PartyRef, partyKey } from '../../kernel/party-ref.js';
import { defaultSwitches, type PartnerSwitches } from './partner-switches.js';

export { defaultSwitches, type PartnerSwitches };

/** A party in one role, as an invite names it. */
export interface RoleClaim extends PartyRef {
  readonly role: Role;
}

/** A party in one role, as its platform registered it. Spec: 2.2.1 §7.4.1. */
export interface PartnerRole extends RoleClaim {
  readonly business_details?: unknown;
}

/** One interface that a partner offers. Spec: 2.2.1 §6.2.2. */
export interface PartnerEndpoint {
  readonly identifier: string;
  readonly role: InterfaceRole;
  readonly url: string;
}

/** Spec: 2.2.1 §14.4.1 ConnectionStatus. */
export type PartnerStatus = 'PLANNED' | 'CONNECTED' | 'OFFLINE' | 'SUSPENDED';

/** A registered platform. Instances are never changed: a change makes a new one. */
export interface Partner {
  readonly id: string;
  readonly name: string;
  readonly status: PartnerStatus;
  readonly roles: readonly PartnerRole[];
  /** What the operator lets this platform speak for; `roles` stay within it (threat T1). */
  readonly allowedRoles: readonly RoleClaim[];
  readonly versionsUrl: string;
  readonly version: string;
  readonly endpoints: readonly PartnerEndpoint[];
  /** Where our token may go (threat T9). */
  readonly origins: readonly string[];
  /** Origins that the partner asked for by PUT and that the operator has not approved (threat T7). */
  readonly pendingOrigins: readonly string[];
  readonly switches: PartnerSwitches;
  /** When the partner last called, ms since the epoch. */
  readonly lastSeenAt?: number;
  readonly createdAt: number;
  /** When our tokens were last exchanged, ms since the epoch. */
  readonly credentialsAt: number;
  /** Set once the connection is ended; the row stays because its objects do. */
  readonly unregisteredAt?: number;
}

/** OPEN: may register. CLAIMED: a registration is running. CONSUMED: has registered. */
export type InviteState = 'OPEN' | 'CLAIMED' | 'CONSUMED';

/** The right to register one platform, carried by a token A. */
export interface Invite {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly RoleClaim[];
  /** Empty: the origin of the first accepted versions URL becomes the list. */
  readonly origins: readonly string[];
  readonly state: InviteState;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly consumedAt?: number;
  /** The partner that came of it. */
  readonly partnerId?: string;
}

/**
 * Who presents a token. Exactly one of `partner`, `invite` and `registrationId` is there.
 *
 * Only `partner` opens functional modules; the other two open versions and credentials (T-04).
 */
export interface Caller {
  readonly partner?: Partner;
  /** A token A. In state CONSUMED it is dead but for the repetition of a POST whose answer was lost. */
  readonly invite?: Invite;
  /** A registration that the hub started and has not ended: the partner calls back with our token B. */
  readonly registrationId?: string;
  readonly credentialId: string;
  /** In clear, to be echoed by GET credentials (C-01, C-30); never logged, never stored. */
  readonly presentedToken: string;
  readonly form: TokenForm;
}

/**
 * Whether the caller shows a token A that has registered already. All that it may still do is to repeat that POST, in case
 * the answer was lost (C-04, threat T6).
 */
export function isSpent(caller: Caller): boolean {
  return caller.invite?.state === 'CONSUMED';
}

/** Who did something, for the audit. */
export interface Actor {
  /** `operator`, `hub`, `partner:ID` or `invite:ID`. */
  readonly name: string;
  /** Network address that the request came from, if there was one. */
  readonly source?: string;
}

/** The comparable form of a claim, such as `DE/CP1/CPO`. */
export function roleKey(claim: RoleClaim): string {
  return `${partyKey(claim)}/${claim.role}`;
}

/** The claims that `allowed` does not contain. */
export function rolesOutside(claims: readonly RoleClaim[], allowed: readonly RoleClaim[]): readonly RoleClaim[] {
  const keys = new Set(allowed.map(roleKey));
  return claims.filter((claim) => !keys.has(roleKey(claim)));
}

/** Where a partner takes credentials calls; the role of the entry says nothing (V-06, A-71). */
export function credentialsUrl(endpoints: readonly PartnerEndpoint[]): string | undefined {
  return endpoints.find((endpoint) => endpoint.identifier === 'credentials')?.url;
}
