import { EntitySchema, type ValueTransformer } from 'typeorm';
import type { InterfaceRole, Role } from '../../kernel/module-id.js';
import type { PartnerStatus, PartnerSwitches, RoleClaim } from './partner.js';

export interface PartnerRow {
  id: string;
  name: string;
  status: PartnerStatus;
  versions_url: string;
  version: string;
  allowed_roles: readonly RoleClaim[];
  origins: readonly string[];
  pending_origins: readonly string[];
  switches: Partial<PartnerSwitches>;
  created_at: number;
  credentials_at: number;
  last_seen_at: number | null;
  unregistered_at: number | null;
}

export interface PartnerRoleRow {
  /** Upper case; with `party_key` and `role` unique over all partners (C-25). */
  country_key: string;
  party_key: string;
  role: Role;
  partner_id: string;
  /** Place in the partner's own list. */
  position: number;
  /** As the partner spells them. */
  country_code: string;
  party_id: string;
  business_details: object | null;
}

export interface PartnerEndpointRow {
  partner_id: string;
  identifier: string;
  role: InterfaceRole;
  url: string;
}

/** JSON kept as text, the same on every database. */
export const json: ValueTransformer = {
  to: (value: unknown) => (value === undefined || value === null ? null : JSON.stringify(value)),
  from: (text: unknown) => (typeof text === 'string' ? (JSON.parse(text) as unknown) : null),
};

/** Epoch milliseconds and other large numbers; PostgreSQL's driver hands out bigint as text. */
export const milliseconds: ValueTransformer = {
  to: (value: unknown) => value,
  from: (value: unknown) => (typeof value === 'string' ? Number(value) : value),
};

export const partnerEntity = new EntitySchema<PartnerRow>({
  name: 'partner',
  tableName: 'partner',
  columns: {
    id: { type: 'text', primary: true },
    name: { type: 'text' },
    status: { type: 'text' },
    versions_url: { type: 'text' },
    version: { type: 'text' },
    allowed_roles: { type: 'text', transformer: json },
    origins: { type: 'text', transformer: json },
    pending_origins: { type: 'text', transformer: json },
    switches: { type: 'text', transformer: json },
    created_at: { type: 'integer', transformer: milliseconds },
    credentials_at: { type: 'integer', transformer: milliseconds },
    last_seen_at: { type: 'integer', nullable: true, transformer: milliseconds },
    unregistered_at: { type: 'integer', nullable: true, transformer: milliseconds },
  },
});

export const partnerRoleEntity = new EntitySchema<PartnerRoleRow>({
  name: 'partner_role',
  tableName: 'partner_role',
  columns: {
    country_key: { type: 'text', primary: true },
    party_key: { type: 'text', primary: true },
    role: { type: 'text', primary: true },
    partner_id: { type: 'text' },
    position: { type: 'integer' },
    country_code: { type: 'text' },
    party_id: { type: 'text' },
    business_details: { type: 'text', nullable: true, transformer: json },
  },
});

export const partnerEndpointEntity = new EntitySchema<PartnerEndpointRow>({
  name: 'partner_endpoint',
  tableName: 'partner_endpoint',
  columns: {
    partner_id: { type: 'text', primary: true },
    identifier: { type: 'text', primary: true },
    role: { type: 'text', primary: true },
    url: { type: 'text' },
  },
});
