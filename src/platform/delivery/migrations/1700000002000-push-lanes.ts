import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A cursor per partner, and the objects that a partner refused. Times are epoch ms. */
export class PushLanes1700000002000 implements MigrationInterface {
  readonly name = 'PushLanes1700000002000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE push_lane (
      partner TEXT PRIMARY KEY,
      cursor_seq INTEGER NOT NULL,
      fence INTEGER NOT NULL,
      lease_owner TEXT,
      lease_until INTEGER NOT NULL,
      breaker TEXT NOT NULL,
      failures INTEGER NOT NULL,
      opened_at INTEGER,
      first_failure_at INTEGER,
      next_due INTEGER NOT NULL,
      paused_by TEXT,
      paused_at INTEGER
    )`);
    await runner.query(`CREATE TABLE push_exception (
      partner TEXT NOT NULL,
      party TEXT NOT NULL,
      module TEXT NOT NULL,
      object TEXT NOT NULL,
      lane_key TEXT NOT NULL,
      owner TEXT NOT NULL,
      is_delete INTEGER NOT NULL,
      seq INTEGER NOT NULL,
      attempts INTEGER NOT NULL,
      next_due INTEGER NOT NULL,
      http INTEGER,
      ocpi INTEGER,
      reason TEXT NOT NULL,
      state TEXT NOT NULL,
      correlation_id TEXT NOT NULL,
      recorded_at INTEGER NOT NULL,
      PRIMARY KEY (partner, party, module, object)
    )`);
    await runner.query('CREATE INDEX push_exception_due ON push_exception (state, next_due)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE push_exception');
    await runner.query('DROP TABLE push_lane');
  }
}
