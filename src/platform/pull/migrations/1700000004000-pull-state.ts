import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How far the hub got with reading each party's lists. */
export class PullState1700000004000 implements MigrationInterface {
  readonly name = 'PullState1700000004000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE pull_state (
      partner TEXT NOT NULL,
      module TEXT NOT NULL,
      party TEXT NOT NULL,
      state TEXT NOT NULL,
      PRIMARY KEY (partner, module, party)
    )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE pull_state');
  }
}
