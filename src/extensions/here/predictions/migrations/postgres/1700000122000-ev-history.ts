import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The same for PostgreSQL. */
export class PostgresEvHistory1700000122000 implements MigrationInterface {
  readonly name = 'PostgresEvHistory1700000122000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE ev_history (
      owner TEXT NOT NULL,
      day INTEGER NOT NULL,
      version BIGINT NOT NULL,
      data TEXT NOT NULL,
      PRIMARY KEY (owner, day)
    )`);
    await runner.query('CREATE TABLE ev_history_staged (id TEXT PRIMARY KEY, owner TEXT NOT NULL, data TEXT NOT NULL)');
    await runner.query('CREATE INDEX ev_history_staged_by_owner ON ev_history_staged (owner)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE ev_history_staged');
    await runner.query('DROP TABLE ev_history');
  }
}
