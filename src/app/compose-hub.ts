import type { AddressInfo } from 'node:net';
import { createAdminApp, listenAdmin, loadAdminToken } from '../admin/index.js';
import { consolePages } from '../console/index.js';
import type { Clock } from '../kernel/clock.js';
import { createClientInfo } from '../modules/hubclientinfo/index.js';
import { openAgreements } from '../platform/agreements/index.js';
import { type HubConfig, type HubSecrets, publicUrl } from '../platform/config/index.js';
import { Delivery } from '../platform/delivery/index.js';
import {
  createPublicListener,
  LoadGate,
  type PublicServer,
  RequestPipeline,
  watchLoopDelay,
} from '../platform/http/index.js';
import { createEvents, createMetrics, type HubEvents, type Logger } from '../platform/observability/index.js';
import { forwardLimits, OutboundClient, UrlGuard } from '../platform/outbound/index.js';
import { loadSecretKeys, openPartners } from '../platform/partners/index.js';
import { PullService } from '../platform/pull/index.js';
import { openQueue } from '../platform/queue/index.js';
import { SchemaRegistry } from '../platform/schema/index.js';
import { ClientInfoLife, clientInfoDuty } from './client-info-life.js';
import { composeEvData } from './compose-ev-data.js';
import { composeRouting, type RoutingAudit } from './compose-routing.js';
import { countByStatus, countObjects, objectsOf } from './counts.js';
import { deliveryObserver } from './delivery-observer.js';
import { agreementDesk } from './desks/agreement-desk.js';
import { evDataDesk } from './desks/ev-data-desk.js';
import { laneDesk } from './desks/lane-desk.js';
import { messageDesk } from './desks/message-desk.js';
import { partnerDesks } from './desks/partner-desks.js';
import { pullDesk } from './desks/pull-desk.js';
import { auditDesk, qualityDesk } from './desks/record-desks.js';
import { extensionKeys } from './extensions.js';
import { hubVersion } from './hub-version.js';
import { createModules } from './modules.js';
import { messageRecorder, openMessageLog } from './open-message-log.js';
import { openStores } from './open-stores.js';
import { PartnerLife } from './partner-life.js';
import { ReadinessCheck } from './readiness.js';
import { listen, makeDataDirectory, orRefusal, orStorageRefusal } from './start-refusals.js';
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
  const { storage, lanes, pullStates, rows, shared } = await openStores(config.database, {
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
  const follows = shared ? { shared: shared.database } : {};
  const agreements = await orStorageRefusal(
    openAgreements({
      storage,
      partners,
      onTrouble: (error) => logger.warn({ err: error }, 'agreements.follow-failed'),
      ...follows,
    }),
  );
  const { policy } = agreements;
  const messages = openMessageLog({
    config: config.messageLog,
    storage,
    dataDir: config.dataDir,
    clock,
    events,
    logger,
  });
  const record = messageRecorder(messages, clock, logger);
  const urlPolicy = { development: config.development, allowedNetworks: [] };
  const client = new OutboundClient({
    policy: urlPolicy,
    clock,
    limits: { forward: forwardLimits(config.timers.forwardTimeoutMs) },
  });
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
  const noteRefusal = ({ partnerId, action, detail }: RoutingAudit): void => {
    const subject = `partner:${partnerId}`;
    partners.work
      .note({ actor: { name: subject }, action, subject, result: 'refused', detail })
      .catch((error: unknown) => logger.error({ err: error, partner_id: partnerId }, 'audit.failed'));
  };
  const schemas = SchemaRegistry.load();
  const maxAheadMs = config.timers.futureSkewMs;
  const clientInfo = createClientInfo({
    storage,
    directory: partners.directory,
    schemas,
    clock,
    hub: config.party,
    mayKnow: (a, b) => policy.mayKnow(a, b),
    maxAheadMs,
    mayWrite: () => storage.duty(clientInfoDuty.name, clientInfoDuty.forMs),
    onIgnored: ({ partnerId, ...ignored }) =>
      noteRefusal({ partnerId, action: 'hub-parties.ignored', detail: ignored }),
    onTrouble: (error) => logger.warn({ err: error }, 'client-info.failed'),
    ...follows,
  });
  const routing = composeRouting({
    partners: partners.directory,
    remote: clientInfo.book,
    isPlanned: (party) => clientInfo.isPlanned(party),
    policy,
    client,
    urls: new UrlGuard(urlPolicy),
    ring: keys.ring,
    rows,
    queue,
    clock,
    logger,
    publicUrl: ownUrl,
    alone: shared === undefined,
    works: does.pulls,
    audit: noteRefusal,
  });
  const clientInfoLife = new ClientInfoLife({
    clientInfo,
    partners,
    client,
    clock,
    schemas,
    maxAheadMs,
    logger,
    aliveMs: config.timers.aliveMs,
    works: does.pulls,
    duty: (name, forMs) => storage.duty(name, forMs),
    several: shared !== undefined,
  });
  const modules = createModules({
    storage,
    schemas,
    partners,
    routing,
    clientInfo,
    calls: client,
    identity: { ...config.party, name: 'Roamhub', versionsUrl: () => `${ownUrl()}/ocpi/versions` },
    clock,
    events,
    maxAheadMs,
    keepMs: config.timers.keptMs,
    publicUrl: ownUrl,
    onSession: (session) => evData.onSession(session),
    onCdr: (cdr) => evData.onCdr(cdr),
    onRegistered: (partnerId) => {
      life.registered(partnerId);
      clientInfoLife.registered(partnerId);
    },
  });
  const evData = composeEvData({ config, storage, rows, modules, policy, clock, logger, events, publicUrl: ownUrl });
  const delivery = new Delivery({
    feed: storage.changes,
    store: lanes,
    partners: partners.directory,
    client,
    queue,
    sources: modules.pushSources,
    hub: config.party,
    clock,
    observer: deliveryObserver(events, logger, clientInfoLife),
    sharing: policy,
    remote: clientInfo.book,
    tellsClientInfo: (partnerId, owner) => clientInfo.tells(partnerId, owner),
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
    router: routing.router,
    rolesBehind: (partnerId, party) => clientInfo.book.rolesBehind(partnerId, party),
    rateLimit: config.rateLimit,
    observe: (outcome) => {
      events.requestServed(outcome);
      record(outcome);
      for (const { partnerId, leg } of outcome.trace.candidates)
        if (partnerId !== undefined && leg?.outcome === 'answered') clientInfoLife.heard(partnerId);
    },
  });
  publicServer = createPublicListener({
    publicUrl: ownUrl,
    modules: does.serves ? modules.mounted : [],
    pipeline,
    mounts: does.serves && config.evData.enabled ? [evData.mount] : [],
    isReady: () => ({ ready: check.current().ready }),
  });
  metrics.watch({
    lanes: () => delivery.figures(),
    partners: () => countByStatus(partners),
    objects: () => countObjects(modules),
    requestsInFlight: () => gate.inFlight,
    overloaded: () => gate.overloaded,
    evData: () => new Map(Object.entries(evData.figures())),
  });
  const upkeep = new Upkeep({
    partners,
    initiator: modules.credentials.initiator,
    events,
    logger,
    sweep: async () => {
      await routing.routes.sweep();
      await modules.kept.purge();
    },
    duty: async (name, forMs) => does.pulls && (await storage.duty(name, forMs)),
  });

  await clientInfoLife.start();
  await queue.start();
  await evData.start(does.serves && config.evData.enabled);
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
            vendorObjects: [...extensionKeys],
          }),
          agreements: agreementDesk(agreements),
          messages: messageDesk(messages, partners),
          evData: evDataDesk({ evData, partners, clock, logger }),
          lanes: laneDesk(delivery, partners, events),
          pulls: pullDesk(pulls, partners),
          audit: auditDesk(partners),
          quality: qualityDesk([
            { module: 'locations', oddities: () => modules.locations.oddities() },
            { module: 'tariffs', oddities: () => modules.tariffs.oddities() },
            { module: 'tokens', oddities: () => modules.tokens.oddities() },
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
  routing.callbacks.start();
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
        agreements,
        clientInfoLife,
        evData,
        routing,
        messages,
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

export type { HubEvents };
