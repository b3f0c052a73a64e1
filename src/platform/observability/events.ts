import type { Clock } from '../../kernel/clock.js';
import type { MessageIds } from '../../kernel/message-ids.js';
import { configurationModules } from '../../kernel/module-id.js';
import { LineBudget } from './line-budget.js';
import type { Logger } from './logger.js';
import type { HubMetrics } from './metrics.js';

export interface RequestServed {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly module: string;
  readonly interfaceRole?: string | undefined;
  readonly partnerId?: string | undefined;
  readonly ids: MessageIds;
  readonly httpStatus: number;
  /** OCPI `status_code`. */
  readonly statusCode: number;
  readonly durationMs: number;
  /** To whom it was passed on, if it was. */
  readonly trace?: { readonly candidates: readonly { readonly leg?: ForwardedLeg }[] } | undefined;
  /** The thrown thing, if it was a fault of ours. */
  readonly fault?: unknown;
}

/** What came of passing a request on to one party. */
export interface ForwardedLeg {
  /** Such as `answered`, `timeout`, `unreachable`. */
  readonly outcome: string;
  readonly durationMs: number;
}

export interface CdrJudged {
  readonly verdict: 'plausible' | 'implausible' | 'unknown';
  /** Of the CPO, such as `DE-CP1`. */
  readonly party: string;
  readonly cdrId: string;
  /** Total costs: what the tariff comes to, and what the CDR says. */
  readonly expected?: { readonly excl: string; readonly incl: string | undefined };
  readonly found: { readonly excl: string | undefined; readonly incl: string | undefined };
  readonly reasons: readonly string[];
}

export interface WriteAcknowledged {
  readonly module: string;
  /** `stale`: older than what is stored; `unchanged`: equal to it. Neither is told to anybody. */
  readonly effect: 'stored' | 'stale' | 'unchanged';
}

export interface DeliveryAttempted {
  readonly partnerId: string;
  readonly module: string;
  /** Which object, such as `DE/CP1/LOC1/EVSE1`. */
  readonly object: string;
  readonly method: string;
  /** Such as `accepted`, `refused`, `unknown-object`, `unreachable`, `ambiguous`. */
  readonly outcome: string;
  readonly httpStatus?: number | undefined;
  readonly statusCode?: number | undefined;
  readonly detail?: string | undefined;
  readonly durationMs: number;
  readonly ids?: MessageIds | undefined;
}

export interface PullEnded {
  readonly partnerId: string;
  readonly module: string;
  readonly outcome: 'complete' | 'stopped' | 'failed';
  readonly stored: number;
  readonly unchanged: number;
  readonly refused: number;
  readonly detail?: string | undefined;
  readonly durationMs: number;
}

export interface OverloadChanged {
  readonly overloaded: boolean;
  readonly delayMs: number;
  readonly storageDelayMs: number;
  readonly offeredPerSecond: number;
  readonly allowedPerSecond: number;
  /** Partners that sent most. */
  readonly busiest: readonly string[];
  /** Requests turned away since it began. */
  readonly shed: number;
}

export type LaneAlertKind = 'lagging' | 'caught_up' | 'parked' | 'lease_lost' | 'failing';

export type HubEvents = ReturnType<typeof createEvents>;

const linesPerSecond = 5;

/**
 * The one place where a business event is counted and logged. Each function can be handed on by itself.
 *
 * Requests of the functional modules that went well are logged at `debug` only, as are deliveries that were accepted: at full
 * load they are thousands a second and the counters tell the same. Handshakes are logged at `info`, refusals at `warn`, at
 * most five lines a second for one partner and code, with the number left out in the next line.
 */
export function createEvents({ logger, metrics, clock }: { logger: Logger; metrics: HubMetrics; clock: Clock }) {
  const budget = new LineBudget(clock, linesPerSecond);
  // Looked up once: to find a figure by its labels costs more than to count.
  const figures = new Map<string, { count: { inc(): void }; time: { observe(seconds: number): void } }>();
  const evFigures = new Map<string, { inc(): void }>();
  const figuresOf = (module: string, outcome: string) => {
    const key = `${module} ${outcome}`;
    let found = figures.get(key);
    if (!found) {
      found = { count: metrics.requests.labels(module, outcome), time: metrics.requestSeconds.labels(module) };
      figures.set(key, found);
    }
    return found;
  };

  const countForwarded = (candidates: readonly { readonly leg?: ForwardedLeg }[]): void => {
    for (const { leg } of candidates) {
      if (leg === undefined) continue;
      metrics.forwards.inc({ outcome: leg.outcome });
      metrics.forwardSeconds.observe({ outcome: leg.outcome }, leg.durationMs / 1000);
    }
  };

  return {
    requestServed(served: RequestServed): void {
      const outcome = requestOutcome(served);
      const figures = figuresOf(served.module, outcome);
      figures.count.inc();
      figures.time.observe(served.durationMs / 1000);
      if (served.trace !== undefined) countForwarded(served.trace.candidates);
      if (outcome === 'limited' || outcome === 'shed') metrics.shed.inc({ reason: outcome });
      if (outcome === 'ok') {
        if (configurationModules.has(served.module)) logger.info(requestFields(served), 'request.served');
        else if (logger.isEnabled('debug')) logger.debug(requestFields(served), 'request.served');
        return;
      }
      if (outcome === 'fault') {
        logger.error({ ...requestFields(served), err: served.fault }, 'request.failed');
        return;
      }
      const omitted = budget.take(`request ${served.partnerId ?? ''} ${served.httpStatus} ${served.statusCode}`);
      if (omitted !== undefined) logger.warn({ ...requestFields(served), ...leftOut(omitted) }, 'request.refused');
    },

    /** An answer of the EV data API, by the pattern of its path. */
    evAnswered(path: string, status: number): void {
      const key = `${path} ${status}`;
      let count = evFigures.get(key);
      if (!count) {
        count = metrics.evRequests.labels(path, String(status));
        evFigures.set(key, count);
      }
      count.inc();
    },

    /** What came of comparing a CDR with its tariff. */
    cdrJudged({ verdict, ...detail }: CdrJudged): void {
      metrics.cdrJudgements.inc({ verdict });
      if (verdict !== 'implausible') return;
      const omitted = budget.take(`cdr ${detail.party}`);
      if (omitted !== undefined) logger.warn({ ...detail, ...leftOut(omitted) }, 'ev.cdr-implausible');
    },

    /** Entries that the message log did not keep. */
    messagesLost({ count, reason, error }: { readonly count: number; readonly reason: string; error?: unknown }): void {
      metrics.messagesLost.inc({ reason }, count);
      // What repeats itself is left out on purpose.
      const omitted = reason === 'repeated' ? undefined : budget.take(`messages ${reason}`);
      if (omitted !== undefined) logger.warn({ count, reason, err: error, ...leftOut(omitted) }, 'messages.lost');
    },

    overloadChanged({ overloaded, ...change }: OverloadChanged): void {
      const fields = {
        delay_ms: rounded(change.delayMs),
        storage_delay_ms: rounded(change.storageDelayMs),
        offered_per_second: rounded(change.offeredPerSecond),
        allowed_per_second: rounded(change.allowedPerSecond),
        busiest: change.busiest,
      };
      if (overloaded) {
        metrics.overloads.inc();
        logger.warn(fields, 'overload.began');
      } else logger.info({ ...fields, shed: change.shed }, 'overload.ended');
    },

    writeAcknowledged({ module, effect }: WriteAcknowledged): void {
      metrics.acks.inc({ module });
      if (effect === 'stale') metrics.staleIgnored.inc({ module });
      else if (effect === 'unchanged') metrics.unchanged.inc({ module });
    },

    committed({ writes, durationMs }: { readonly writes: number; readonly durationMs: number }): void {
      metrics.commitSeconds.observe(durationMs / 1000);
      metrics.commitWrites.inc(writes);
    },

    storageFailed({ error }: { readonly error: unknown }): void {
      metrics.storageFailures.inc();
      const omitted = budget.take('storage');
      if (omitted !== undefined) logger.error({ err: error, ...leftOut(omitted) }, 'storage.failed');
    },

    partnerRegistered({ partnerId, name }: { readonly partnerId: string; readonly name: string }): void {
      logger.info({ partner_id: partnerId, name }, 'partner.registered');
    },

    deliveryAttempted(attempt: DeliveryAttempted): void {
      const { outcome, durationMs } = attempt;
      metrics.pushes.inc({ outcome });
      metrics.pushSeconds.observe({ outcome }, durationMs / 1000);
      if (outcome === 'accepted') {
        if (logger.isEnabled('debug')) logger.debug(deliveryFields(attempt), 'delivery.attempted');
        return;
      }
      const omitted = budget.take(
        `delivery ${attempt.partnerId} ${outcome} ${attempt.httpStatus} ${attempt.statusCode}`,
      );
      if (omitted !== undefined) logger.info({ ...deliveryFields(attempt), ...leftOut(omitted) }, 'delivery.attempted');
    },

    /** A partner read more Tokens since `since` than it plausibly needs (T21). */
    tokensReadInBulk(read: { readonly partnerId: string; readonly tokens: number; readonly since: number }): void {
      const fields = { partner_id: read.partnerId, tokens: read.tokens, since: new Date(read.since) };
      logger.warn(fields, 'tokens.bulk-read');
    },

    parkedReplayed({ count }: { readonly count: number }): void {
      metrics.replayed.inc(count);
      logger.info({ count }, 'parked.replayed');
    },

    breakerChanged({ partnerId, state, reason }: { partnerId: string; state: string; reason?: string }): void {
      if (state === 'open') metrics.breakerOpened.inc();
      const fields = { partner_id: partnerId, state, reason };
      if (state === 'closed') logger.info(fields, 'breaker.changed');
      else logger.warn(fields, 'breaker.changed');
    },

    /**
     * `value`: seconds that the lane lags behind, objects that are parked, or per cent of the time of nothing but failures after
     * which the lane is stopped.
     */
    laneAlerted({ partnerId, kind, value }: { partnerId: string; kind: LaneAlertKind; value: number }): void {
      const fields = { partner_id: partnerId, value };
      if (kind === 'caught_up') logger.info(fields, 'lane.caught-up');
      else {
        metrics.laneAlerts.inc({ kind });
        logger.warn(fields, `lane.${kind.replace('_', '-')}`);
      }
    },

    pullEnded({ partnerId, durationMs, ...pull }: PullEnded): void {
      metrics.pulls.inc({ outcome: pull.outcome });
      for (const outcome of ['stored', 'unchanged', 'refused'] as const)
        metrics.pullObjects.inc({ outcome }, pull[outcome]);
      const fields = { partner_id: partnerId, ...pull, duration_ms: rounded(durationMs) };
      if (pull.outcome === 'complete') logger.info(fields, 'pull.ended');
      else logger.warn(fields, 'pull.ended');
    },

    auditHeadNoted({ seq, hash }: { readonly seq: number; readonly hash: string }): void {
      logger.info({ seq, hash }, 'audit.head');
    },

    adminServed(served: { method: string; path: string; status: number; requestId: string; durationMs: number }): void {
      const { method, path, status, requestId, durationMs } = served;
      metrics.adminRequests.inc({ outcome: status < 400 ? 'ok' : status < 500 ? 'refused' : 'failed' });
      const fields = { method, path, http_status: status, request_id: requestId, duration_ms: rounded(durationMs) };
      if (status === 401) {
        const omitted = budget.take('admin 401');
        if (omitted !== undefined) logger.warn({ ...fields, ...leftOut(omitted) }, 'admin.refused');
      } else if (method === 'GET' && status < 500) logger.debug(fields, 'admin.served');
      else logger.info(fields, 'admin.served');
    },

    adminFailed({ requestId, error }: { readonly requestId: string; readonly error: unknown }): void {
      logger.error({ request_id: requestId, err: error }, 'admin.failed');
    },
  };
}

/** What the counter of requests calls an answer. */
function requestOutcome({ httpStatus, statusCode, fault }: RequestServed): string {
  if (fault !== undefined) return 'fault';
  if (httpStatus === 401) return 'unauthorized';
  if (httpStatus === 429) return 'limited';
  if (httpStatus === 503) return 'shed';
  if (statusCode < 2000) return 'ok';
  if (statusCode < 3000) return 'client_error';
  return statusCode < 4000 ? 'server_error' : 'hub_error';
}

/** Segments that name no object: `/ocpi/2.2.1/receiver/tokens`. */
const plainSegments = 4;

/** Paths of Tokens show uids; of a URL that no module serves nobody knows what it shows. */
const secretPaths: ReadonlySet<string> = new Set(['tokens', '']);

/** The path, or only its beginning where the rest may show what identifies a driver (T20). */
function pathOf({ path, module }: RequestServed): string {
  if (!secretPaths.has(module)) return path;
  const segments = path.split('/');
  return segments.length <= plainSegments + 1 ? path : `${segments.slice(0, plainSegments + 1).join('/')}/…`;
}

const requestFields = (served: RequestServed) => ({
  method: served.method,
  path: pathOf(served),
  module: served.module,
  interface_role: served.interfaceRole,
  partner_id: served.partnerId,
  http_status: served.httpStatus,
  status_code: served.statusCode,
  duration_ms: rounded(served.durationMs),
  ...idFields(served.ids),
});

const deliveryFields = (attempt: DeliveryAttempted) => ({
  partner_id: attempt.partnerId,
  module: attempt.module,
  object: attempt.object,
  method: attempt.method,
  outcome: attempt.outcome,
  http_status: attempt.httpStatus,
  status_code: attempt.statusCode,
  detail: attempt.detail,
  duration_ms: rounded(attempt.durationMs),
  ...idFields(attempt.ids),
});

const idFields = (ids: MessageIds | undefined) =>
  ids === undefined ? {} : { request_id: ids.requestId, correlation_id: ids.correlationId };
const leftOut = (omitted: number) => (omitted === 0 ? {} : { lines_left_out: omitted });
const rounded = (ms: number): number => Math.round(ms * 100) / 100;
