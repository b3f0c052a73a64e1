import { TransportError } from '../http/http-client.js';
import { isSuccess, type OcpiAnswer } from '../http/ocpi-answer.js';
import type { OcpiCall } from '../http/ocpi-call.js';
import { NotOfferedError, type OcpiClient } from '../http/ocpi-client.js';
import { pause } from './worker-pool.js';

/** What became of one push in the end. */
export type PushOutcome =
  | { kind: 'accepted'; created: boolean }
  | { kind: 'refused'; answer: OcpiAnswer }
  | { kind: 'failed'; reason: string };

const ATTEMPTS = 8;
const LONGEST_PAUSE_MS = 15_000;

/**
 * Sends pushes as a patient CPO does: what is refused for its content stays refused; overload (429, 503), server trouble and
 * broken connections are tried again with growing pauses, and a `Retry-After` holds back all pushes of the platform.
 */
export class OwnerPush {
  retries = 0;
  private heldUntil = 0;
  private stopped = false;

  constructor(
    private readonly client: OcpiClient,
    private readonly now: () => number,
  ) {}

  /** Gives up what is waiting to be tried again. */
  stop(): void {
    this.stopped = true;
  }

  /** Sends one push; `call` is asked again for every attempt, so that the newest state goes out. */
  async send(call: () => OcpiCall): Promise<PushOutcome> {
    let reason = '';
    for (let attempt = 1; attempt <= ATTEMPTS && !this.stopped; attempt += 1) {
      if (attempt > 1) this.retries += 1;
      for (let wait = this.heldUntil - this.now(); wait > 0 && !this.stopped; wait = this.heldUntil - this.now()) {
        await pause(Math.min(wait, 250));
      }
      let answer: OcpiAnswer;
      try {
        answer = await this.client.call(call());
      } catch (error) {
        if (error instanceof NotOfferedError) return { kind: 'failed', reason: error.message };
        reason = error instanceof TransportError ? error.code : String(error);
        await pause(backOff(attempt));
        continue;
      }
      if (isSuccess(answer)) return { kind: 'accepted', created: answer.http === 201 };
      if (!isPassing(answer)) return { kind: 'refused', answer };
      reason = `HTTP ${answer.http}, OCPI ${answer.code ?? 'none'}`;
      const seconds = Number(answer.headers['retry-after'] ?? Number.NaN);
      if (seconds >= 0) this.heldUntil = this.now() + Math.min(seconds * 1000, LONGEST_PAUSE_MS);
      else await pause(backOff(attempt));
    }
    return { kind: 'failed', reason: this.stopped ? 'stopped' : reason };
  }
}

const backOff = (attempt: number): number => Math.min(100 * 2 ** attempt, 5000);

/** Whether the same request may be answered differently later. */
function isPassing(answer: OcpiAnswer): boolean {
  if (answer.http === 429 || answer.http === 401 || answer.http >= 500 || answer.code === undefined) return true;
  return answer.http < 300 && answer.code >= 3000;
}
