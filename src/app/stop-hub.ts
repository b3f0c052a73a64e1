import type { AdminServer } from '../admin/index.js';
import type { Here } from '../extensions/here/index.js';
import type { Agreements } from '../platform/agreements/index.js';
import type { Delivery } from '../platform/delivery/index.js';
import {
  closeGently,
  endConnections,
  type LoadGate,
  type PublicServer,
  type RequestPipeline,
} from '../platform/http/index.js';
import type { MessageLog } from '../platform/messages/index.js';
import type { Logger } from '../platform/observability/index.js';
import type { OutboundClient } from '../platform/outbound/index.js';
import type { Partners } from '../platform/partners/index.js';
import type { PullService } from '../platform/pull/index.js';
import type { WorkQueue } from '../platform/queue/index.js';
import type { HubStorage } from '../platform/storage/index.js';
import type { ClientInfoLife } from './client-info-life.js';
import type { Routing } from './compose-routing.js';
import type { ReadinessCheck } from './readiness.js';
import type { Upkeep } from './upkeep.js';

/** What runs and has to come to an end. */
export interface RunningParts {
  readonly logger: Logger;
  /** How long requests are still taken after `/ready` says that the hub is stopping. */
  readonly graceMs: number;
  /** By when the stop is to be complete, the grace included. */
  readonly deadlineMs: number;
  readonly readiness: ReadinessCheck;
  readonly gate: LoadGate;
  readonly pipeline: RequestPipeline;
  readonly publicServer: PublicServer;
  readonly admin: AdminServer;
  readonly queue: WorkQueue;
  readonly delivery: Delivery;
  readonly pulls: PullService;
  readonly upkeep: Upkeep;
  readonly partners: Partners;
  readonly agreements: Agreements;
  readonly clientInfoLife: ClientInfoLife;
  readonly evData: Here;
  readonly routing: Pick<Routing, 'callbacks' | 'routes'>;
  readonly messages: MessageLog;
  readonly client: OutboundClient;
  readonly storage: HubStorage;
}

/** How long work and requests under way are waited for at most, and what is kept for the end, ms. */
const patienceMs = { work: 10_000, requests: 5_000, end: 3_000 };

/** Readiness first, so that a balancer looks elsewhere; then new work, work under way, progress, and the database last. */
export async function stopHub(parts: RunningParts): Promise<void> {
  const { logger, publicServer } = parts;
  logger.info({}, 'hub.stopping');
  parts.readiness.stop();
  endConnections(publicServer);
  parts.pipeline.endConnections();
  await new Promise((resolve) => setTimeout(resolve, parts.graceMs));
  const left = Math.max(0, parts.deadlineMs - parts.graceMs - patienceMs.end);
  const workMs = Math.min(patienceMs.work, left);
  parts.evData.endStreams();
  const closed = closeGently(publicServer, Math.min(patienceMs.work + patienceMs.requests, left));
  await parts.upkeep.stop();
  parts.pulls.stop();
  await parts.clientInfoLife.stop();
  await Promise.all([parts.queue.close(workMs), parts.delivery.stop()]);
  parts.pipeline.stop();
  parts.gate.stop();
  await closed;
  await parts.evData.stop();
  await parts.admin.close();
  parts.routing.callbacks.stop();
  await parts.routing.routes.written();
  await parts.agreements.stop();
  await parts.partners.stop();
  // Nobody is promised when a partner was last seen.
  await parts.partners.activity.flush().catch((error: unknown) => logger.warn({ err: error }, 'hub.stop-incomplete'));
  await parts.client.close();
  await parts.messages.close();
  await parts.storage.close();
  logger.info({}, 'hub.stopped');
}
