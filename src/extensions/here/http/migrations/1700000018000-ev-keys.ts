import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Keys of the EV data API: only their digests. Times are epoch ms; `scopes` are joined by blanks, `party` is a party key. */
export class EvKeys1700000018000 implements MigrationInterface {
  readonly name = 'EvKeys1700000018000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE ev_key (
      id TEXT PRIMARY KEY,
      digest TEXT NOT NULL UNIQUE,
      name TEXT NOT NULL,
      scopes TEXT NOT NULL,
      party TEXT,
      created_at INTEGER NOT NULL,
      expires_at INTEGER
    )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE ev_key');
  }
}
