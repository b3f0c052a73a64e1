const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** Every span of time that delivery knows, in ms. Demonstrations and tests use shorter ones. */
export interface DeliveryTiming {
  /** Pause after the 1st, 2nd… failure in a row; the last one stands for all that follow. */
  readonly backOffMs: readonly number[];
  /** Pauses are spread by this fraction to both sides, so that lanes do not march in step. */
  readonly spread: number;
  /** A partner's Retry-After is obeyed up to here. */
  readonly retryAfterCapMs: number;
  /** Distance of probes while the breaker is open. */
  readonly probeMs: number;
  /** After so long without any success the operator has to resume the lane. */
  readonly giveUpMs: number;
  /** A partner whose breaker was open for so long is told of as away, and again each third of it. */
  readonly offlineAfterMs: number;
  /** After an ambiguous cut the object is sent once more, so long later. */
  readonly settleMs: number;
  /** For so long after an exchange of tokens a 401 is taken for a partner that is not ready yet. */
  readonly settlingMs: number;
  /** Pause before the 1st, 2nd… repetition of an object that the partner refused; afterwards it is parked. */
  readonly exceptionMs: readonly number[];
  /** Longest work on one lane before its worker is given back. */
  readonly sliceMs: number;
  /** How long a lane that has caught up waits for more before it gives its worker back. */
  readonly lingerMs: number;
  /** Commits that follow one another within this time wake the lanes once. */
  readonly wakeMs: number;
  /** So long the progress of one lane waits for that of others, unless it is pressed or a write is just back. */
  readonly saveMs: number;
  /** Distance of sweeps: a lost wake-up costs no more. */
  readonly sweepMs: number;
  readonly leaseMs: number;
  /** A lane whose oldest change waits for longer is told of. */
  readonly lagAlertMs: number;
  /** Pause after our own storage failed. */
  readonly stumbleMs: number;
  /** Longest wait for requests under way when the process stops. */
  readonly drainMs: number;
}

export const defaultTiming: DeliveryTiming = {
  backOffMs: [1 * second, 2 * second, 5 * second, 10 * second, 30 * second, 60 * second],
  spread: 0.2,
  retryAfterCapMs: 15 * minute,
  probeMs: 30 * second,
  giveUpMs: 72 * hour,
  offlineAfterMs: 15 * minute,
  settleMs: 30 * second,
  settlingMs: 10 * second,
  exceptionMs: [30 * second, 5 * minute, 30 * minute, 2 * hour, 12 * hour],
  sliceMs: 5 * second,
  lingerMs: 200,
  wakeMs: 2,
  saveMs: 5,
  sweepMs: 2 * second,
  leaseMs: 10 * second,
  lagAlertMs: minute,
  stumbleMs: 1 * second,
  drainMs: 10 * second,
};
