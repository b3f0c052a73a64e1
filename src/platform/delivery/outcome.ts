import type { Answered, Method, OutboundOutcome } from '../outbound/outbound-types.js';
import { retryAfter } from './back-off.js';

/** What an answer means for the object and for the lane. */
export type Verdict =
  | { readonly kind: 'success' }
  /** The partner does not take this object; it is well otherwise. */
  | {
      readonly kind: 'rejected';
      readonly http: number;
      readonly ocpi: number | undefined;
      readonly reason: string;
      /** It was a PATCH, and sending the whole object instead may help. */
      readonly heals: boolean;
      /** The partner does not know the object or what it belongs to. */
      readonly unknown: boolean;
    }
  /** Our token is not accepted: nothing may be sent until it changes. */
  | { readonly kind: 'unauthorised'; readonly http: number }
  /** The partner as a whole is in trouble. */
  | {
      readonly kind: 'failure';
      readonly reason: string;
      /** The request left and may be applied, now or later. */
      readonly ambiguous: boolean;
      /** The least that the partner asked us to wait, ms. */
      readonly retryAfterMs: number | undefined;
    };

export interface JudgeOptions {
  /** The partner is flagged: an answer without envelope is believed by its HTTP status. */
  readonly lenient: boolean;
  readonly now: number;
  readonly retryAfterCapMs: number;
  /**
   * Tokens were exchanged a moment ago, or while the request was under way: a partner may begin to take the new one only after it has
   * read our answer, and refuses the old one from then on.
   */
  readonly settling?: boolean;
}

const success: Verdict = { kind: 'success' };
const unauthorised = new Set([401, 403]);
/** 4xx that tell of the partner's condition, not of the object. */
const transient = new Set([408, 425, 429]);
/** The partner has no such object (404) or takes no PATCH at all (405, 501). */
const healing = new Set([404, 405, 501]);
const unknownLocation = 2003;

/** Judges the outcome of a call, by the table of reliability 3.4.5. Spec: ST-11, T-28. */
export function judge(method: Method, outcome: OutboundOutcome, options: JudgeOptions): Verdict {
  switch (outcome.kind) {
    case 'answered':
      return judgeAnswer(method, outcome, options);
    case 'ambiguous':
      return failure(outcome.reason, true);
    case 'unreachable':
      return failure(`unreachable: ${outcome.reason}`, false);
    case 'refused':
      return failure(`refused by our own policy: ${outcome.reason}`, false);
  }
}

function judgeAnswer(method: Method, answer: Answered, options: JudgeOptions): Verdict {
  const { httpStatus: http, statusCode: ocpi } = answer;
  if (http >= 200 && http < 300) {
    if (ocpi === undefined) return options.lenient ? success : failure(`HTTP ${http} without OCPI envelope`, false);
    if (ocpi >= 1000 && ocpi < 2000) return success;
    if (ocpi >= 2000 && ocpi < 3000) return rejected(method, answer);
    return failure(describe(answer), false, wait(answer, options));
  }
  if (unauthorised.has(http)) {
    if (options.settling === true) return failure(`HTTP ${http} around an exchange of tokens`, false);
    return { kind: 'unauthorised', http };
  }
  // Gone is what a DELETE wants.
  if (http === 404 && method === 'DELETE') return success;
  const isRejection = (http >= 400 && http < 500 && !transient.has(http)) || (method === 'PATCH' && healing.has(http));
  return isRejection ? rejected(method, answer) : failure(describe(answer), false, wait(answer, options));
}

function rejected(method: Method, answer: Answered): Verdict {
  const { httpStatus: http, statusCode: ocpi } = answer;
  return {
    kind: 'rejected',
    http,
    ocpi,
    reason: describe(answer),
    heals: method === 'PATCH' && (healing.has(http) || (ocpi !== undefined && ocpi >= 2000 && ocpi < 3000)),
    unknown: http === 404 || ocpi === unknownLocation,
  };
}

function failure(reason: string, ambiguous: boolean, retryAfterMs?: number): Verdict {
  return { kind: 'failure', reason, ambiguous, retryAfterMs };
}

function wait(answer: Answered, options: JudgeOptions): number | undefined {
  return retryAfter(answer.headers['retry-after'], options.now, options.retryAfterCapMs);
}

/** For the operator; a partner's own words are cut and kept to one line. */
function describe(answer: Answered): string {
  const codes = answer.statusCode === undefined ? '' : `, OCPI ${answer.statusCode}`;
  const words = answer.statusMessage?.replace(/[^\x20-\x7e]+/g, ' ').slice(0, 200);
  return `HTTP ${answer.httpStatus}${codes}${words ? `: ${words}` : ''}`;
}
