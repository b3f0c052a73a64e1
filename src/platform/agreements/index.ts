export {
  type Agreement,
  type Effect,
  isSettable,
  keyOfText,
  partyOfKey,
  type SharingState,
  sharedModules,
} from './agreement.js';
export {
  AgreementRefusal,
  type AgreementRegistry,
  type AgreementWish,
  type PartySharing,
  type Sharing,
} from './agreement-registry.js';
export { newlyAllowed, newlyDenied, type Pair } from './newly-shared.js';
export {
  type Agreements,
  type AgreementsOptions,
  agreementEntities,
  agreementMigrations,
  openAgreements,
  postgresAgreementMigrations,
} from './open-agreements.js';
export {
  everythingOpen,
  type Flow,
  fixedPolicy,
  flowOf,
  type PolicyChange,
  type SharingJudge,
  type SharingPolicy,
  type Verdict,
} from './sharing-policy.js';
export { SharingRules } from './sharing-rules.js';
