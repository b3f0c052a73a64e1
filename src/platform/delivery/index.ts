import type { MigrationClass } from '../storage/index.js';
import { PushLanes1700000002000 } from './migrations/1700000002000-push-lanes.js';

export type { CircuitStateName } from './circuit.js';
export { Delivery, type DeliveryOptions } from './delivery.js';
export type { LaneFigures } from './lane-desk.js';
export type {
  ClearedObject,
  ExceptionState,
  LaneProgress,
  LaneRecord,
  LaneStore,
  ParkedFilter,
  ParkedPage,
  PauseReason,
  PushException,
} from './lane-store.js';
export { SqliteLaneStore } from './lane-store.sqlite.js';
export type {
  Admits,
  DeliveryEvent,
  DeliveryObserver,
  LaneEvent,
  LanePartner,
  LanePartners,
  LiveChangeFeed,
  PushClient,
  PushItem,
  PushSource,
  Timers,
  WakeQueue,
} from './ports.js';
export { type DeliveryTiming, defaultTiming } from './timing.js';
/** The tables of the lanes. */
export const laneMigrations: readonly MigrationClass[] = [PushLanes1700000002000];
