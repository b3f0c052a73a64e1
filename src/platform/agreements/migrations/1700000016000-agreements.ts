import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who shares what with whom, and how often that has changed. Times are epoch ms. */
export class Agreements1700000016000 implements MigrationInterface {
  readonly name = 'Agreements1700000016000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE agreement (
      id TEXT PRIMARY KEY,
      giver TEXT NOT NULL,
      taker TEXT NOT NULL,
      module TEXT NOT NULL,
      effect TEXT NOT NULL,
      note TEXT,
      created_at INTEGER NOT NULL,
      UNIQUE (giver, taker, module)
    )`);
    await runner.query('CREATE TABLE closed_party (party TEXT PRIMARY KEY, closed_at INTEGER NOT NULL)');
    await runner.query(`CREATE TABLE sharing_version (
      one INTEGER PRIMARY KEY CHECK (one = 1),
      version INTEGER NOT NULL
    )`);
    await runner.query('INSERT INTO sharing_version (one, version) VALUES (1, 0)');
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['sharing_version', 'closed_party', 'agreement']) await runner.query(`DROP TABLE ${table}`);
  }
}
