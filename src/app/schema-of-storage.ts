import { Location1700000010000 } from '../modules/locations/index.js';
import { Tariff1700000011000 } from '../modules/tariffs/index.js';
import { laneMigrations, postgresLaneMigrations } from '../platform/delivery/index.js';
import { partnerEntities, partnerMigrations, postgresPartnerMigrations } from '../platform/partners/index.js';
import { PostgresPulls1700000104000, PullState1700000004000 } from '../platform/pull/index.js';

/** Everything that the database holds: the mapper's entities and all migrations, each from the folder that owns the tables. */
export const sqliteSchema = {
  entities: partnerEntities,
  migrations: [
    ...partnerMigrations,
    ...laneMigrations,
    PullState1700000004000,
    Location1700000010000,
    Tariff1700000011000,
  ],
};

/** The same for PostgreSQL, where all documents stand in one table of the storage's own. */
export const postgresSchema = {
  entities: partnerEntities,
  migrations: [...postgresPartnerMigrations, ...postgresLaneMigrations, PostgresPulls1700000104000],
};
