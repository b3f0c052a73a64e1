import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Partners, their credentials, invites, registrations that the hub started, and the audit, for PostgreSQL; besides, what
 * several nodes need: revisions, the keys' fingerprint, turns. Times are epoch ms.
 */
export class PostgresPartners1700000101000 implements MigrationInterface {
  readonly name = 'PostgresPartners1700000101000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of tables) await runner.query(statement);
    // Threat T26: a row of the audit is neither changed nor removed, not even by a mistake of ours.
    await runner.query(`CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'the audit is append-only'; END $$`);
    await runner.query(`CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
      FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of [
      'node_turn',
      'key_fingerprint',
      'partner_revision',
      'audit',
      'registration',
      'invite',
      'sealed_token',
      'credential',
      'partner_endpoint',
      'partner_role',
      'partner',
    ])
      await runner.query(`DROP TABLE ${table}`);
    await runner.query('DROP FUNCTION audit_is_append_only');
  }
}

const tables = [
  `CREATE TABLE partner (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    versions_url TEXT NOT NULL,
    version TEXT NOT NULL,
    allowed_roles TEXT NOT NULL,
    origins TEXT NOT NULL,
    pending_origins TEXT NOT NULL,
    switches TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    credentials_at BIGINT NOT NULL,
    last_seen_at BIGINT,
    unregistered_at BIGINT
  )`,
  `CREATE TABLE partner_role (
    country_key TEXT NOT NULL,
    party_key TEXT NOT NULL,
    role TEXT NOT NULL,
    partner_id TEXT NOT NULL REFERENCES partner (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    country_code TEXT NOT NULL,
    party_id TEXT NOT NULL,
    business_details TEXT,
    PRIMARY KEY (country_key, party_key, role)
  )`,
  'CREATE INDEX partner_role_partner ON partner_role (partner_id)',
  `CREATE TABLE partner_endpoint (
    partner_id TEXT NOT NULL REFERENCES partner (id) ON DELETE CASCADE,
    identifier TEXT NOT NULL,
    role TEXT NOT NULL,
    url TEXT NOT NULL,
    PRIMARY KEY (partner_id, identifier, role)
  )`,
  `CREATE TABLE credential (
    id TEXT PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    owner_kind TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    first_used_at BIGINT,
    last_used_at BIGINT,
    expires_at BIGINT
  )`,
  'CREATE INDEX credential_owner ON credential (owner_kind, owner_id)',
  `CREATE TABLE sealed_token (
    owner_id TEXT NOT NULL,
    purpose TEXT NOT NULL,
    sealed TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (owner_id, purpose)
  )`,
  `CREATE TABLE invite (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    roles TEXT NOT NULL,
    origins TEXT NOT NULL,
    state TEXT NOT NULL,
    claim_id TEXT,
    claimed_at BIGINT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    consumed_at BIGINT,
    partner_id TEXT,
    presented_digest TEXT,
    versions_url TEXT,
    issued_credential_id TEXT
  )`,
  `CREATE TABLE registration (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    versions_url TEXT NOT NULL,
    token_digest TEXT NOT NULL UNIQUE,
    roles TEXT,
    origins TEXT NOT NULL,
    step TEXT NOT NULL,
    endpoints TEXT,
    credential_id TEXT NOT NULL,
    created_at BIGINT NOT NULL
  )`,
  `CREATE TABLE audit (
    seq BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    result TEXT NOT NULL,
    source TEXT,
    detail TEXT,
    previous_hash TEXT NOT NULL,
    hash TEXT NOT NULL
  )`,
  `CREATE TABLE partner_revision (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    revision BIGINT NOT NULL,
    PRIMARY KEY (kind, id)
  )`,
  'CREATE INDEX partner_revision_order ON partner_revision (revision)',
  `CREATE TABLE key_fingerprint (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    fingerprint TEXT NOT NULL,
    party TEXT NOT NULL
  )`,
  `CREATE TABLE node_turn (
    name TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    held_until BIGINT NOT NULL
  )`,
];
