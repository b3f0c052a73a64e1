import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Kept Sessions as whole documents; `owner` names both parties that one concerns. */
export class Session1700000014000 implements MigrationInterface {
  readonly name = 'Session1700000014000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE session (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      key TEXT NOT NULL,
      session_key TEXT NOT NULL,
      owner TEXT NOT NULL,
      last_updated INTEGER NOT NULL,
      oddities TEXT,
      document TEXT NOT NULL
    )`);
    await runner.query('CREATE UNIQUE INDEX session_key ON session (key)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE session');
  }
}
