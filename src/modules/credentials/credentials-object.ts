import { isCredentialsToken } from '../../kernel/credentials-token.js';
import { invalidParameters } from '../../kernel/ocpi-error.js';
import type { PartyRef } from '../../kernel/party-ref.js';
import { type PartnerRole, roleKey } from '../../platform/partners/index.js';

/** Spec: 2.2.1 §7.3.1. */
export interface Credentials {
  /** Not encoded (T-02). */
  readonly token: string;
  /** Of the versions endpoint, not of the details (C-22). */
  readonly url: string;
  readonly roles: readonly PartnerRole[];
}

/** Judges a value by its schema. */
export type Validate = (
  schema: 'credentials/credentials',
  value: unknown,
) => { readonly pointer: string; readonly message: string } | undefined;

/** How the hub presents itself. */
export interface HubIdentity extends PartyRef {
  /** Shown to partners as the name in `business_details`. */
  readonly name: string;
  readonly website?: string;
  /** Asked each time, because the port may be known only once the hub listens. */
  readonly versionsUrl: () => string;
}

/**
 * Takes a credentials object apart (T-09, C-18, C-19, C-31).
 * @throws OcpiError 200/2001
 */
export function readCredentials(value: unknown, validate: Validate): Credentials {
  const violation = validate('credentials/credentials', value);
  if (violation) throw invalidParameters(violation.message, violation.pointer);
  const { token, url, roles } = value as Credentials;
  // Both decide over security, so they hold whatever the schema lets through.
  if (!isCredentialsToken(token))
    throw invalidParameters('must be 1 to 64 printable characters without blanks', '/token');
  if (!URL.canParse(url)) throw invalidParameters('must be an absolute URL', '/url');
  const seen = new Set<string>();
  for (const [index, role] of roles.entries()) {
    if (seen.has(roleKey(role)))
      throw invalidParameters('is a party and role that was named before', `/roles/${index}`);
    seen.add(roleKey(role));
  }
  return {
    token,
    url,
    roles: roles.map(({ role, country_code, party_id, business_details }) => ({
      role,
      country_code,
      party_id,
      business_details,
    })),
  };
}

/** What a partner needs to reach this hub: one role, itself, never its connected parties (C-20). */
export function ownCredentials(hub: HubIdentity, token: string): Credentials {
  const { country_code, party_id, name, website } = hub;
  const business_details = { name, ...(website === undefined ? {} : { website }) };
  return { token, url: hub.versionsUrl(), roles: [{ role: 'HUB', business_details, party_id, country_code }] };
}
