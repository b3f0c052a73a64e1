import { EvKeys1700000018000, PostgresEvKeys1700000118000 } from '../extensions/here/index.js';
import { PostgresPlaces1700000121000 } from '../extensions/here/places/migrations/postgres/1700000121000-places.js';
import { EvHistory1700000022000 } from '../extensions/here/predictions/migrations/1700000022000-ev-history.js';
import { PostgresEvHistory1700000122000 } from '../extensions/here/predictions/migrations/postgres/1700000122000-ev-history.js';
import { EvSessions1700000023000 } from '../extensions/here/reliability/migrations/1700000023000-ev-sessions.js';
import { PostgresEvSessions1700000123000 } from '../extensions/here/reliability/migrations/postgres/1700000123000-ev-sessions.js';
import { PostgresLiveStatus1700000120000 } from '../extensions/here/store/migrations/postgres/1700000120000-live-status.js';
import { Cdr1700000014010 } from '../modules/cdrs/index.js';
import {
  ClientInfo1700000013000,
  PostgresRemoteParty1700000113000,
  RemoteParty1700000013010,
  remotePartyEntities,
} from '../modules/hubclientinfo/index.js';
import { Location1700000010000 } from '../modules/locations/index.js';
import { Session1700000014000 } from '../modules/sessions/index.js';
import { Tariff1700000011000 } from '../modules/tariffs/index.js';
import { Token1700000012000 } from '../modules/tokens/index.js';
import { agreementEntities, agreementMigrations, postgresAgreementMigrations } from '../platform/agreements/index.js';
import { laneMigrations, postgresLaneMigrations } from '../platform/delivery/index.js';
import {
  Callbacks1700000015000,
  PostgresCallbacks1700000115000,
  PostgresRouteMemory1700000115010,
  RouteMemory1700000015010,
} from '../platform/forwarding/index.js';
import { PostgresMessages1700000117000 } from '../platform/messages/index.js';
import { partnerEntities, partnerMigrations, postgresPartnerMigrations } from '../platform/partners/index.js';
import { PostgresPulls1700000104000, PullState1700000004000 } from '../platform/pull/index.js';

/** Everything that the database holds: the mapper's entities and all migrations, each from the folder that owns the tables. */
export const sqliteSchema = {
  entities: [...partnerEntities, ...agreementEntities, ...remotePartyEntities],
  migrations: [
    ...partnerMigrations,
    ...laneMigrations,
    PullState1700000004000,
    Location1700000010000,
    Tariff1700000011000,
    Token1700000012000,
    ClientInfo1700000013000,
    RemoteParty1700000013010,
    Session1700000014000,
    Cdr1700000014010,
    Callbacks1700000015000,
    RouteMemory1700000015010,
    ...agreementMigrations,
    EvKeys1700000018000,
    EvHistory1700000022000,
    EvSessions1700000023000,
  ],
};

/** The same for PostgreSQL, where all documents stand in one table of the storage's own. */
export const postgresSchema = {
  entities: [...partnerEntities, ...agreementEntities, ...remotePartyEntities],
  migrations: [
    ...postgresPartnerMigrations,
    ...postgresLaneMigrations,
    PostgresPulls1700000104000,
    PostgresRemoteParty1700000113000,
    PostgresCallbacks1700000115000,
    PostgresRouteMemory1700000115010,
    PostgresMessages1700000117000,
    PostgresLiveStatus1700000120000,
    PostgresPlaces1700000121000,
    ...postgresAgreementMigrations,
    PostgresEvKeys1700000118000,
    PostgresEvHistory1700000122000,
    PostgresEvSessions1700000123000,
  ],
};
