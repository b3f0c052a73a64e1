import type { AdminServer } from '../admin/index.js';
import type { Delivery } from '../platform/delivery/index.js';
import { closeGently, endConnections, type PublicServer, type RequestPipeline } from '../platform/http/index.js';
import type { Logger } from '../platform/observability/index.js';
import type { OutboundClient } from '../platform/outbound/index.js';
import type { Partners } from '../platform/partners/index.js';
import type { WorkQueue } from '../platform/queue/index.js';
import type { SqliteStorage } from '../platform/storage/index.js';
import type { ReadinessCheck } from './readiness.js';
import type { Upkeep } from './upkeep.js';

/** What runs and has to come to an end. */
export interface RunningParts {
  readonly logger: Logger;
  /** How long requests are still taken after `/ready` says that the hub is stopping. */
  readonly graceMs: number;
  readonly readiness: ReadinessCheck;
  readonly pipeline: RequestPipeline;
  readonly publicServer: PublicServer;
  readonly admin: AdminServer;
  readonly queue: WorkQueue;
  readonly delivery: Delivery;
  readonly upkeep: Upkeep;
  readonly partners: Partners;
  readonly client: OutboundClient;
  readonly storage: SqliteStorage;
}

/** How long work and requests under way are waited for, ms. */
const patienceMs = { work: 10_000, requests: 5_000 };

/** Readiness first, so that a balancer looks elsewhere; then new work, work under way, progress, and the database last. */
export async function stopHub(parts: RunningParts): Promise<void> {
  const { logger, publicServer } = parts;
  logger.info({}, 'hub.stopping');
  parts.readiness.stop();
  endConnections(publicServer);
  await new Promise((resolve) => setTimeout(resolve, parts.graceMs));
  const closed = closeGently(publicServer, patienceMs.work + patienceMs.requests);
  await parts.upkeep.stop();
  await Promise.all([parts.queue.close(patienceMs.work), parts.delivery.stop()]);
  parts.pipeline.stop();
  await closed;
  await parts.admin.close();
  await parts.partners.activity.flush();
  await parts.client.close();
  await parts.storage.close();
  logger.info({}, 'hub.stopped');
}
