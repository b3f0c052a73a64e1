import type { Readable } from 'node:stream';
import type { MessageIds } from '../../kernel/message-ids.js';
import type { InterfaceRole } from '../../kernel/module-id.js';
import type { OcpiError } from '../../kernel/ocpi-error.js';
import type { PartyRef } from '../../kernel/party-ref.js';
import type { Method } from '../outbound/index.js';
import type { Partner } from '../partners/index.js';
import type { Reached, RouteTrace } from '../routing/index.js';

/** A message that is passed on to one party. */
export interface ForwardOrder {
  readonly method: Method;
  /** A ModuleID or that of a custom module. */
  readonly module: string;
  readonly interfaceRole: InterfaceRole;
  /** Below the interface, as received and percent-encoded: `/DE/CP1/S1`; empty for the interface itself. */
  readonly path: string;
  /** Without `?`, as received; empty if there is none. */
  readonly query: string;
  /** Bytes as received. */
  readonly body: Buffer | undefined;
  /** The platform that asks. */
  readonly caller: Partner;
  readonly from: PartyRef;
  readonly to: PartyRef;
  /** Of the first leg. */
  readonly ids: MessageIds;
  /** Aborts when the caller has gone away. */
  readonly signal?: AbortSignal;
}

/** What came back, ready to be handed on. */
export interface ForwardedAnswer {
  readonly httpStatus: number;
  /** OCPI `status_code`; undefined where the body was too long to look into before it is handed on. */
  readonly statusCode: number | undefined;
  /** Name, value, name, value: Content-Type, X-Total-Count, X-Limit; Link and Location rewritten. */
  readonly headers: readonly string[];
  /** Who answered. */
  readonly from: PartyRef;
  /** As received, byte for byte; a stream that must be read or destroyed. */
  readonly body: Buffer | Readable;
  /** X-Request-ID of the second leg. */
  readonly requestId: string;
  readonly durationMs: number;
}

/** How passing on ended. */
export type ForwardEnd =
  | { readonly kind: 'answered'; readonly answer: ForwardedAnswer }
  /** `mayHaveArrived`: bytes of it have left, so the receiver may have acted on it. */
  | { readonly kind: 'failed'; readonly error: OcpiError; readonly mayHaveArrived: boolean };

/** Whether the receiver said that it took the message. */
export function isTaken(end: ForwardEnd): boolean {
  const { statusCode = 0 } = end.kind === 'answered' ? end.answer : {};
  return statusCode >= 1000 && statusCode < 2000;
}

/** What a module does to a message on its way to one party. */
export interface Passage {
  /**
   * Asked once the receiver is known and before anything leaves.
   * @throws OcpiError to refuse it
   */
  outward(order: ForwardOrder, receiver: Reached): Promise<Outward> | Outward;
}

export interface Outward {
  /** Instead of the received bytes. */
  readonly body?: Buffer;
  /** Instead of the received query. */
  readonly query?: string;
  /** The answer; nothing leaves. For a message that was passed on before (T17). */
  readonly answer?: ForwardedAnswer;
  /** The answer is read to its end (at most 256 kB) before it is handed on, so that `settled` can look into it. */
  readonly whole?: boolean;
  /** Told how it ended, and waited for before the caller gets the answer. */
  settled?(end: ForwardEnd): Promise<void> | void;
}

/** Who is meant by a message that names nobody, found by its content. */
export type Sought =
  | {
      readonly kind: 'party';
      readonly party: PartyRef;
      /** In a few words: `owner of the Location`, `cdr_token`. */
      readonly by: string;
    }
  /** Any of these may know: all are asked at once, and the first success wins. */
  | { readonly kind: 'any'; readonly parties: readonly PartyRef[]; readonly by: string }
  /** Nothing says who is meant. */
  | { readonly kind: 'nobody'; readonly by: string };

/** Passes messages on to one party: at once, at most once, never stored, never tried again (P10). */
export interface Forwards {
  /**
   * Sends an order to a receiver. Authorization, message ids and routing headers of the second leg are made here (R-04, R-06, T-21).
   * The receiver's own answer is an answer, whatever it says; a `Link` and a `Location` in it lead back through the hub.
   *
   * @throws ForwardFailure 4002 if no answer came in time, 4003 if no connection came about or our token was refused, 4000 for an
   *   answer that is no OCPI (R-12…R-16)
   */
  forward(order: ForwardOrder, receiver: Reached, options?: { readonly whole?: boolean }): Promise<ForwardedAnswer>;
  /** Whom a reference names that the hub gave out in a `Link` or `Location`. @throws OcpiError 404/2001 for any other. */
  receiverOf(reference: string, order: Omit<ForwardOrder, 'to'>): PartyRef;
  /** Follows such a reference: the second leg goes where the original URL leads. @throws like {@link forward} */
  follow(reference: string, order: ForwardOrder, receiver: Reached): Promise<ForwardedAnswer>;
}

/** What is passed on, with the trace that its way is written into. */
export interface RouteOrder extends Omit<ForwardOrder, 'to'> {
  readonly trace: RouteTrace;
}
