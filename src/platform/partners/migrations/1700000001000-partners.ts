import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Partners, their credentials, invites, registrations that the hub started, and the audit. Times are epoch ms. */
export class Partners1700000001000 implements MigrationInterface {
  readonly name = 'Partners1700000001000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of tables) await runner.query(statement);
    // Threat T26: a row of the audit is neither changed nor removed, not even by a mistake of ours.
    for (const verb of ['UPDATE', 'DELETE']) {
      await runner.query(
        `CREATE TRIGGER audit_no_${verb.toLowerCase()} BEFORE ${verb} ON audit
         BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END`,
      );
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of [
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
    created_at INTEGER NOT NULL,
    credentials_at INTEGER NOT NULL,
    last_seen_at INTEGER,
    unregistered_at INTEGER
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
    created_at INTEGER NOT NULL,
    first_used_at INTEGER,
    last_used_at INTEGER,
    expires_at INTEGER
  )`,
  'CREATE INDEX credential_owner ON credential (owner_kind, owner_id)',
  `CREATE TABLE sealed_token (
    owner_id TEXT NOT NULL,
    purpose TEXT NOT NULL,
    sealed TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (owner_id, purpose)
  )`,
  `CREATE TABLE invite (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    roles TEXT NOT NULL,
    origins TEXT NOT NULL,
    state TEXT NOT NULL,
    claim_id TEXT,
    claimed_at INTEGER,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    consumed_at INTEGER,
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
    created_at INTEGER NOT NULL
  )`,
  `CREATE TABLE audit (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    result TEXT NOT NULL,
    source TEXT,
    detail TEXT,
    previous_hash TEXT NOT NULL,
    hash TEXT NOT NULL
  )`,
];
