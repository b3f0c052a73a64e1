import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What partners asked of any node, for PostgreSQL. `at` is epoch ms, `entry` JSON. */
export class PostgresMessages1700000117000 implements MigrationInterface {
  readonly name = 'PostgresMessages1700000117000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE message (
      id BIGSERIAL PRIMARY KEY,
      at BIGINT NOT NULL,
      correlation_id TEXT NOT NULL,
      entry TEXT NOT NULL
    )`);
    // The newest entry of an id is asked for first.
    await runner.query('CREATE INDEX message_correlation ON message (correlation_id, id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE message');
  }
}
