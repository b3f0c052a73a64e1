import type http from 'node:http';
import type { Readable } from 'node:stream';
import type { TokenForm } from '../../kernel/credentials-token.js';
import type { Span } from '../../kernel/json-text.js';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Which limits a call has; see {@link defaultLimits}. */
export type Profile = 'push' | 'page' | 'handshake' | 'forward';

/** One call to a partner. */
export interface OutboundRequest {
  readonly method: Method;
  readonly url: string;
  /** The credentials token that we present, in clear. */
  readonly token: string;
  /** How the token is written (T-02, T-05); Base64 unless the partner is flagged. */
  readonly tokenForm?: TokenForm;
  /** Where the token may go, such as `https://ocpi.partner.example`. Anything else is refused (T9). */
  readonly origins: readonly string[];
  readonly profile: Profile;
  /** Routing headers. */
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON text, or its bytes. */
  readonly body?: string | Buffer;
  /** A fresh UUID unless given (T-19, T-23). */
  readonly requestId?: string;
  /** A fresh UUID unless given; a forwarded message keeps its own (T-21). */
  readonly correlationId?: string;
  readonly signal?: AbortSignal;
  /** Asked once the connection stands, right before the first byte leaves; false: nothing is sent, and the call is `withdrawn`. */
  readonly mayLeave?: () => boolean;
  /** Path and query leave byte for byte as they stand in `url`; without it in the form that the URL parser gives them. */
  readonly asWritten?: boolean;
}

export type RefusedReason =
  | 'malformed'
  | 'too-long'
  | 'scheme'
  | 'userinfo'
  | 'fragment'
  | 'blocked-address'
  | 'foreign-origin'
  | 'bad-header'
  | 'withdrawn'
  | 'closed';

export type UnreachableReason = 'dns' | 'connect' | 'tls' | 'busy' | 'aborted';

export type AmbiguousReason = 'timeout' | 'reset' | 'too-large' | 'encoded' | 'bad-body' | 'aborted';

/** The partner gave an HTTP answer, whatever it says. */
export interface Answered {
  readonly kind: 'answered';
  readonly httpStatus: number;
  /** OCPI `status_code`, if the body is an OCPI envelope. */
  readonly statusCode: number | undefined;
  /** The partner's own words, but for the token that they repeat. */
  readonly statusMessage: string | undefined;
  /** Whether the body is a JSON object with an integer `status_code`. */
  readonly envelope: boolean;
  /** The whole body as received. Of a long one `data` was not looked into and may still be broken JSON. */
  readonly text: string;
  /** Where `data` stands in `text`, if that is known already; read it with `dataText`. */
  readonly data?: Span;
  readonly headers: http.IncomingHttpHeaders;
  readonly requestId: string;
  readonly durationMs: number;
}

/** Our own policy said no: nothing was resolved beyond the name, nothing was sent. */
export interface Refused {
  readonly kind: 'refused';
  readonly reason: RefusedReason;
}

/** No connection came about (or none was free): nothing of the request was sent. */
export interface Unreachable {
  readonly kind: 'unreachable';
  readonly reason: UnreachableReason;
  /** For the operator's log only: partners learn nothing about networks. */
  readonly detail: string;
  readonly requestId: string;
  readonly durationMs: number;
}

/** The request left and no usable answer came: the partner may or may not have acted on it. */
export interface Ambiguous {
  readonly kind: 'ambiguous';
  readonly reason: AmbiguousReason;
  readonly bytesSent: true;
  /** For the operator's log only. */
  readonly detail: string;
  readonly requestId: string;
  readonly durationMs: number;
}

/** The partner gave an HTTP answer; what it says was not looked into. */
export interface Streamed {
  readonly kind: 'answered';
  readonly httpStatus: number;
  readonly headers: http.IncomingHttpHeaders;
  /** What is there of the body: all of it, or more bytes than were asked for. */
  readonly start: Buffer;
  /**
   * The whole body from its first byte on, if it is longer than `start` may be. It must be read or destroyed, and ends with an
   * {@link AnswerBroken} if the call does not end well; the limits of the call go on counting until then.
   */
  readonly stream: Readable | undefined;
  readonly requestId: string;
  /** Until this was told. */
  readonly durationMs: number;
}

/** A body that was being read broke off. */
export class AnswerBroken extends Error {
  constructor(
    readonly reason: AmbiguousReason,
    /** For the operator's log only. */
    readonly detail: string,
  ) {
    super(`The answer broke off: ${reason}.`);
    this.name = 'AnswerBroken';
  }
}

export type StreamOutcome = Streamed | Refused | Unreachable | Ambiguous;

export type OutboundOutcome = Answered | Refused | Unreachable | Ambiguous;

/** ST-11: a call succeeded only if HTTP says 2xx **and** OCPI says 1000–1999. */
export function isSuccess(outcome: OutboundOutcome): outcome is Answered {
  return (
    outcome.kind === 'answered' &&
    outcome.httpStatus >= 200 &&
    outcome.httpStatus < 300 &&
    outcome.statusCode !== undefined &&
    outcome.statusCode >= 1000 &&
    outcome.statusCode < 2000
  );
}

/** Limits of one call, in milliseconds and bytes. */
export interface CallLimits {
  /** From `send` to the last byte of the answer, waiting for a free socket and one repetition included. */
  readonly totalMs: number;
  /** From `send` to the answer's headers. */
  readonly firstByteMs: number;
  /** Size of the answer's body. */
  readonly answerBytes: number;
}

const kilobyte = 1024;
const megabyte = 1024 * kilobyte;

export const defaultLimits: Readonly<Record<Profile, CallLimits>> = {
  push: { totalMs: 10_000, firstByteMs: 10_000, answerBytes: 256 * kilobyte },
  page: { totalMs: 30_000, firstByteMs: 10_000, answerBytes: 10 * megabyte },
  handshake: { totalMs: 10_000, firstByteMs: 10_000, answerBytes: 256 * kilobyte },
  forward: { totalMs: 15_000, firstByteMs: 10_000, answerBytes: 10 * megabyte },
};

/**
 * Limits of a message that is passed on and may take so long in all. Of a long time a third is kept for the answer's body, so that one
 * that begins late is told to be late and not cut off in its middle.
 */
export function forwardLimits(totalMs: number): CallLimits {
  const { firstByteMs, answerBytes } = defaultLimits.forward;
  return { totalMs, firstByteMs: Math.min(totalMs, Math.max(firstByteMs, Math.round((totalMs * 2) / 3))), answerBytes };
}

/** Sockets to one partner origin for messages that are passed on. */
export const forwardSockets = 64;

/** Time for resolving, connecting and TLS together. */
export const defaultConnectMs = 3_000;

/** An answer's header block may not be larger. */
export const maxHeaderBytes = 16 * kilobyte;
