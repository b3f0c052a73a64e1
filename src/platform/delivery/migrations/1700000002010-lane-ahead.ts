import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a lane has done beyond its cursor. */
export class LaneAhead1700000002010 implements MigrationInterface {
  readonly name = 'LaneAhead1700000002010';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query("ALTER TABLE push_lane ADD COLUMN ahead TEXT NOT NULL DEFAULT ''");
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE push_lane DROP COLUMN ahead');
  }
}
