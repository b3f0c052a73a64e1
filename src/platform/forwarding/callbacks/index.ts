export { type Asked, Callbacks, type CallbacksOptions } from './callbacks.js';
export { Callbacks1700000015000 } from './migrations/1700000015000-callbacks.js';
export { PostgresCallbacks1700000115000 } from './migrations/postgres/1700000115000-callbacks.js';
export { type ResponseUrl, responseUrlInBody, responseUrlInQuery } from './response-url.js';
export type { DroppedResult } from './result-delivery.js';
