import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Locations as whole documents. */
export class Location1700000010000 implements MigrationInterface {
  readonly name = 'Location1700000010000';

  async up(runner: QueryRunner): Promise<void> {
    // The document comes last: what is read to find a row lies in front of its long text.
    await runner.query(`CREATE TABLE location (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      key TEXT NOT NULL,
      location_key TEXT NOT NULL,
      owner TEXT NOT NULL,
      last_updated INTEGER NOT NULL,
      oddities TEXT,
      document TEXT NOT NULL
    )`);
    await runner.query('CREATE UNIQUE INDEX location_key ON location (key)');
    await runner.query('CREATE INDEX location_id ON location (location_key)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE location');
  }
}
