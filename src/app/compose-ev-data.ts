import { createHere, type Here } from '../extensions/here/index.js';
import type { Clock } from '../kernel/clock.js';
import type { SharingPolicy } from '../platform/agreements/index.js';
import type { HubConfig } from '../platform/config/index.js';
import type { DurableRows } from '../platform/forwarding/index.js';
import type { Logger } from '../platform/observability/index.js';
import type { HubStorage } from '../platform/storage/index.js';
import { hubVersion } from './hub-version.js';
import type { Modules } from './modules.js';

export interface EvDataParts {
  readonly config: HubConfig;
  readonly storage: HubStorage;
  readonly rows: DurableRows;
  readonly documents: Modules['documents'];
  readonly policy: SharingPolicy;
  readonly clock: Clock;
  readonly logger: Logger;
  /** In front of every path; known once the hub listens. */
  readonly publicUrl: () => string;
}

/** What the hub makes of Locations and Tariffs for those who are no OCPI platform. */
export function composeEvData(parts: EvDataParts): Here {
  const { config, documents, logger, publicUrl, storage, rows, policy, clock } = parts;
  return createHere({
    storage,
    rows,
    policy,
    clock,
    ...documents,
    hub: config.party,
    dataDir: config.dataDir,
    config: config.evData,
    rateLimit: config.rateLimit,
    version: hubVersion,
    publicUrl,
    warn: (event, detail) => logger.warn(detail, event),
  });
}
