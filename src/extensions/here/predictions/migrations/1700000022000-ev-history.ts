import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * History of statuses: `ev_history` holds a local day (days since 1970) of one owner's subjects in `data`; `ev_history_staged` what
 * came from outside and is not taken in yet.
 */
export class EvHistory1700000022000 implements MigrationInterface {
  readonly name = 'EvHistory1700000022000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE ev_history (
      owner TEXT NOT NULL,
      day INTEGER NOT NULL,
      version INTEGER NOT NULL,
      data TEXT NOT NULL,
      PRIMARY KEY (owner, day)
    )`);
    await runner.query('CREATE TABLE ev_history_staged (id TEXT PRIMARY KEY, owner TEXT NOT NULL, data TEXT NOT NULL)');
    await runner.query('CREATE INDEX ev_history_staged_by_owner ON ev_history_staged (owner)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE ev_history_staged');
    await runner.query('DROP TABLE ev_history');
  }
}
