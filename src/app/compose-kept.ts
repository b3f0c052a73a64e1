import type { Clock } from '../kernel/clock.js';
import { newMessageId } from '../kernel/message-ids.js';
import type { PartyRef } from '../kernel/party-ref.js';
import { type CdrsDeps, cdrDocuments, cdrPullSink } from '../modules/cdrs/index.js';
import { type SessionsDeps, sessionDocuments, sessionPullSink } from '../modules/sessions/index.js';
import { KeptObjects, visibleRelations } from '../platform/forwarding/index.js';
import { PagedList } from '../platform/http/index.js';
import type { PullSink } from '../platform/pull/index.js';
import type { SchemaRegistry } from '../platform/schema/index.js';
import type { HubStorage } from '../platform/storage/index.js';
import type { Routing } from './compose-routing.js';

export interface KeptOptions {
  readonly storage: HubStorage;
  readonly schemas: SchemaRegistry;
  readonly clock: Clock;
  readonly routing: Pick<Routing, 'book' | 'policy'>;
  readonly maxAheadMs: number;
  /** How long they are kept, ms (T-40). */
  readonly keepMs: number;
  /** Told of Sessions and CDRs that were taken, from wherever they came. */
  readonly onSession?: (session: unknown) => void;
  readonly onCdr?: (cdr: unknown) => void;
}

/** Sessions and CDRs of the CPOs whose operator wants them kept. */
export interface Kept {
  readonly sessions: Pick<SessionsDeps, 'pages' | 'visibleRelations' | 'onTaken'>;
  readonly cdrs: Pick<CdrsDeps, 'pages' | 'visibleRelations' | 'onTaken'>;
  readonly pullSinks: readonly PullSink[];
  /** Takes out what has become too old; returns how many. */
  purge(): Promise<number>;
}

export function composeKept(options: KeptOptions): Kept {
  const { storage, clock, keepMs } = options;
  const { book, policy } = options.routing;
  const sessions = new KeptObjects(storage.documents(sessionDocuments), false);
  const cdrs = new KeptObjects(storage.documents(cdrDocuments), true);
  const shared = { ...options, knows: (party: PartyRef) => book.knows(party) };
  const served = (kept: KeptObjects, module: 'sessions' | 'cdrs'): Kept['sessions'] => ({
    pages: new PagedList(kept.list),
    visibleRelations: (partner, party) => visibleRelations({ parties: book, policy }, module, partner, party),
  });
  return {
    sessions: { ...served(sessions, 'sessions'), ...toldOf(options.onSession) },
    cdrs: { ...served(cdrs, 'cdrs'), ...toldOf(options.onCdr) },
    pullSinks: [
      sessionPullSink({ ...shared, kept: sessions, ...toldOf(options.onSession) }),
      cdrPullSink({ ...shared, kept: cdrs, ...toldOf(options.onCdr) }),
    ],
    async purge() {
      const context = { correlationId: newMessageId(), now: clock.now() };
      const before = clock.now() - keepMs;
      return (await sessions.purge(before, context)) + (await cdrs.purge(before, context));
    },
  };
}

const toldOf = (onTaken: ((taken: unknown) => void) | undefined): { readonly onTaken?: (taken: unknown) => void } =>
  onTaken ? { onTaken } : {};
