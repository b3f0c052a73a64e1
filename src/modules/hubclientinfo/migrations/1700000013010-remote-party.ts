import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What other hubs have told of their parties. Times are epoch ms. */
export class RemoteParty1700000013010 implements MigrationInterface {
  readonly name = 'RemoteParty1700000013010';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE remote_party (
      partner_id TEXT NOT NULL,
      party TEXT NOT NULL,
      role TEXT NOT NULL,
      country_code TEXT NOT NULL,
      party_id TEXT NOT NULL,
      status TEXT NOT NULL,
      last_updated INTEGER NOT NULL,
      told_at INTEGER NOT NULL,
      PRIMARY KEY (partner_id, party, role)
    )`);
    // Moves with every change, so that a number tells whether there is news.
    await runner.query('CREATE TABLE remote_party_version (one INTEGER PRIMARY KEY, version INTEGER NOT NULL)');
    await runner.query('INSERT INTO remote_party_version (one, version) VALUES (1, 0)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE remote_party_version');
    await runner.query('DROP TABLE remote_party');
  }
}
