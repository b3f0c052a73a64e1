import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Tariffs as whole documents. */
export class Tariff1700000011000 implements MigrationInterface {
  readonly name = 'Tariff1700000011000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE tariff (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      key TEXT NOT NULL,
      tariff_key TEXT NOT NULL,
      owner TEXT NOT NULL,
      last_updated INTEGER NOT NULL,
      oddities TEXT,
      document TEXT NOT NULL
    )`);
    await runner.query('CREATE UNIQUE INDEX tariff_key ON tariff (key)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE tariff');
  }
}
