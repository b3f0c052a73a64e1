import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A cursor per partner, and the objects that a partner refused, for PostgreSQL. Times are epoch ms. */
export class PostgresPushLanes1700000102000 implements MigrationInterface {
  readonly name = 'PostgresPushLanes1700000102000';

  async up(runner: QueryRunner): Promise<void> {
    // Rows that are written many times a second keep room on their page, so that no index has to follow.
    await runner.query(`CREATE TABLE push_lane (
      partner TEXT PRIMARY KEY,
      cursor_seq BIGINT NOT NULL,
      ahead TEXT NOT NULL,
      fence BIGINT NOT NULL,
      lease_owner TEXT,
      lease_until BIGINT NOT NULL,
      breaker TEXT NOT NULL,
      failures INTEGER NOT NULL,
      opened_at BIGINT,
      first_failure_at BIGINT,
      next_due BIGINT NOT NULL,
      paused_by TEXT,
      paused_at BIGINT
    ) WITH (fillfactor = 50)`);
    await runner.query(`CREATE TABLE push_exception (
      partner TEXT NOT NULL,
      party TEXT NOT NULL,
      module TEXT NOT NULL,
      object TEXT NOT NULL,
      lane_key TEXT NOT NULL,
      owner TEXT NOT NULL,
      is_delete BOOLEAN NOT NULL,
      seq BIGINT NOT NULL,
      attempts INTEGER NOT NULL,
      next_due BIGINT NOT NULL,
      http INTEGER,
      ocpi INTEGER,
      reason TEXT NOT NULL,
      state TEXT NOT NULL,
      correlation_id TEXT NOT NULL,
      recorded_at BIGINT NOT NULL,
      PRIMARY KEY (partner, party, module, object)
    )`);
    await runner.query('CREATE INDEX push_exception_due ON push_exception (state, next_due)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE push_exception');
    await runner.query('DROP TABLE push_lane');
  }
}
