import type { Partner } from '../platform/partners/index.js';
import type { PartnerView } from './views.js';

/**
 * A partner as the admin API shows it.
 * @param objects how many of the partner's objects are stored, by kind, such as `{ locations: 12 }`
 * @param vendorObjects names of those that this hub knows: each is a switch of its own
 */
export function partnerView(
  partner: Partner,
  objects: Readonly<Record<string, number>>,
  vendorObjects: readonly string[],
): PartnerView {
  const { withheld, ...switches } = partner.switches;
  const sent = Object.fromEntries(vendorObjects.map((name) => [name, !withheld.includes(name)]));
  return {
    id: partner.id,
    name: partner.name,
    status: partner.status,
    roles: partner.roles,
    allowed_roles: partner.allowedRoles,
    versions_url: partner.versionsUrl,
    versions: [partner.version],
    endpoints: partner.endpoints,
    origins: partner.origins,
    pending_origins: partner.pendingOrigins,
    switches: { ...switches, ...sent },
    last_seen: timeOrNull(partner.lastSeenAt),
    created_at: timeOf(partner.createdAt),
    credentials_at: timeOf(partner.credentialsAt),
    unregistered_at: timeOrNull(partner.unregisteredAt),
    objects,
  };
}

/** ms since the epoch as the API writes times. */
export const timeOf = (ms: number): string => new Date(ms).toISOString();
export const timeOrNull = (ms: number | undefined): string | null => (ms === undefined ? null : timeOf(ms));
