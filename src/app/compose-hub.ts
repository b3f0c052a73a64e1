import { mkdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createAdminApp, listenAdmin, loadAdminToken } from '../admin/index.js';
import { consolePages } from '../console/index.js';
import type { Clock } from '../kernel/clock.js';
import {
  ConfigRefusal,
  type HubConfig,
  type HubSecrets,
  type ListenerConfig,
  publicUrl,
} from '../platform/config/index.js';
import { Delivery } from '../platform/delivery/index.js';
import {
  createPublicListener,
  LoadGate,
  type PublicServer,
  RequestPipeline,
  watchLoopDelay,
} from '../platform/http/index.js';
import { createEvents, createMetrics, type HubEvents, type Logger } from '../platform/observability/index.js';
import { OutboundClient } from '../platform/outbound/index.js';
import { loadSecretKeys, openPartners, type Partner, type Partners } from '../platform/partners/index.js';
import { PullService } from '../platform/pull/index.js';
import { openQueue } from '../platform/queue/index.js';
import { StorageRefusal, StorageUnavailable } from '../platform/storage/index.js';
import { deliveryObserver } from './delivery-observer.js';
import { laneDesk } from './desks/lane-desk.js';
import { partnerDesks } from './desks/partner-desks.js';
import { pullDesk } from './desks/pull-desk.js';
import { auditDesk, qualityDesk } from './desks/record-desks.js';
import { hubVersion } from './hub-version.js';
import { createModules, type Modules } from './modules.js';
import { openStores } from './open-stores.js';
import { PartnerLife } from './partner-life.js';
import { ReadinessCheck } from './readiness.js';
import { stopHub } from './stop-hub.js';
import { Upkeep } from './upkeep.js';

export interface HubOptions {
  readonly config: HubConfig;
  readonly secrets: HubSecrets;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Whether metrics tell of the process as well; off where several hubs share one. */
  readonly processMetrics?: boolean;
}

/** A hub that listens. */
export interface Hub {
  /** What partners see in front of every path. */
  readonly publicUrl: string;
  readonly adminUrl: string;
  /** Resolves when pulls and pushes that are due now are done: for tests. */
  idle(): Promise<void>;
  /** Stops in order; nothing acknowledged is lost and no request under way is broken. */
  stop(): Promise<void>;
}

/**
 * Builds a hub from its configuration and starts it.
 *
 * @throws ConfigRefusal, StorageRefusal with sentences for the operator
 */
export async function startHub(options: HubOptions): Promise<Hub> {
  const { config, secrets, logger, clock } = options;
  const does = dutiesOf(config.role);
  makeDataDirectory(config.dataDir);
  const keys = loadSecretKeys({
    dataDirectory: config.dataDir,
    development: config.development,
    ...(config.secretKeyFile === undefined ? {} : { keyFile: config.secretKeyFile }),
  });
  const adminToken = loadAdminToken(config.adminToken, secrets.adminToken);
  if (adminToken.made) logger.info({ file: adminToken.file }, 'admin.token-made');

  const metrics = createMetrics({ withProcess: options.processMetrics ?? true });
  const events = createEvents({ logger, metrics, clock });
  const gate = new LoadGate({ clock, delay: watchLoopDelay(), onChange: events.overloadChanged });
  let readiness: ReadinessCheck | undefined;
  const { storage, lanes, pullStates, shared } = await openStores(config.database, {
    clock,
    dataDir: config.dataDir,
    requireDurable: !config.development,
    onCommit: (writes, durationMs) => {
      events.committed({ writes, durationMs });
      gate.committed(durationMs);
    },
    onFailure: (error) => {
      events.storageFailed({ error });
      readiness?.failed();
    },
  });
  const partners = await orStorageRefusal(
    openPartners({
      storage,
      keys,
      clock,
      hub: config.party,
      onTrouble: (error) => logger.warn({ err: error }, 'partners.follow-failed'),
      ...(shared ? { shared: shared.database } : {}),
    }),
  );
  const client = new OutboundClient({ policy: { development: config.development, allowedNetworks: [] }, clock });
  const queue = await openQueue({
    clock,
    report: (error, work) => logger.error({ err: error, ...work }, 'work.failed'),
    warn: (detail) => logger.warn({ detail }, 'redis.warning'),
    ...(config.redis ? { redisUrl: config.redis.url } : {}),
  });

  let publicServer: PublicServer | undefined;
  let boundUrl: string | undefined;
  const ownUrl = (): string => {
    // Asked for with every request; the address is a system call.
    const address = boundUrl === undefined ? (publicServer?.address() as AddressInfo | null | undefined) : undefined;
    if (address) boundUrl = publicUrl(config.publicListener, address.port);
    return boundUrl ?? publicUrl(config.publicListener);
  };
  const modules = createModules({
    storage,
    partners,
    calls: client,
    identity: { ...config.party, name: 'Roamhub', versionsUrl: () => `${ownUrl()}/ocpi/versions` },
    clock,
    events,
    maxAheadMs: config.timers.futureSkewMs,
    publicUrl: ownUrl,
    onRegistered: (partnerId) => life.registered(partnerId),
  });
  const delivery = new Delivery({
    feed: storage.changes,
    store: lanes,
    partners: partners.directory,
    client,
    queue,
    sources: modules.pushSources,
    hub: config.party,
    clock,
    observer: deliveryObserver(events, logger),
    works: does.pushes,
    timing: { sweepMs: config.timers.sweepMs },
  });
  const pulls = new PullService({
    client,
    states: pullStates,
    clock,
    hub: config.party,
    queue,
    directory: partners.directory,
    sinks: modules.pullSinks,
    runs: does.pulls,
    onTrouble: (error) => logger.warn({ err: error }, 'pull.schedule-failed'),
    ...(shared ? { shared: shared.pulls } : {}),
    intervalMs: config.timers.pullIntervalMs,
    onRefused: (refusal) => logger.debug({ ...refusal }, 'pull.object-refused'),
    onPulled: (state) =>
      events.pullEnded({
        partnerId: state.partner,
        module: state.module,
        outcome: state.phase === 'complete' ? 'complete' : 'stopped',
        stored: state.stored,
        unchanged: state.unchanged,
        refused: state.refused,
        detail: state.note,
        durationMs: (state.finishedAt ?? clock.now()) - state.startedAt,
      }),
  });
  const life = new PartnerLife({ delivery, pulls, partners, events, logger });

  readiness = new ReadinessCheck(storage, queue);
  const check = readiness;
  const pipeline = new RequestPipeline({
    clock,
    gate,
    authenticator: partners.directory,
    hub: config.party,
    rateLimit: config.rateLimit,
    observe: events.requestServed,
  });
  publicServer = createPublicListener({
    publicUrl: ownUrl,
    modules: does.serves ? modules.mounted : [],
    pipeline,
    isReady: () => ({ ready: check.current().ready }),
  });
  metrics.watch({
    lanes: () => delivery.figures(),
    partners: () => countByStatus(partners),
    objects: () => countObjects(modules),
    requestsInFlight: () => gate.inFlight,
    overloaded: () => gate.overloaded,
  });
  const upkeep = new Upkeep({
    partners,
    initiator: modules.credentials.initiator,
    events,
    logger,
    duty: async (name, forMs) => does.pulls && (await storage.duty(name, forMs)),
  });

  await queue.start();
  await orRefusal(config.publicListener, listen(publicServer, config.publicListener));
  const admin = await orRefusal(
    config.adminListener,
    listenAdmin(
      createAdminApp({
        ports: {
          ...partnerDesks({
            partners,
            initiator: modules.credentials.initiator,
            clock,
            versionsUrl: () => `${ownUrl()}/ocpi/versions`,
            onResumed: (partnerId) => life.resumed(partnerId),
            objectsOf: (partner) => objectsOf(modules, partner),
          }),
          lanes: laneDesk(delivery, partners, events),
          pulls: pullDesk(pulls, partners),
          audit: auditDesk(partners),
          quality: qualityDesk([
            { module: 'locations', oddities: () => modules.locations.oddities() },
            { module: 'tariffs', oddities: () => modules.tariffs.oddities() },
          ]),
        },
        token: adminToken.check,
        readiness: () => check.current(),
        metrics,
        events,
        pages: consolePages(),
        version: hubVersion,
      }),
      config.adminListener,
    ),
  );
  await delivery.start();
  life.watch();
  await pulls.start();
  check.start();
  gate.start();
  upkeep.start();

  return {
    publicUrl: ownUrl(),
    adminUrl: admin.url,
    idle: () => queue.idle(),
    stop: () =>
      stopHub({
        logger,
        graceMs: config.timers.stopGraceMs,
        deadlineMs: config.timers.stopDeadlineMs,
        readiness: check,
        gate,
        pipeline,
        publicServer,
        admin,
        queue,
        delivery,
        pulls,
        upkeep,
        partners,
        client,
        storage,
      }),
  };
}

/** What a process of a role does. Every process keeps its listeners, for health checks and its operator. */
function dutiesOf(role: HubConfig['role']): {
  readonly serves: boolean;
  readonly pushes: boolean;
  readonly pulls: boolean;
} {
  const works = role !== 'api';
  return { serves: role !== 'worker', pushes: works, pulls: works };
}

function makeDataDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new ConfigRefusal([
      `The data directory ${directory} cannot be made (${(error as NodeJS.ErrnoException).code}).`,
    ]);
  }
}

function listen(server: PublicServer, { host, port }: ListenerConfig): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve());
  });
}

const listenProblems: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use by another program',
  EACCES: 'may not be used by this user',
  EADDRNOTAVAIL: 'cannot be used: this machine has no such address',
  ENOTFOUND: 'cannot be used: there is no such host name',
};

/** A database that can be opened and not used keeps the hub from starting, too. */
async function orStorageRefusal<T>(opening: Promise<T>): Promise<T> {
  try {
    return await opening;
  } catch (error) {
    if (!(error instanceof StorageUnavailable)) throw error;
    const { code = 'no answer' } = (error.cause ?? {}) as { code?: string };
    throw new StorageRefusal(`The database cannot be used (${code}).`);
  }
}

/** What keeps a listener from listening, in the operator's words. */
async function orRefusal<T>({ host, port }: ListenerConfig, listening: Promise<T>): Promise<T> {
  try {
    return await listening;
  } catch (error) {
    const problem = listenProblems[(error as NodeJS.ErrnoException).code ?? ''];
    throw problem === undefined ? error : new ConfigRefusal([`Port ${port} on ${host} ${problem}.`]);
  }
}

async function objectsOf(modules: Modules, partner: Partner): Promise<Record<string, number>> {
  const owners = partner.roles.filter((role) => role.role === 'CPO');
  return { locations: await modules.locations.countOf(owners), tariffs: await modules.tariffs.countOf(owners) };
}

async function countObjects(modules: Modules): Promise<ReadonlyMap<string, number>> {
  return new Map([
    ['locations', await modules.locations.countOf()],
    ['tariffs', await modules.tariffs.countOf()],
  ]);
}

function countByStatus(partners: Partners): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { status } of partners.directory.all()) counts.set(status, (counts.get(status) ?? 0) + 1);
  return counts;
}

export type { HubEvents };
