export { RouteMemory1700000015010 } from './migrations/1700000015010-route-memory.js';
export { PostgresRouteMemory1700000115010 } from './migrations/postgres/1700000115010-route-memory.js';
export { type RouteKind, RouteMemory, type RouteMemoryOptions } from './route-memory.js';
