import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where results go that are still to come, results that wait, and requests that were passed on. Times are epoch ms. */
export class Callbacks1700000015000 implements MigrationInterface {
  readonly name = 'Callbacks1700000015000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE callback (
      id TEXT PRIMARY KEY,
      module TEXT NOT NULL,
      command TEXT NOT NULL,
      originator_partner TEXT NOT NULL,
      originator TEXT NOT NULL,
      receiver_partner TEXT NOT NULL,
      receiver TEXT NOT NULL,
      url TEXT NOT NULL,
      reusable INTEGER NOT NULL,
      expires_at INTEGER NOT NULL,
      busy_until INTEGER NOT NULL,
      used_at INTEGER
    )`);
    await runner.query('CREATE INDEX callback_expires ON callback (expires_at)');
    await runner.query(`CREATE TABLE callback_result (
      id TEXT PRIMARY KEY,
      callback TEXT NOT NULL,
      body TEXT NOT NULL,
      responder TEXT NOT NULL,
      correlation_id TEXT NOT NULL,
      tries INTEGER NOT NULL,
      next_due INTEGER NOT NULL,
      deadline INTEGER NOT NULL
    )`);
    await runner.query('CREATE INDEX callback_result_due ON callback_result (next_due)');
    await runner.query(`CREATE TABLE request_guard (
      key TEXT PRIMARY KEY,
      digest TEXT NOT NULL,
      node TEXT NOT NULL,
      under_way_until INTEGER NOT NULL,
      guarded_until INTEGER NOT NULL,
      answer TEXT
    )`);
    await runner.query('CREATE INDEX request_guard_until ON request_guard (guarded_until)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE request_guard');
    await runner.query('DROP TABLE callback_result');
    await runner.query('DROP TABLE callback');
  }
}
