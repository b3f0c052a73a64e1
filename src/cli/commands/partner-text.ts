import type { Json } from '../admin-client.js';
import { card } from '../table.js';

/** `DE-CP1:CPO, DE-CP2:CPO` */
export const rolesOf = (roles: unknown): string =>
  (roles as readonly Json[]).map((role) => `${role.country_code}-${role.party_id}:${role.role}`).join(', ');

/** `12 locations, 3 tariffs` */
export const objectsOf = (objects: unknown): string =>
  Object.entries(objects as Json)
    .map(([kind, number]) => `${number} ${kind}`)
    .join(', ');

/** One partner, in full. */
export function partnerCard(partner: Json): string {
  const endpoints = partner.endpoints as readonly Json[];
  return [
    card([
      ['ID', partner.id],
      ['Name', partner.name],
      ['Status', partner.status],
      ['Roles', rolesOf(partner.roles)],
      ['Allowed roles', rolesOf(partner.allowed_roles)],
      ['Versions URL', partner.versions_url],
      ['Versions', partner.versions],
      ['Origins', partner.origins],
      ['Pending origins', partner.pending_origins],
      ['Objects', objectsOf(partner.objects)],
      ['Last seen', partner.last_seen],
      ['Registered', partner.created_at],
      ['Tokens since', partner.credentials_at],
      ['Unregistered', partner.unregistered_at],
    ]),
    'Switches',
    card(Object.entries(partner.switches as Json).map(([name, value]) => [`  ${name}`, value] as const)),
    'Endpoints',
    endpoints.length === 0
      ? '  none'
      : card(endpoints.map(({ identifier, role, url }) => [`  ${identifier} ${role}`, url] as const)),
  ].join('\n');
}
