import { type EntityManager, In } from 'typeorm';
import {
  type CredentialOwner,
  type CredentialRow,
  credentialEntity,
  type InviteRow,
  inviteEntity,
  registrationEntity,
  type SealedPurpose,
  sealedTokenEntity,
} from './credential-entities.js';
import type { Invite, Partner } from './partner.js';
import {
  type PartnerEndpointRow,
  type PartnerRoleRow,
  type PartnerRow,
  partnerEndpointEntity,
  partnerEntity,
  partnerRoleEntity,
} from './partner-entities.js';
import { readSwitches } from './partner-switches.js';
import type { SealContext, SealingKeyRing } from './sealing-key-ring.js';

/** What the directory keeps of one partner, invite or registration; `undefined` as a whole: it is gone. */
export interface PartnerRecord {
  readonly partner: Partner;
  readonly credentials: readonly CredentialRow[];
  /** In clear. */
  readonly outboundToken: string | undefined;
}

export interface InviteRecord {
  readonly invite: Invite;
  readonly credentials: readonly CredentialRow[];
}

export interface RegistrationRecord {
  readonly credentials: readonly CredentialRow[];
}

/** State as a committed transaction left it. */
export interface Snapshot {
  /** The transaction's revision: what was read with a higher one is newer. Absent: newer than whatever is known. */
  readonly revision?: number;
  readonly partners: ReadonlyMap<string, PartnerRecord | undefined>;
  readonly invites: ReadonlyMap<string, InviteRecord | undefined>;
  readonly registrations: ReadonlyMap<string, RegistrationRecord | undefined>;
}

/** What opens sealed tokens; `undefined`: this one stays closed. */
export interface SealOpener {
  open(text: string, context: SealContext): string | undefined;
}

/** What a transaction has changed, by id. */
export interface Touched {
  readonly partners: Set<string>;
  readonly invites: Set<string>;
  readonly registrations: Set<string>;
}

export const touchedKinds = ['partners', 'invites', 'registrations'] as const satisfies readonly (keyof Touched)[];

export const untouched = (): Touched => ({ partners: new Set(), invites: new Set(), registrations: new Set() });

/** Everything that there is, for the start. */
export async function touchAll(manager: EntityManager): Promise<Touched> {
  const ids = (rows: readonly { id: string }[]): Set<string> => new Set(rows.map((row) => row.id));
  return {
    partners: ids(await manager.find(partnerEntity, { select: { id: true } })),
    invites: ids(await manager.find(inviteEntity, { select: { id: true } })),
    registrations: ids(await manager.find(registrationEntity, { select: { id: true } })),
  };
}

/** @throws SealBroken if a sealed token does not open with the keys at hand. */
export async function readSnapshot(manager: EntityManager, ring: SealOpener, touched: Touched): Promise<Snapshot> {
  const partners = new Map<string, PartnerRecord | undefined>();
  for (const id of touched.partners) partners.set(id, await readPartner(manager, ring, id));
  const invites = new Map<string, InviteRecord | undefined>();
  for (const id of touched.invites) {
    const row = await manager.findOneBy(inviteEntity, { id });
    invites.set(
      id,
      row ? { invite: toInvite(row), credentials: await credentialsOf(manager, 'invite', id) } : undefined,
    );
  }
  const registrations = new Map<string, RegistrationRecord | undefined>();
  for (const id of touched.registrations) {
    const row = await manager.findOneBy(registrationEntity, { id });
    registrations.set(id, row ? { credentials: await credentialsOf(manager, 'registration', id) } : undefined);
  }
  return { partners, invites, registrations };
}

async function readPartner(manager: EntityManager, ring: SealOpener, id: string): Promise<PartnerRecord | undefined> {
  const row = await manager.findOneBy(partnerEntity, { id });
  if (!row) return undefined;
  const roles = await manager.find(partnerRoleEntity, { where: { partner_id: id }, order: { position: 'ASC' } });
  const endpoints = await manager.find(partnerEndpointEntity, {
    where: { partner_id: id },
    order: { identifier: 'ASC', role: 'ASC' },
  });
  return {
    partner: toPartner(row, roles, endpoints),
    credentials: await credentialsOf(manager, 'partner', id),
    outboundToken: await openToken(manager, ring, id, 'outbound'),
  };
}

export function credentialsOf(manager: EntityManager, kind: CredentialOwner, id: string): Promise<CredentialRow[]> {
  return manager.find(credentialEntity, { where: { owner_kind: kind, owner_id: id }, order: { created_at: 'ASC' } });
}

/** The clear text of a sealed token, or `undefined` if there is none. */
export async function openToken(
  manager: EntityManager,
  ring: SealOpener,
  owner: string,
  purpose: SealedPurpose,
): Promise<string | undefined> {
  const row = await manager.findOneBy(sealedTokenEntity, { owner_id: owner, purpose });
  return row ? ring.open(row.sealed, { owner, purpose }) : undefined;
}

export async function sealToken(
  manager: EntityManager,
  ring: SealingKeyRing,
  token: { readonly owner: string; readonly purpose: SealedPurpose; readonly clear: string; readonly at: number },
): Promise<void> {
  const { owner, purpose } = token;
  await manager.upsert(
    sealedTokenEntity,
    { owner_id: owner, purpose, sealed: ring.seal(token.clear, { owner, purpose }), created_at: token.at },
    ['owner_id', 'purpose'],
  );
}

export async function dropTokens(
  manager: EntityManager,
  owner: string,
  purposes: readonly SealedPurpose[],
): Promise<void> {
  await manager.delete(sealedTokenEntity, { owner_id: owner, purpose: In([...purposes]) });
}

function toPartner(
  row: PartnerRow,
  roles: readonly PartnerRoleRow[],
  endpoints: readonly PartnerEndpointRow[],
): Partner {
  return {
    id: row.id,
    name: row.name,
    status: row.status,
    roles: roles.map(({ role, country_code, party_id, business_details }) => ({
      role,
      country_code,
      party_id,
      ...(business_details === null ? {} : { business_details }),
    })),
    allowedRoles: row.allowed_roles,
    versionsUrl: row.versions_url,
    version: row.version,
    endpoints: endpoints.map(({ identifier, role, url }) => ({ identifier, role, url })),
    origins: row.origins,
    pendingOrigins: row.pending_origins,
    switches: readSwitches({ ...row.switches }),
    createdAt: row.created_at,
    credentialsAt: row.credentials_at,
    ...(row.last_seen_at === null ? {} : { lastSeenAt: row.last_seen_at }),
    ...(row.unregistered_at === null ? {} : { unregisteredAt: row.unregistered_at }),
  };
}

export function toInvite(row: InviteRow): Invite {
  return {
    id: row.id,
    name: row.name,
    roles: row.roles,
    origins: row.origins,
    state: row.state,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    ...(row.consumed_at === null ? {} : { consumedAt: row.consumed_at }),
    ...(row.partner_id === null ? {} : { partnerId: row.partner_id }),
  };
}
