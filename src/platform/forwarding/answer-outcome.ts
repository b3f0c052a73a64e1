import {
  hubError,
  invalidParameters,
  type OcpiError,
  receiverNotConnected,
  receiverTimeout,
  unavailable,
} from '../../kernel/ocpi-error.js';
import type { Ambiguous, AmbiguousReason, Refused, RefusedReason, Unreachable } from '../outbound/index.js';
import { ForwardFailure } from './forward-failure.js';

const noUsableAnswer = 'The receiving party gave no answer that could be handed on.';

/** What the caller put into its path or query cannot stand in a URL. */
const callersFault: ReadonlySet<RefusedReason> = new Set(['malformed', 'too-long', 'fragment']);

/** The request left, and what came back is no answer. The rest is: nothing came back, in time or at all. */
const unusable: ReadonlySet<AmbiguousReason> = new Set(['too-large', 'encoded', 'bad-body']);

/** A call that brought no answer, in the terms of. */
export function failureOf(outcome: Refused | Unreachable | Ambiguous): ForwardFailure {
  if (outcome.kind === 'refused') {
    const { reason } = outcome;
    return new ForwardFailure(toldOf(reason), { outcome: 'refused', mayHaveArrived: false, detail: reason });
  }
  const { kind, reason, requestId, durationMs } = outcome;
  const detail = `${reason}: ${outcome.detail}`;
  if (kind === 'unreachable') {
    const facts = { outcome: reason === 'aborted' ? reason : kind, mayHaveArrived: false, detail };
    return new ForwardFailure(receiverNotConnected(), { ...facts, requestId, durationMs });
  }
  const told = unusable.has(reason) ? hubError(noUsableAnswer) : receiverTimeout();
  return new ForwardFailure(told, { outcome: reason, mayHaveArrived: true, detail, requestId, durationMs });
}

function toldOf(reason: RefusedReason): OcpiError {
  if (callersFault.has(reason)) return invalidParameters('The path or query cannot be passed on.');
  if (reason === 'closed') return unavailable(5);
  return receiverNotConnected();
}

/**
 * What an answer that is not handed on tells the caller, if its HTTP status alone says that it is not.
 *
 * A 401 or 403 is about the hub's own token. A 429 or 503 is about the hub's connection as well: handed on, it would make the caller
 * wait for everybody else behind the hub.
 */
export function refusalOf(httpStatus: number): OcpiError | undefined {
  if (httpStatus === 401 || httpStatus === 403)
    return receiverNotConnected('The receiving party cannot be used at the moment.');
  if (httpStatus === 429 || httpStatus === 503) return hubError('The receiving party takes no messages at the moment.');
  if (
    httpStatus < 200 ||
    httpStatus === 407 ||
    httpStatus === 408 ||
    httpStatus >= 500 ||
    (httpStatus >= 300 && httpStatus < 400)
  )
    return hubError(noUsableAnswer);
  return undefined;
}

export const notOcpi = (): OcpiError => hubError(noUsableAnswer);
