export type { AuditHead, AuditRow } from './audit-log.js';
export { ChangeFollower, type Following } from './change-follower.js';
export { type CredentialRotation, retireMs } from './credential-rotation.js';
export {
  type Claim,
  InviteRefusal,
  type InviteRegistry,
  type InviteRequest,
  type IssuedInvite,
  replayGraceMs,
  replayPauseMs,
} from './invite-registry.js';
export {
  type AuditTrail,
  openPartners,
  type Partners,
  type PartnersOptions,
  partnerEntities,
  partnerMigrations,
  postgresPartnerMigrations,
} from './open-partners.js';
export {
  type Actor,
  type Caller,
  credentialsUrl,
  defaultSwitches,
  type Invite,
  type InviteState,
  isSpent,
  type Partner,
  type PartnerEndpoint,
  type PartnerRole,
  type PartnerStatus,
  type PartnerSwitches,
  type RoleClaim,
  roleKey,
  rolesOutside,
} from './partner.js';
export type { PartnerActivity } from './partner-activity.js';
export type { PartnerDirectory } from './partner-directory.js';
export type { PartnerChange, PartnerRegistry } from './partner-registry.js';
export type { PartnerStorage, PartnerWork, Unit } from './partner-work.js';
export { type Introduction, PartyTaken } from './partner-writes.js';
export type { Registration, RegistrationRegistry, RegistrationRequest } from './registration-registry.js';
export { SealingKeyRing } from './sealing-key-ring.js';
export { loadSecretKeys, newKeyFile, type SecretKeys } from './secret-keys.js';
export { databaseNow, type SharedDatabase } from './shared-database.js';
export { heldTurn, ownTurns, SharedTurns, type Turn, type Turns } from './turns.js';
