import type { MigrationInterface, QueryRunner } from 'typeorm';

/** ClientInfo objects as whole documents. */
export class ClientInfo1700000013000 implements MigrationInterface {
  readonly name = 'ClientInfo1700000013000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE client_info (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      key TEXT NOT NULL,
      client_role TEXT NOT NULL,
      owner TEXT NOT NULL,
      last_updated INTEGER NOT NULL,
      oddities TEXT,
      document TEXT NOT NULL
    )`);
    await runner.query('CREATE UNIQUE INDEX client_info_key ON client_info (key)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE client_info');
  }
}
