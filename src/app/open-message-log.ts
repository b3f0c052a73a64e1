import path from 'node:path';
import type { Clock } from '../kernel/clock.js';
import type { HubConfig } from '../platform/config/index.js';
import {
  BufferedMessageLog,
  entryOf,
  type MessageLog,
  type MessageServed,
  type MessageStore,
  noMessageLog,
  PostgresMessageStore,
  SqliteMessageStore,
} from '../platform/messages/index.js';
import type { HubEvents, Logger } from '../platform/observability/index.js';
import { type HubStorage, PostgresStorage } from '../platform/storage/index.js';

/** The file beside a SQLite database, in the data directory. */
const fileName = 'messages.sqlite';

export interface MessageLogParts {
  readonly config: HubConfig['messageLog'];
  readonly storage: HubStorage;
  readonly dataDir: string;
  readonly clock: Clock;
  readonly events: Pick<HubEvents, 'messagesLost'>;
  readonly logger: Logger;
}

/** The message log, where the operator wants one. Whatever is wrong with it keeps no hub from starting. */
export function openMessageLog({ config, storage, dataDir, clock, events, logger }: MessageLogParts): MessageLog {
  if (config === undefined) return noMessageLog;
  const warn = (detail: string): void => logger.warn({ detail }, 'messages.warning');
  const store: MessageStore =
    storage instanceof PostgresStorage
      ? new PostgresMessageStore(storage, config)
      : SqliteMessageStore.open({ ...config, file: path.join(dataDir, fileName), warn });
  return new BufferedMessageLog({
    store,
    clock,
    onLost: (count, reason, error) => events.messagesLost({ count, reason, ...(error === undefined ? {} : { error }) }),
  });
}

/** What the pipeline tells of each request. Never throws. */
export function messageRecorder(log: MessageLog, clock: Clock, logger: Logger): (served: MessageServed) => void {
  if (log === noMessageLog) return () => undefined;
  return (served) => {
    try {
      const entry = entryOf(served, clock.now());
      if (entry) log.add(entry);
    } catch (error) {
      logger.error({ err: error, request_id: served.ids.requestId }, 'messages.failed');
    }
  };
}
