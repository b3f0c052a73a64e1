import { createHash } from 'node:crypto';
import type { Location, BusinessDetails as OcpiBusinessDetails } from '../../../generated/ocpi.js';
import { ciKey, type PartyRef, partyKey } from '../../../kernel/party-ref.js';
import { type HereLocationExtension, hereLocation, type NamedCompany } from '../carriage/extension.js';
import { textOf } from '../carriage/lenient.js';
import { eMobilityIdPattern } from '../carriage/vocabulary.js';

/** A company as HERE shows it. HERE section 2.5. */
export interface BusinessDetails {
  readonly name: string;
  /** Stays when the name changes. */
  readonly partnerId: string;
  readonly website?: string;
  readonly eMobilityIds?: readonly string[];
  readonly logo?: { readonly url: string; readonly thumbnailUrl?: string };
}

export type CompanyRole = 'operator' | 'suboperator' | 'owner';

/**
 * A company of a Location; undefined if the Location names none in this role. There always is an operator: the party that
 * sent the Location, under its ids (`NL-ALL`) if it gives no name.
 *
 * The partner id is that of the extension, else made from the party for an operator, and from the name for the others: the same
 * on every node and after every restart.
 */
export function companyOf(location: Location, role: 'operator', ext?: HereLocationExtension): BusinessDetails;
export function companyOf(
  location: Location,
  role: CompanyRole,
  ext?: HereLocationExtension,
): BusinessDetails | undefined;
export function companyOf(
  location: Location,
  role: CompanyRole,
  ext: HereLocationExtension = hereLocation(location),
): BusinessDetails | undefined {
  const details = location[role];
  const said = textOf(details?.name);
  if (role === 'operator') {
    const id = eMobilityIdOf(location);
    return shown(
      said ?? id,
      ext.operatorPartnerId ?? partnerIdOfParty(location),
      ext.eMobilityIds && ext.eMobilityIds.length > 0
        ? ext.eMobilityIds
        : eMobilityIdPattern.test(id)
          ? [id]
          : undefined,
      details,
    );
  }
  if (said === undefined) return undefined;
  const partnerId = role === 'suboperator' ? ext.suboperatorPartnerId : ext.ownerPartnerId;
  return shown(said, partnerId ?? partnerIdOfName(said), undefined, details);
}

/** A company of which only the extension tells: no logo and no website. HERE section 2.1. */
export function providerOf({ name, partnerId, eMobilityIds }: NamedCompany): BusinessDetails {
  const first = eMobilityIds?.[0];
  return shown(
    name,
    partnerId ?? (first === undefined ? partnerIdOfName(name) : partnerIdOfKey(first.replace('-', '/'))),
    eMobilityIds && eMobilityIds.length > 0 ? eMobilityIds : undefined,
    undefined,
  );
}

function shown(
  name: string,
  partnerId: string,
  eMobilityIds: readonly string[] | undefined,
  details: OcpiBusinessDetails | null | undefined,
): BusinessDetails {
  const website = textOf(details?.website);
  const url = textOf(details?.logo?.url);
  const thumbnailUrl = textOf(details?.logo?.thumbnail);
  return {
    name,
    partnerId,
    ...(website !== undefined && { website }),
    ...(eMobilityIds && { eMobilityIds }),
    ...(url !== undefined && { logo: { url, ...(thumbnailUrl !== undefined && { thumbnailUrl }) } }),
  };
}

const eMobilityIdOf = (party: PartyRef): string => ciKey(`${party.country_code}-${party.party_id}`);

/** The partner id of a party that states none. */
export function partnerIdOfParty(party: PartyRef): string {
  return partnerIdOfKey(partyKey(party));
}

const partnerIdOfKey = (key: string): string => stableId(`party:${key}`);

/** The partner id of a company of which only the name is known; capitals and spaces make no difference. */
export function partnerIdOfName(name: string): string {
  return stableId(`name:${name.trim().replace(/\s+/gu, ' ').toLowerCase()}`);
}

/** Companies are few, and names that somebody makes up by the thousand shall not fill the memory. */
const maxIds = 10_000;
const ids = new Map<string, string>();

/** A UUID of version 8 (RFC 9562: made by a rule of our own) from a text. */
function stableId(text: string): string {
  const made = ids.get(text);
  if (made !== undefined) return made;
  const hex = createHash('sha256').update(`roamhub:here:partner:${text}`).digest('hex');
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  const id = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    variant + hex.slice(17, 20),
    hex.slice(20, 32),
  ];
  if (ids.size >= maxIds) ids.clear();
  ids.set(text, id.join('-'));
  return id.join('-');
}
