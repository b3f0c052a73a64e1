import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Tokens as whole documents; their keys show no uid (T20). */
export class Token1700000012000 implements MigrationInterface {
  readonly name = 'Token1700000012000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE token (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      key TEXT NOT NULL,
      token_key TEXT NOT NULL,
      owner TEXT NOT NULL,
      last_updated INTEGER NOT NULL,
      oddities TEXT,
      document TEXT NOT NULL
    )`);
    await runner.query('CREATE UNIQUE INDEX token_key ON token (key)');
    await runner.query('CREATE INDEX token_id ON token (token_key)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE token');
  }
}
