import { randomUUID } from 'node:crypto';
import { In } from 'typeorm';
import { ciKey } from '../../kernel/party-ref.js';
import { type CredentialOwner, type CredentialState, credentialEntity } from './credential-entities.js';
import type { PartnerEndpoint, PartnerRole, PartnerSwitches, RoleClaim } from './partner.js';
import { partnerEndpointEntity, partnerEntity, partnerRoleEntity } from './partner-entities.js';
import { sealToken } from './partner-rows.js';
import type { PartnerWork, Unit } from './partner-work.js';
import type { MintedToken } from './token-mint.js';

/** A party is registered by another platform, or is the hub's own (C-25). */
export class PartyTaken extends Error {
  constructor(readonly claim: RoleClaim) {
    super(`${claim.country_code}/${claim.party_id} as ${claim.role} is registered by another platform.`);
    this.name = 'PartyTaken';
  }
}

/** What a platform has told of itself in a handshake. */
export interface Introduction {
  readonly roles: readonly PartnerRole[];
  readonly versionsUrl: string;
  readonly endpoints: readonly PartnerEndpoint[];
  /** What it wants to be called with, in clear. */
  readonly outboundToken: string;
}

export interface NewPartner extends Introduction {
  readonly name: string;
  readonly allowedRoles: readonly RoleClaim[];
  readonly origins: readonly string[];
  readonly switches: Partial<PartnerSwitches>;
}

/** OCPI version of every connection. */
const version = '2.2.1';

/** Stores a partner with its roles, endpoints and sealed token. @throws PartyTaken */
export async function insertPartner(work: PartnerWork, unit: Unit, partner: NewPartner): Promise<string> {
  const id = randomUUID();
  await unit.manager.insert(partnerEntity, {
    id,
    name: partner.name,
    status: 'CONNECTED',
    versions_url: partner.versionsUrl,
    version,
    allowed_roles: partner.allowedRoles,
    origins: partner.origins,
    pending_origins: [],
    switches: partner.switches,
    created_at: unit.now,
    credentials_at: unit.now,
    last_seen_at: unit.now,
    unregistered_at: null,
  });
  unit.touched.partners.add(id);
  await writeIntroduction(work, unit, id, partner);
  return id;
}

/** Replaces roles, endpoints and outbound token of a partner. @throws PartyTaken */
export async function writeIntroduction(
  work: PartnerWork,
  unit: Unit,
  partnerId: string,
  introduction: Introduction,
): Promise<void> {
  await replaceRoles(work, unit, partnerId, introduction.roles);
  await unit.manager.delete(partnerEndpointEntity, { partner_id: partnerId });
  await unit.manager.insert(
    partnerEndpointEntity,
    introduction.endpoints.map(({ identifier, role, url }) => ({ partner_id: partnerId, identifier, role, url })),
  );
  await sealToken(unit.manager, work.ring, {
    owner: partnerId,
    purpose: 'outbound',
    clear: introduction.outboundToken,
    at: unit.now,
  });
}

/** Stores a token that will be accepted, as its hash. */
export async function insertCredential(
  unit: Unit,
  minted: MintedToken,
  owner: {
    readonly kind: CredentialOwner;
    readonly id: string;
    readonly state?: CredentialState;
    readonly expiresAt?: number;
  },
): Promise<void> {
  await unit.manager.insert(credentialEntity, {
    id: minted.id,
    digest: minted.digest.toString('hex'),
    owner_kind: owner.kind,
    owner_id: owner.id,
    state: owner.state ?? 'ACTIVE',
    created_at: unit.now,
    first_used_at: null,
    last_used_at: null,
    expires_at: owner.expiresAt ?? null,
  });
}

/** Whether a token of the partner still opens something, by what is on disk now. */
export async function isAlive({ manager, now }: Unit, partnerId: string, credentialId: string): Promise<boolean> {
  const row = await manager.findOneBy(credentialEntity, {
    id: credentialId,
    owner_kind: 'partner',
    owner_id: partnerId,
  });
  return row !== null && (row.expires_at ?? Number.POSITIVE_INFINITY) > now;
}

async function replaceRoles(
  work: PartnerWork,
  unit: Unit,
  partnerId: string,
  roles: readonly PartnerRole[],
): Promise<void> {
  await unit.manager.delete(partnerRoleEntity, { partner_id: partnerId });
  for (const [position, claim] of roles.entries()) {
    await vacate(work, unit, claim);
    await unit.manager.insert(partnerRoleEntity, {
      ...keysOf(claim),
      partner_id: partnerId,
      position,
      country_code: claim.country_code,
      party_id: claim.party_id,
      business_details: typeof claim.business_details === 'object' ? claim.business_details : null,
    });
  }
}

/**
 * Makes room for a claim. A platform that has ended its connection gives its parties up to the next one that is invited
 * for them; one that is left without a party is removed.
 */
async function vacate(work: PartnerWork, unit: Unit, claim: RoleClaim): Promise<void> {
  if (isHubParty(work, claim)) throw new PartyTaken(claim);
  const holder = await unit.manager.findOneBy(partnerRoleEntity, keysOf(claim));
  if (!holder) return;
  const partner = await unit.manager.findOneByOrFail(partnerEntity, { id: holder.partner_id });
  if (partner.unregistered_at === null) throw new PartyTaken(claim);
  await unit.manager.delete(partnerRoleEntity, keysOf(claim));
  unit.touched.partners.add(partner.id);
  const left = await unit.manager.countBy(partnerRoleEntity, { partner_id: partner.id });
  if (left > 0) return;
  await unit.manager.delete(partnerEndpointEntity, { partner_id: partner.id });
  await unit.manager.delete(partnerEntity, { id: partner.id });
}

/** Whether a claim names the hub's own party, in whatever role. */
export function isHubParty(work: PartnerWork, claim: RoleClaim): boolean {
  return (
    ciKey(claim.country_code) === ciKey(work.hub.country_code) && ciKey(claim.party_id) === ciKey(work.hub.party_id)
  );
}

/** The first claim that another live platform holds or that is the hub's own, to refuse it before anybody is called. */
export function takenClaim(
  work: PartnerWork,
  claims: readonly RoleClaim[],
  exceptPartnerId?: string,
): RoleClaim | undefined {
  return claims.find((claim) => {
    if (isHubParty(work, claim)) return true;
    const holder = work.directory.byParty(claim, claim.role);
    return holder !== undefined && holder.id !== exceptPartnerId && holder.unregisteredAt === undefined;
  });
}

export async function deleteCredentials(unit: Unit, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await unit.manager.delete(credentialEntity, { id: In([...ids]) });
}

function keysOf(claim: RoleClaim) {
  return { country_key: ciKey(claim.country_code), party_key: ciKey(claim.party_id), role: claim.role };
}
