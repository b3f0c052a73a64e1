import type { CDR } from '../../generated/ocpi.js';
import type { Clock } from '../../kernel/clock.js';
import type { PartyRef } from '../../kernel/party-ref.js';
import type { SharingPolicy } from '../../platform/agreements/index.js';
import type { EvDataConfig } from '../../platform/config/index.js';
import type { DurableRows } from '../../platform/forwarding/index.js';
import type { DocumentTable, HubStorage } from '../../platform/storage/index.js';
import type { CdrJudgement } from './pricing/judge-cdr.js';

/** What the hub lends to this extension. */
export interface HereParts {
  readonly storage: HubStorage;
  /** Small tables in the hub's own database, whichever that is. */
  readonly rows: DurableRows;
  /** Locations and Tariffs as their owners sent them. */
  readonly locations: DocumentTable;
  readonly tariffs: DocumentTable;
  readonly policy: SharingPolicy;
  /** In whose name keys without a party read. */
  readonly hub: PartyRef;
  readonly clock: Clock;
  /** For the file of derived data and for exports. */
  readonly dataDir: string;
  readonly config: EvDataConfig;
  /** In front of `/ev/v3`; known once the hub listens. */
  readonly publicUrl: () => string;
  /** Requests of one key; undefined: no limit. */
  readonly rateLimit: { readonly perSecond: number; readonly burst: number } | undefined;
  /** Of this hub's software. */
  readonly version: string;
  /** Told of each answer of the API: the pattern of its path and its HTTP status. */
  readonly answered: (path: string, status: number) => void;
  /** Told what came of comparing a CDR with its tariff. */
  readonly judged: (judgement: CdrJudgement, cdr: CDR) => void;
  /** Told of what went wrong in the background: an event name such as `ev.index-failed`, and what there is to say. */
  readonly warn: (event: string, detail: Readonly<Record<string, unknown>>) => void;
}
