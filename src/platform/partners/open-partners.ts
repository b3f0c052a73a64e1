import { type EntitySchema, LessThanOrEqual } from 'typeorm';
import type { Clock } from '../../kernel/clock.js';
import type { PartyRef } from '../../kernel/party-ref.js';
import { ConfigRefusal } from '../config/index.js';
import { type AuditHead, AuditLog, type AuditRow, auditEntity } from './audit-log.js';
import { checkSameHub } from './check-same-hub.js';
import { credentialEntity, inviteEntity, registrationEntity, sealedTokenEntity } from './credential-entities.js';
import { CredentialRotation } from './credential-rotation.js';
import { claimLeaseMs, InviteRegistry } from './invite-registry.js';
import { Partners1700000001000 } from './migrations/1700000001000-partners.js';
import { PartnerRevision1700000001100 } from './migrations/1700000001100-partner-revision.js';
import { PostgresPartners1700000101000 } from './migrations/postgres/1700000101000-partners.js';
import { PartnerActivity } from './partner-activity.js';
import { PartnerDirectory } from './partner-directory.js';
import { partnerEndpointEntity, partnerEntity, partnerRoleEntity } from './partner-entities.js';
import { PartnerFollower, type PartnerFollowerOptions } from './partner-follower.js';
import { PartnerRegistry } from './partner-registry.js';
import { revisionEntity } from './partner-revisions.js';
import { type PartnerStorage, PartnerWork } from './partner-work.js';
import { RegistrationRegistry } from './registration-registry.js';
import { SealBroken } from './sealing-key-ring.js';
import type { SecretKeys } from './secret-keys.js';
import type { SharedDatabase } from './shared-database.js';
import { TokenMint } from './token-mint.js';
import { ownTurns, SharedTurns, type Turns } from './turns.js';

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
  revisionEntity,
] as unknown as readonly EntitySchema[];
export const partnerMigrations = [Partners1700000001000, PartnerRevision1700000001100];
/** The same for PostgreSQL. */
export const postgresPartnerMigrations = [PostgresPartners1700000101000];

export interface PartnersOptions {
  readonly storage: PartnerStorage;
  readonly keys: SecretKeys;
  readonly clock: Clock;
  /** The hub's own party. */
  readonly hub: PartyRef;
  /** The database beneath `storage`, where other nodes work on it, too. Absent: this process owns it. */
  readonly shared?: SharedDatabase;
  /** How often the database is asked for what other nodes changed, ms. */
  readonly pollMs?: number;
  /** Told of what went wrong while following other nodes. */
  readonly onTrouble?: (error: unknown) => void;
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
  /** What one node at a time may do. */
  readonly turns: Turns;
  /** Resolves when everything that other nodes have committed before the call is known here. */
  catchUp(): Promise<void>;
  /** Follows other nodes no more; before the storage is closed. */
  stop(): Promise<void>;
}

/**
 * Reads everything about partners into memory, and with a shared database keeps up with what other nodes change.
 *
 * Registrations that were running when the last process ended are given back, unless another node may be about them.
 * @throws ConfigRefusal if tokens cannot be opened with the keys at hand, or other nodes have other keys.
 */
export async function openPartners(options: PartnersOptions): Promise<Partners> {
  const { storage, keys, clock, hub, shared } = options;
  const mint = new TokenMint(keys.pepper);
  const audit = new AuditLog(keys.auditKey, clock);
  const directory = new PartnerDirectory(mint, clock);
  const notify = shared !== undefined;
  const work = new PartnerWork({ storage, directory, mint, ring: keys.ring, audit, clock, hub, notify });
  const activity = new PartnerActivity(work);
  if (shared) await checkSameHub(storage, mint, hub);
  await work.run(({ manager, now }) => {
    const left = shared ? { claimed_at: LessThanOrEqual(now - claimLeaseMs) } : {};
    return manager.update(
      inviteEntity,
      { state: 'CLAIMED', ...left },
      { state: 'OPEN', claim_id: null, claimed_at: null },
    );
  });
  const since = await orKeyRefusal(work.load());
  const follower =
    shared && (await follow({ ...options, shared }, { directory, work, since, onPoll: () => activity.tryAgain() }));
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
    turns: shared ? new SharedTurns(shared) : ownTurns,
    catchUp: async () => follower?.catchUp(),
    stop: async () => follower?.stop(),
  };
}

async function follow(
  { shared, pollMs, onTrouble = () => undefined }: PartnersOptions & { readonly shared: SharedDatabase },
  known: Pick<PartnerFollowerOptions, 'directory' | 'work' | 'since' | 'onPoll'>,
): Promise<PartnerFollower> {
  const follower = new PartnerFollower({ ...known, shared, onTrouble, ...(pollMs === undefined ? {} : { pollMs }) });
  await follower.start();
  known.directory.askOthers = () => follower.catchUp();
  return follower;
}

async function orKeyRefusal<T>(loading: Promise<T>): Promise<T> {
  try {
    return await loading;
  } catch (error) {
    if (!(error instanceof SealBroken)) throw error;
    throw new ConfigRefusal([
      "The secret key file does not open the partners' tokens; start with the file that sealed them.",
    ]);
  }
}
