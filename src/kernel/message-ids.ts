import { randomUUID } from 'node:crypto';

/** The two ids that every request and every answer carry. Spec: 2.2.1 §4.2, T-19…T-24. */
export interface MessageIds {
  readonly requestId: string;
  readonly correlationId: string;
}

export const requestIdHeader = 'X-Request-ID';
export const correlationIdHeader = 'X-Correlation-ID';

/** A fresh id; UUIDs as T-23 asks. */
export function newMessageId(): string {
  return randomUUID();
}

const printable = /^[\x20-\x7e]{1,255}$/;

/** An id as a caller sent it, or a fresh one if it is missing or nothing to echo into a header and a log (T-24). */
export function acceptMessageId(received: string | undefined): string {
  return received !== undefined && printable.test(received) ? received : randomUUID();
}
