import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Kept CDRs as whole documents; `owner` names both parties that one concerns. */
export class Cdr1700000014010 implements MigrationInterface {
  readonly name = 'Cdr1700000014010';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE cdr (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      key TEXT NOT NULL,
      cdr_key TEXT NOT NULL,
      owner TEXT NOT NULL,
      last_updated INTEGER NOT NULL,
      oddities TEXT,
      document TEXT NOT NULL
    )`);
    await runner.query('CREATE UNIQUE INDEX cdr_key ON cdr (key)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE cdr');
  }
}
