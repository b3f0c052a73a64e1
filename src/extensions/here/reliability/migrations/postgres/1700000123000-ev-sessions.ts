import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The same for PostgreSQL. */
export class PostgresEvSessions1700000123000 implements MigrationInterface {
  readonly name = 'PostgresEvSessions1700000123000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE ev_session_day (
      owner TEXT NOT NULL,
      day INTEGER NOT NULL,
      version BIGINT NOT NULL,
      data TEXT NOT NULL,
      PRIMARY KEY (owner, day)
    )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE ev_session_day');
  }
}
