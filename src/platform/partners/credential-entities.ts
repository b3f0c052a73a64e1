import { EntitySchema } from 'typeorm';
import type { InviteState, PartnerEndpoint, RoleClaim } from './partner.js';
import { json, milliseconds } from './partner-entities.js';

/** Whom a token that we accept belongs to. */
export type CredentialOwner = 'partner' | 'invite' | 'registration';

/**
 * ACTIVE: the one in use. RETIRING: ends when its successor is used, or when it expires.
 * ROTATING: offered to the partner by a PUT of ours of which the outcome is not known.
 */
export type CredentialState = 'ACTIVE' | 'RETIRING' | 'ROTATING';

/** A token that a partner shows us; never the token itself. */
export interface CredentialRow {
  id: string;
  /** Keyed hash, hexadecimal. */
  digest: string;
  owner_kind: CredentialOwner;
  owner_id: string;
  state: CredentialState;
  created_at: number;
  first_used_at: number | null;
  last_used_at: number | null;
  expires_at: number | null;
}

/** A token that we show a partner. */
export interface SealedTokenRow {
  owner_id: string;
  purpose: SealedPurpose;
  sealed: string;
  created_at: number;
}

/**
 * `outbound`: what a partner is called with. `registration`: the token B of a registration that the hub started and that has
 * not ended, so that a repeated POST can carry the same one.
 */
export type SealedPurpose = 'outbound' | 'registration';

export interface InviteRow {
  id: string;
  name: string;
  roles: readonly RoleClaim[];
  origins: readonly string[];
  state: InviteState;
  claim_id: string | null;
  claimed_at: number | null;
  created_at: number;
  expires_at: number;
  consumed_at: number | null;
  partner_id: string | null;
  /** Keyed hash of the token B that registered, to know its POST again when the answer was lost. */
  presented_digest: string | null;
  versions_url: string | null;
  issued_credential_id: string | null;
}

/** DISCOVER: nothing was sent yet but reads. POST: the partner may have registered us. */
export type RegistrationStep = 'DISCOVER' | 'POST';

/** A registration that the hub started and that has not ended. */
export interface RegistrationRow {
  id: string;
  name: string;
  versions_url: string;
  /** Keyed hash of the partner's token A. */
  token_digest: string;
  roles: readonly RoleClaim[] | null;
  origins: readonly string[];
  step: RegistrationStep;
  endpoints: readonly PartnerEndpoint[] | null;
  credential_id: string;
  created_at: number;
}

const at = { type: 'integer', transformer: milliseconds } as const;
const maybeAt = { ...at, nullable: true } as const;
const text = { type: 'text' } as const;
const maybeText = { type: 'text', nullable: true } as const;

export const credentialEntity = new EntitySchema<CredentialRow>({
  name: 'credential',
  tableName: 'credential',
  columns: {
    id: { type: 'text', primary: true },
    digest: text,
    owner_kind: text,
    owner_id: text,
    state: text,
    created_at: at,
    first_used_at: maybeAt,
    last_used_at: maybeAt,
    expires_at: maybeAt,
  },
});

export const sealedTokenEntity = new EntitySchema<SealedTokenRow>({
  name: 'sealed_token',
  tableName: 'sealed_token',
  columns: {
    owner_id: { type: 'text', primary: true },
    purpose: { type: 'text', primary: true },
    sealed: text,
    created_at: at,
  },
});

export const inviteEntity = new EntitySchema<InviteRow>({
  name: 'invite',
  tableName: 'invite',
  columns: {
    id: { type: 'text', primary: true },
    name: text,
    roles: { type: 'text', transformer: json },
    origins: { type: 'text', transformer: json },
    state: text,
    claim_id: maybeText,
    claimed_at: maybeAt,
    created_at: at,
    expires_at: at,
    consumed_at: maybeAt,
    partner_id: maybeText,
    presented_digest: maybeText,
    versions_url: maybeText,
    issued_credential_id: maybeText,
  },
});

export const registrationEntity = new EntitySchema<RegistrationRow>({
  name: 'registration',
  tableName: 'registration',
  columns: {
    id: { type: 'text', primary: true },
    name: text,
    versions_url: text,
    token_digest: text,
    roles: { type: 'text', nullable: true, transformer: json },
    origins: { type: 'text', transformer: json },
    step: text,
    endpoints: { type: 'text', nullable: true, transformer: json },
    credential_id: text,
    created_at: at,
  },
});
