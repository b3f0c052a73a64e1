import type { EntitySchema } from 'typeorm';
import type { PartnerStorage, Partners, SharedDatabase } from '../partners/index.js';
import { AgreementRegistry } from './agreement-registry.js';
import { agreementEntity, closedPartyEntity, readState, sharingVersionEntity } from './agreement-rows.js';
import { CurrentPolicy } from './current-policy.js';
import { Agreements1700000016000 } from './migrations/1700000016000-agreements.js';
import { PostgresAgreements1700000116000 } from './migrations/postgres/1700000116000-agreements.js';
import { SharingFollower } from './sharing-follower.js';
import type { SharingPolicy } from './sharing-policy.js';

/** What the storage must be opened with. */
export const agreementEntities: readonly EntitySchema[] = [
  agreementEntity,
  closedPartyEntity,
  sharingVersionEntity,
] as unknown as readonly EntitySchema[];
export const agreementMigrations = [Agreements1700000016000];
/** The same for PostgreSQL. */
export const postgresAgreementMigrations = [PostgresAgreements1700000116000];

export interface AgreementsOptions {
  readonly storage: PartnerStorage;
  readonly partners: Pick<Partners, 'work'>;
  /** The database beneath `storage`, where other nodes work on it, too. Absent: this process owns it. */
  readonly shared?: SharedDatabase;
  /** How often the database is asked for what other nodes changed, ms. */
  readonly pollMs?: number;
  /** Told of what went wrong while following other nodes. */
  readonly onTrouble?: (error: unknown) => void;
}

/** Who shares what with whom, and every way to change that. */
export interface Agreements {
  readonly policy: SharingPolicy;
  readonly registry: AgreementRegistry;
  /** Resolves when everything that other nodes have committed before the call is known here. */
  catchUp(): Promise<void>;
  /** Follows other nodes no more; before the storage is closed. */
  stop(): Promise<void>;
}

/** Reads all agreements into memory, and with a shared database keeps up with what other nodes change. */
export async function openAgreements(options: AgreementsOptions): Promise<Agreements> {
  const { storage, partners, shared, pollMs, onTrouble = () => undefined } = options;
  const policy = new CurrentPolicy(await storage.transaction(readState));
  const follower =
    shared && new SharingFollower({ storage, policy, shared, onTrouble, ...(pollMs === undefined ? {} : { pollMs }) });
  await follower?.start();
  return {
    policy,
    registry: new AgreementRegistry(partners.work, policy, shared !== undefined),
    catchUp: async () => follower?.catchUp(),
    stop: async () => follower?.stop(),
  };
}
