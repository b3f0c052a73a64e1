import type { Clock } from '../kernel/clock.js';
import type { PartyRef } from '../kernel/party-ref.js';
import type { SharingPolicy } from '../platform/agreements/index.js';
import { Callbacks, type DurableRows, Forwarder, RouteMemory, Router } from '../platform/forwarding/index.js';
import { interfacePath } from '../platform/http/index.js';
import type { Logger } from '../platform/observability/index.js';
import type { OutboundClient, UrlGuard } from '../platform/outbound/index.js';
import type { Partner, SecretKeys } from '../platform/partners/index.js';
import type { WorkQueue } from '../platform/queue/index.js';
import { type PartnerBook, PartyBook, type RemoteParties, Visibility } from '../platform/routing/index.js';

export interface RoutingOptions {
  /** Who is registered. */
  readonly partners: PartnerBook;
  /** Who is behind other hubs. */
  readonly remote: RemoteParties;
  /** Parties that are expected and have not connected yet. */
  readonly isPlanned: (party: PartyRef) => boolean;
  readonly policy: SharingPolicy;
  readonly client: Pick<OutboundClient, 'send' | 'stream'>;
  readonly urls: Pick<UrlGuard, 'check'>;
  readonly ring: SecretKeys['ring'];
  readonly rows: DurableRows;
  readonly queue: WorkQueue;
  readonly clock: Clock;
  readonly logger: Logger;
  /** In front of every path; known once the hub listens. */
  readonly publicUrl: () => string;
  /** Whether this process has the database for itself. */
  readonly alone: boolean;
  /** Whether this process tries results of commands again. */
  readonly works: boolean;
  /** Writes down what a partner tried and may not, or what was given up. */
  readonly audit: (entry: RoutingAudit) => void;
}

/** Something of routing that an operator must be able to look up later. */
export interface RoutingAudit {
  readonly partnerId: string;
  readonly action: 'routing.foreign-response-url' | 'routing.result-dropped' | 'hub-parties.ignored';
  readonly detail: Readonly<Record<string, unknown>>;
}

/** What passes messages on between parties. */
export interface Routing {
  readonly book: PartyBook;
  readonly policy: SharingPolicy;
  readonly visibility: Visibility;
  readonly router: Router;
  readonly callbacks: Callbacks;
  readonly routes: RouteMemory;
}

/** Puts together how a message finds its party. */
export function composeRouting(options: RoutingOptions): Routing {
  const { partners, policy, client, ring, rows, clock, logger, publicUrl } = options;
  const book = new PartyBook(partners, options.remote);
  const onTrouble = (error: unknown): void => logger.warn({ err: error }, 'routing.failed');
  const forwarder = new Forwarder({
    client,
    ring,
    clock,
    interfaceUrl: (module, role) => publicUrl() + interfacePath(module, role),
    onRefusedToken: ({ id, name }: Partner) => logger.error({ partner_id: id, partner: name }, 'forward.token-refused'),
    onDroppedHeader: ({ id }: Partner, header, why) =>
      logger.warn({ partner_id: id, header, why }, 'forward.header-dropped'),
  });
  const callbacks = new Callbacks({
    rows,
    clock,
    ring,
    forwards: forwarder,
    partners,
    urls: options.urls,
    queue: options.queue,
    alone: options.alone,
    works: options.works,
    senderUrl: (module) => publicUrl() + interfacePath(module, 'SENDER'),
    onForeignResponseUrl: ({ partner, module, origin }) =>
      options.audit({ partnerId: partner.id, action: 'routing.foreign-response-url', detail: { module, origin } }),
    onDropped: ({ partnerId, ...dropped }) =>
      options.audit({ partnerId, action: 'routing.result-dropped', detail: { ...dropped } }),
    onTrouble,
  });
  return {
    book,
    policy,
    visibility: new Visibility(book, policy),
    router: new Router({ book, policy, forwards: forwarder, isPlanned: options.isPlanned }),
    callbacks,
    routes: new RouteMemory({ rows, clock, onTrouble }),
  };
}
