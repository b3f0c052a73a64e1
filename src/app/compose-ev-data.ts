import { createHere, type Here } from '../extensions/here/index.js';
import type { Clock } from '../kernel/clock.js';
import type { SharingPolicy } from '../platform/agreements/index.js';
import type { HubConfig } from '../platform/config/index.js';
import type { DurableRows } from '../platform/forwarding/index.js';
import type { HubEvents, Logger } from '../platform/observability/index.js';
import type { HubStorage } from '../platform/storage/index.js';
import { hubVersion } from './hub-version.js';
import type { Modules } from './modules.js';

export interface EvDataParts {
  readonly config: HubConfig;
  readonly storage: HubStorage;
  readonly rows: DurableRows;
  readonly modules: Pick<Modules, 'documents'>;
  readonly policy: SharingPolicy;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly events: Pick<HubEvents, 'cdrJudged' | 'evAnswered'>;
  /** In front of every path; known once the hub listens. */
  readonly publicUrl: () => string;
}

/** What the hub makes of Locations and Tariffs for those who are no OCPI platform. */
export function composeEvData(parts: EvDataParts): Here {
  const { config, modules, logger, events, publicUrl, storage, rows, policy, clock } = parts;
  return createHere({
    storage,
    rows,
    policy,
    clock,
    ...modules.documents,
    hub: config.party,
    dataDir: config.dataDir,
    config: config.evData,
    rateLimit: config.rateLimit,
    version: hubVersion,
    publicUrl,
    answered: events.evAnswered,
    judged: (judgement, { country_code, party_id, id }) =>
      events.cdrJudged({ ...judgement, party: `${country_code}-${party_id}`, cdrId: id }),
    warn: (event, detail) => logger.warn(detail, event),
  });
}
