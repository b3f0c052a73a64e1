import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which party a session, a reservation or a charging profile belongs with. Times are epoch ms. */
export class RouteMemory1700000015010 implements MigrationInterface {
  readonly name = 'RouteMemory1700000015010';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE route_memory (
      kind TEXT NOT NULL,
      id TEXT NOT NULL,
      owner TEXT NOT NULL,
      party TEXT NOT NULL,
      learned_at INTEGER NOT NULL,
      PRIMARY KEY (kind, id, owner)
    )`);
    await runner.query('CREATE INDEX route_memory_learned ON route_memory (learned_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE route_memory');
  }
}
