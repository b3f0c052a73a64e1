import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Sessions that were seen: in `data` those that began on one UTC day (days since 1970) at one owner's EVSEs. */
export class EvSessions1700000023000 implements MigrationInterface {
  readonly name = 'EvSessions1700000023000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE ev_session_day (
      owner TEXT NOT NULL,
      day INTEGER NOT NULL,
      version INTEGER NOT NULL,
      data TEXT NOT NULL,
      PRIMARY KEY (owner, day)
    )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE ev_session_day');
  }
}
