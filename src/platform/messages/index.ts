export {
  entryOf,
  type MessageEntry,
  type MessageOutcome,
  type MessageServed,
  messageOutcomes,
} from './message-entry.js';
export type { MessageFilter } from './message-filter.js';
export {
  BufferedMessageLog,
  type BufferedMessageLogOptions,
  type LossReason,
  type MessageLog,
  noMessageLog,
} from './message-log.js';
export type { LoggedMessage, MessageBounds, MessagePage, MessageStore } from './message-store.js';
export { PostgresMessageStore } from './message-store.postgres.js';
export { SqliteMessageStore } from './message-store.sqlite.js';
export { PostgresMessages1700000117000 } from './migrations/postgres/1700000117000-messages.js';
