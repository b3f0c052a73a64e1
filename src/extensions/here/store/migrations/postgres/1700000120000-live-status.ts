import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When statuses of EVSEs changed and which went away, for PostgreSQL; see `LiveStore`. `text` is packed by its writer. */
export class PostgresLiveStatus1700000120000 implements MigrationInterface {
  readonly name = 'PostgresLiveStatus1700000120000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE live_status (
      key TEXT COLLATE "C" PRIMARY KEY,
      seq BIGINT NOT NULL,
      text TEXT NOT NULL
    ) WITH (fillfactor = 70)`);
    await runner.query(`CREATE TABLE live_removal (
      object TEXT COLLATE "C" PRIMARY KEY,
      seq BIGINT NOT NULL,
      text TEXT NOT NULL
    )`);
    await runner.query('CREATE INDEX live_removal_seq ON live_removal (seq)');
    await runner.query(`CREATE TABLE live_position (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      cursor BIGINT NOT NULL,
      floor BIGINT NOT NULL
    )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE live_position');
    await runner.query('DROP TABLE live_removal');
    await runner.query('DROP TABLE live_status');
  }
}
