import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Places by position, for PostgreSQL; see `PlaceIndex`. A place has one point for each of its facets, at a longitude of
 * its own for each facet, so that an index on the point alone serves both.
 */
export class PostgresPlaces1700000121000 implements MigrationInterface {
  readonly name = 'PostgresPlaces1700000121000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE ev_place (
      no BIGSERIAL PRIMARY KEY,
      key TEXT COLLATE "C" NOT NULL UNIQUE,
      owner TEXT NOT NULL,
      seq BIGINT NOT NULL,
      latitude DOUBLE PRECISION NOT NULL,
      longitude DOUBLE PRECISION NOT NULL,
      operator INTEGER NOT NULL,
      payments INTEGER NOT NULL,
      providers INTEGER[] NOT NULL,
      kinds INTEGER[] NOT NULL,
      powers DOUBLE PRECISION[] NOT NULL,
      facets INTEGER[] NOT NULL,
      details TEXT NOT NULL
    )`);
    await runner.query(`CREATE TABLE ev_place_point (
      place BIGINT NOT NULL REFERENCES ev_place ON DELETE CASCADE,
      facet INTEGER NOT NULL,
      position POINT NOT NULL,
      PRIMARY KEY (place, facet)
    )`);
    await runner.query('CREATE INDEX ev_place_point_position ON ev_place_point USING gist (position)');
    await runner.query(`CREATE TABLE ev_place_name (
      no SERIAL PRIMARY KEY,
      owner TEXT NOT NULL,
      id TEXT NOT NULL,
      name TEXT NOT NULL,
      UNIQUE (owner, id, name)
    )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE ev_place_name');
    await runner.query('DROP TABLE ev_place_point');
    await runner.query('DROP TABLE ev_place');
  }
}
