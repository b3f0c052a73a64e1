import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The same for PostgreSQL. */
export class PostgresEvKeys1700000118000 implements MigrationInterface {
  readonly name = 'PostgresEvKeys1700000118000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE ev_key (
      id TEXT PRIMARY KEY,
      digest TEXT NOT NULL UNIQUE,
      name TEXT NOT NULL,
      scopes TEXT NOT NULL,
      party TEXT,
      created_at BIGINT NOT NULL,
      expires_at BIGINT
    )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE ev_key');
  }
}
