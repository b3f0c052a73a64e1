export {
  type Asked,
  Callbacks,
  Callbacks1700000015000,
  type CallbacksOptions,
  type DroppedResult,
  PostgresCallbacks1700000115000,
  type ResponseUrl,
  responseUrlInBody,
  responseUrlInQuery,
} from './callbacks/index.js';
export { type DurableRows, PostgresRows, SqliteRows } from './durable-rows.js';
export { type FailureFacts, ForwardFailure } from './forward-failure.js';
export { Forwarder, type ForwarderOptions } from './forwarder.js';
export {
  type ForwardEnd,
  type ForwardedAnswer,
  type ForwardOrder,
  type Forwards,
  isTaken,
  type Outward,
  type Passage,
  type RouteOrder,
  type Sought,
} from './forwarding-types.js';
export {
  KeptObjects,
  type KeptOutcome,
  type KeptReaders,
  type KeptWrite,
  type Relation,
  visibleRelations,
} from './kept/index.js';
export { viaParameter } from './link-rewriting.js';
export {
  PostgresRouteMemory1700000115010,
  type RouteKind,
  RouteMemory,
  RouteMemory1700000015010,
  type RouteMemoryOptions,
} from './route-memory/index.js';
export { Router, type RouterOptions } from './router.js';
