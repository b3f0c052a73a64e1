import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a lane owes because it was not shared, and with which version of the sharing policy that was compared. */
export class PostgresLaneOwed1700000102020 implements MigrationInterface {
  readonly name = 'PostgresLaneOwed1700000102020';

  async up(runner: QueryRunner): Promise<void> {
    // Beside the lane, whose row is written many times a second.
    await runner.query(`CREATE TABLE push_owed (
      partner TEXT PRIMARY KEY,
      policy BIGINT NOT NULL,
      flows TEXT NOT NULL
    )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE push_owed');
  }
}
