import type { EntitySchema } from 'typeorm';
import type { Clock } from '../../kernel/clock.js';
import type { PartyRef } from '../../kernel/party-ref.js';
import { ConfigRefusal } from '../config/index.js';
import { type AuditHead, AuditLog, type AuditRow, auditEntity } from './audit-log.js';
import { credentialEntity, inviteEntity, registrationEntity, sealedTokenEntity } from './credential-entities.js';
import { CredentialRotation } from './credential-rotation.js';
import { InviteRegistry } from './invite-registry.js';
import { Partners1700000001000 } from './migrations/1700000001000-partners.js';
import { PartnerActivity } from './partner-activity.js';
import { PartnerDirectory } from './partner-directory.js';
import { partnerEndpointEntity, partnerEntity, partnerRoleEntity } from './partner-entities.js';
import { PartnerRegistry } from './partner-registry.js';
import { type PartnerStorage, PartnerWork } from './partner-work.js';
import { RegistrationRegistry } from './registration-registry.js';
import { SealBroken } from './sealing-key-ring.js';
import type { SecretKeys } from './secret-keys.js';
import { TokenMint } from './token-mint.js';

/** What the storage must be opened with. */
export const partnerEntities: readonly EntitySchema[] = [
  partnerEntity,
  partnerRoleEntity,
  partnerEndpointEntity,
  credentialEntity,
  sealedTokenEntity,
  inviteEntity,
  registrationEntity,
  auditEntity,
] as unknown as readonly EntitySchema[];
export const partnerMigrations = [Partners1700000001000];

export interface PartnersOptions {
  readonly storage: PartnerStorage;
  readonly keys: SecretKeys;
  readonly clock: Clock;
  /** The hub's own party. */
  readonly hub: PartyRef;
}

/** Reading the audit. */
export interface AuditTrail {
  /** The newest rows behind `before`, newest first. */
  list(limit: number, before?: number): Promise<readonly AuditRow[]>;
  head(): Promise<AuditHead>;
  /** The `seq` of the first row that does not fit the chain, or `undefined` (threat T26). */
  firstBroken(noted?: AuditHead): Promise<number | undefined>;
}

/** Who is registered, and every way to change that. */
export interface Partners {
  readonly directory: PartnerDirectory;
  readonly registry: PartnerRegistry;
  readonly invites: InviteRegistry;
  readonly registrations: RegistrationRegistry;
  readonly rotation: CredentialRotation;
  /** `flush()` now and then, and before the storage is closed. */
  readonly activity: PartnerActivity;
  readonly audit: AuditTrail;
  /** For audit rows of what changed nothing. */
  readonly work: PartnerWork;
}

/**
 * Reads everything about partners into memory.
 *
 * Registrations that were running when the last process ended are given back: one process owns the store.
 * @throws ConfigRefusal if tokens cannot be opened with the keys at hand.
 */
export async function openPartners({ storage, keys, clock, hub }: PartnersOptions): Promise<Partners> {
  const mint = new TokenMint(keys.pepper);
  const audit = new AuditLog(keys.auditKey, clock);
  const directory = new PartnerDirectory(mint, clock);
  const work = new PartnerWork({ storage, directory, mint, ring: keys.ring, audit, clock, hub });
  const activity = new PartnerActivity(work);
  try {
    await work.load(async ({ manager }) => {
      await manager.update(inviteEntity, { state: 'CLAIMED' }, { state: 'OPEN', claim_id: null, claimed_at: null });
    });
  } catch (error) {
    if (!(error instanceof SealBroken)) throw error;
    throw new ConfigRefusal([
      "The secret key file does not open the partners' tokens; start with the file that sealed them.",
    ]);
  }
  return {
    directory,
    registry: new PartnerRegistry(work),
    invites: new InviteRegistry(work),
    registrations: new RegistrationRegistry(work),
    rotation: new CredentialRotation(work),
    activity,
    audit: {
      list: (limit, before) => storage.transaction((manager) => audit.list(manager, limit, before)),
      head: () => storage.transaction((manager) => audit.head(manager)),
      firstBroken: (noted) => storage.transaction((manager) => audit.firstBroken(manager, noted)),
    },
    work,
  };
}
