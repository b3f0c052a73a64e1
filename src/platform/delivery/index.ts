import type { MigrationClass } from '../storage/index.js';
import { PushLanes1700000002000 } from './migrations/1700000002000-push-lanes.js';
import { LaneAhead1700000002010 } from './migrations/1700000002010-lane-ahead.js';
import { LaneOwed1700000002020 } from './migrations/1700000002020-lane-owed.js';
import { PostgresPushLanes1700000102000 } from './migrations/postgres/1700000102000-push-lanes.js';
import { PostgresLaneOwed1700000102020 } from './migrations/postgres/1700000102020-lane-owed.js';

export type { CircuitStateName } from './circuit.js';
export { Delivery, type DeliveryOptions } from './delivery.js';
export type { PostgresLaneStorage } from './exception-table.postgres.js';
export type { LaneFigures } from './lane-desk.js';
export type {
  ClearedObject,
  ExceptionState,
  LaneProgress,
  LaneRecord,
  LaneStore,
  NewException,
  ParkedFilter,
  ParkedPage,
  PauseReason,
  PushException,
  TakenLane,
} from './lane-store.js';
export { PostgresLaneStore } from './lane-store.postgres.js';
export { SqliteLaneStore } from './lane-store.sqlite.js';
export type { OwedRecord } from './owed-flows.js';
export type {
  DeliveryEvent,
  DeliveryObserver,
  LaneAlert,
  LaneEvent,
  LanePartner,
  LanePartners,
  PushClient,
  PushItem,
  PushSource,
  Timers,
  WakeQueue,
} from './ports.js';
export { type DeliveryTiming, defaultTiming } from './timing.js';
/** The tables of the lanes, in SQLite and in PostgreSQL. */
export const laneMigrations: readonly MigrationClass[] = [
  PushLanes1700000002000,
  LaneAhead1700000002010,
  LaneOwed1700000002020,
];
export const postgresLaneMigrations: readonly MigrationClass[] = [
  PostgresPushLanes1700000102000,
  PostgresLaneOwed1700000102020,
];
