import { OcpiError } from '../../kernel/ocpi-error.js';

/** What is known of a message that could not be passed on, or got no usable answer. */
export interface FailureFacts {
  /** `timeout`, `unreachable`, `refused`, `reset`, `answered`…: for the message log. */
  readonly outcome: string;
  /** Bytes of it have left, so the receiver may have acted on it. */
  readonly mayHaveArrived: boolean;
  /** For the operator's log only: partners learn nothing about networks. */
  readonly detail: string;
  /** X-Request-ID of the second leg. */
  readonly requestId?: string;
  readonly durationMs?: number;
  readonly httpStatusOfReceiver?: number;
}

/**
 * A message could not be passed on, or got no answer that can be handed on: what the caller is told (R-12…R-16), and what the operator
 * may read.
 */
export class ForwardFailure extends OcpiError {
  readonly outcome: string;
  readonly mayHaveArrived: boolean;
  readonly detail: string;
  readonly requestId: string | undefined;
  readonly durationMs: number;
  readonly httpStatusOfReceiver: number | undefined;

  constructor(told: OcpiError, facts: FailureFacts) {
    super(told.httpStatus, told.statusCode, told.message, { headers: told.headers });
    this.name = 'ForwardFailure';
    this.outcome = facts.outcome;
    this.mayHaveArrived = facts.mayHaveArrived;
    this.detail = facts.detail;
    this.requestId = facts.requestId;
    this.durationMs = facts.durationMs ?? 0;
    this.httpStatusOfReceiver = facts.httpStatusOfReceiver;
  }
}
