import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How far the hub got with reading each party's lists, and when partners are due, for PostgreSQL. Times are epoch ms. */
export class PostgresPulls1700000104000 implements MigrationInterface {
  readonly name = 'PostgresPulls1700000104000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE pull_state (
      partner TEXT NOT NULL,
      module TEXT NOT NULL,
      party TEXT NOT NULL,
      state TEXT NOT NULL,
      PRIMARY KEY (partner, module, party)
    )`);
    // "wishes" counts them: one that came while a pull was running is not met by it.
    await runner.query(`CREATE TABLE pull_schedule (
      partner TEXT PRIMARY KEY,
      due_at BIGINT NOT NULL,
      full_wished BOOLEAN NOT NULL,
      wishes BIGINT NOT NULL
    )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE pull_schedule');
    await runner.query('DROP TABLE pull_state');
  }
}
