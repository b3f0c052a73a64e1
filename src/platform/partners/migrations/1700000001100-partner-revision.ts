import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which transaction was the last to change a partner, an invite or a registration. */
export class PartnerRevision1700000001100 implements MigrationInterface {
  readonly name = 'PartnerRevision1700000001100';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE partner_revision (
      kind TEXT NOT NULL,
      id TEXT NOT NULL,
      revision INTEGER NOT NULL,
      PRIMARY KEY (kind, id)
    )`);
    await runner.query('CREATE INDEX partner_revision_order ON partner_revision (revision)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE partner_revision');
  }
}
