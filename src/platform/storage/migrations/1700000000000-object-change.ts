import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The change sequence: one row per object, `seq` is its newest change's place. */
export class ObjectChange1700000000000 implements MigrationInterface {
  readonly name = 'ObjectChange1700000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE object_change (
      object TEXT PRIMARY KEY,
      seq INTEGER NOT NULL,
      lane_key TEXT NOT NULL,
      owner TEXT NOT NULL,
      kind TEXT NOT NULL,
      patch TEXT,
      patch_base INTEGER,
      correlation_id TEXT NOT NULL,
      recorded_at INTEGER NOT NULL
    ) WITHOUT ROWID`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE object_change');
  }
}
