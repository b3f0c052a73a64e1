import type { MessageIds } from '../../kernel/message-ids.js';
import type { InterfaceRole } from '../../kernel/module-id.js';
import { scrub } from '../observability/index.js';
import type { RouteCandidate, RouteLeg, RouteTrace } from '../routing/index.js';
import { shownPath } from './shown-path.js';

/** What came of a request, for whoever made it. */
export const messageOutcomes = ['answered', 'refused', 'unreachable', 'timeout', 'limited', 'shed', 'failed'] as const;
export type MessageOutcome = (typeof messageOutcomes)[number];

/** A request that was answered, as the pipeline tells of it. */
export interface MessageServed {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** Without `?`. */
  readonly query?: string;
  readonly module: string;
  readonly interfaceRole: InterfaceRole | undefined;
  readonly partnerId: string | undefined;
  readonly ids: MessageIds;
  readonly httpStatus: number;
  /** OCPI `status_code` */
  readonly statusCode: number;
  readonly durationMs: number;
  readonly trace?: RouteTrace;
  /** The thrown thing, if it was a fault of ours. */
  readonly fault?: unknown;
}

/** One request of a partner: what it was, where it went and why there, what came back. Holds no body and no secret (T20). */
export interface MessageEntry {
  /** When it was answered, ms since the epoch. */
  readonly at: number;
  readonly durationMs: number;
  readonly partnerId: string;
  /** `FR/EM1` */
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** Empty for a URL that no module serves. */
  readonly module: string;
  readonly interfaceRole: InterfaceRole | undefined;
  readonly method: string;
  readonly path: string;
  readonly scenario: RouteTrace['scenario'];
  /** Ids of rules or agreements. */
  readonly rules: readonly string[];
  readonly candidates: readonly RouteCandidate[];
  /** How many more there were than are kept. */
  readonly candidatesLeftOut?: number;
  readonly httpStatus: number;
  readonly statusCode: number;
  readonly outcome: MessageOutcome;
  readonly requestId: string;
  readonly correlationId: string;
}

/** Candidates that an entry keeps: an `authorize` may go to many, and those that were asked matter most. */
const mostCandidates = 50;

/**
 * The entry of a request, made at `at`; undefined if nobody registered has made it. The one place where it is decided what may be
 * kept.
 */
export function entryOf(served: MessageServed, at: number): MessageEntry | undefined {
  const { partnerId, trace } = served;
  if (partnerId === undefined) return undefined;
  return {
    at,
    durationMs: hundredths(served.durationMs),
    partnerId,
    from: trace?.from,
    to: trace?.to,
    module: served.module,
    interfaceRole: served.interfaceRole,
    method: served.method,
    path: shownPath(served),
    scenario: trace?.scenario,
    rules: trace === undefined ? [] : [...trace.rules],
    ...candidatesOf(trace),
    httpStatus: served.httpStatus,
    statusCode: served.statusCode,
    outcome: outcomeOf(served),
    requestId: served.ids.requestId,
    correlationId: served.ids.correlationId,
  };
}

/** What the caller learnt, in one word; 4001 is a refusal: nobody was to be reached. */
function outcomeOf({ httpStatus, statusCode, fault }: MessageServed): MessageOutcome {
  if (fault !== undefined) return 'failed';
  if (httpStatus === 429) return 'limited';
  if (httpStatus === 503) return 'shed';
  if (statusCode === 4002) return 'timeout';
  if (statusCode === 4003) return 'unreachable';
  if (httpStatus >= 500) return 'failed';
  if (httpStatus >= 400) return 'refused';
  if (statusCode < 2000) return 'answered';
  return statusCode < 3000 || statusCode === 4001 ? 'refused' : 'failed';
}

function candidatesOf(trace: RouteTrace | undefined): Pick<MessageEntry, 'candidates' | 'candidatesLeftOut'> {
  if (trace === undefined || trace.candidates.length === 0) return { candidates: [] };
  const all = trace.candidates;
  const kept =
    all.length <= mostCandidates
      ? all
      : [...all.filter(({ leg }) => leg !== undefined), ...all.filter(({ leg }) => leg === undefined)];
  const candidates = kept.slice(0, mostCandidates).map(({ party, partnerId, why, leg }) => ({
    party,
    partnerId,
    why: scrub(why),
    ...(leg === undefined ? {} : { leg: legOf(leg) }),
  }));
  const leftOut = all.length - candidates.length;
  return leftOut === 0 ? { candidates } : { candidates, candidatesLeftOut: leftOut };
}

const legOf = ({ requestId, httpStatus, statusCode, outcome, durationMs }: RouteLeg): RouteLeg => ({
  requestId,
  httpStatus,
  statusCode,
  outcome,
  durationMs: hundredths(durationMs),
});

const hundredths = (ms: number): number => Math.round(ms * 100) / 100;
