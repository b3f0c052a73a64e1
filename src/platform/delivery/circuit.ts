import { backOff } from './back-off.js';
import type { DeliveryTiming } from './timing.js';

export type CircuitStateName = 'closed' | 'open' | 'half_open';

/** What a lane may do now. */
export type CircuitDecision =
  /** Send, with at most so many requests in flight. */
  | { readonly kind: 'send'; readonly window: number }
  /** Send one request, alone. */
  | { readonly kind: 'probe' }
  /** Send nothing before `until` (ms since the epoch). */
  | { readonly kind: 'hold'; readonly until: number };

/** What outlives a restart. */
export interface CircuitRecord {
  readonly state: CircuitStateName;
  /** Failures in a row. */
  readonly failures: number;
  /** ms since the epoch; undefined while closed */
  readonly openedAt: number | undefined;
  /** Of the present row of failures, ms since the epoch. */
  readonly firstFailureAt: number | undefined;
  /** Nothing is sent before, ms since the epoch; 0 = at once. */
  readonly nextDue: number;
}

export const closedCircuit: CircuitRecord = {
  state: 'closed',
  failures: 0,
  openedAt: undefined,
  firstFailureAt: undefined,
  nextDue: 0,
};

/** Most requests in flight per partner. */
export const fullWindow = 8;
const failuresToOpen = 5;
const successesToClose = 2;
const buckets = 5;
const bucketMs = 60_000;
const leastCalls = 10;
const failingShare = 0.7;

/**
 * Decides whether a lane may send. No I/O, no timers: it is told what happened and asked what now.
 *
 * Opens after 5 failures in a row, or when 70 % of at least 10 calls within 5 minutes failed. While open there is one probe
 * each `probeMs`; the first success lets the second probe go at once, the second success closes. The window then grows again by
 * 1, 2, 4, 8. Calls that were in flight together fail together: of each such round one failure counts for the row.
 */
export class Circuit {
  private state: CircuitStateName;
  private failures: number;
  private openedAt: number | undefined;
  private firstFailureAt: number | undefined;
  private nextDue: number;
  private window: number;
  private sinceGrowth = 0;
  private probesPassed = 0;
  private round = 0;
  private counts: { minute: number; calls: number; failed: number }[] = [];

  constructor(
    private readonly timing: Pick<DeliveryTiming, 'backOffMs' | 'spread' | 'probeMs'>,
    private readonly random: () => number,
    record: CircuitRecord = closedCircuit,
  ) {
    this.state = record.state;
    this.failures = record.failures;
    this.openedAt = record.openedAt;
    this.firstFailureAt = record.firstFailureAt;
    this.nextDue = record.nextDue;
    this.window = record.failures === 0 && record.state === 'closed' ? fullWindow : 1;
  }

  decide(now: number): CircuitDecision {
    if (now < this.nextDue) return { kind: 'hold', until: this.nextDue };
    return this.state === 'closed' ? { kind: 'send', window: this.window } : { kind: 'probe' };
  }

  /** To be taken before a call and handed in with its result: tells which round it belongs to. */
  ticket(): number {
    return this.round;
  }

  /** The partner answered and is well, whatever it thinks of the object. Returns whether the breaker closed by it. */
  succeeded(ticket: number, now: number): boolean {
    this.count(now, false);
    if (this.state === 'closed') {
      this.failures = 0;
      this.firstFailureAt = undefined;
      this.grow();
      return false;
    }
    if (ticket !== this.round) return false;
    this.probesPassed++;
    this.state = 'half_open';
    this.nextDue = 0;
    if (this.probesPassed < successesToClose) return false;
    this.state = 'closed';
    this.openedAt = undefined;
    this.firstFailureAt = undefined;
    this.failures = 0;
    this.window = 1;
    this.sinceGrowth = 0;
    this.counts = [];
    return true;
  }

  /** The partner as a whole failed. `retryAfterMs`: the least that it asked for. */
  failed(ticket: number, now: number, retryAfterMs = 0): void {
    this.count(now, true);
    this.firstFailureAt ??= now;
    if (ticket === this.round) {
      this.round++;
      this.failures++;
      const pause = this.state === 'closed' ? backOff(this.failures, this.random(), this.timing) : this.timing.probeMs;
      this.nextDue = now + pause;
      this.probesPassed = 0;
      if (this.state === 'half_open') this.state = 'open';
    }
    if (this.state === 'closed' && (this.failures >= failuresToOpen || this.mostlyFailing())) {
      this.state = 'open';
      this.openedAt = now;
      this.nextDue = now + this.timing.probeMs;
    }
    this.nextDue = Math.max(this.nextDue, now + retryAfterMs);
  }

  /** Since when nothing but failures, ms since the epoch; undefined after a success. */
  failingSince(): number | undefined {
    return this.firstFailureAt;
  }

  isOpen(): boolean {
    return this.state !== 'closed';
  }

  record(): CircuitRecord {
    return {
      state: this.state,
      failures: this.failures,
      openedAt: this.openedAt,
      firstFailureAt: this.firstFailureAt,
      nextDue: this.nextDue,
    };
  }

  private grow(): void {
    if (this.window === fullWindow || ++this.sinceGrowth < this.window) return;
    this.window = Math.min(this.window * 2, fullWindow);
    this.sinceGrowth = 0;
  }

  private count(now: number, failed: boolean): void {
    const minute = Math.floor(now / bucketMs);
    let bucket = this.counts.at(-1);
    if (bucket?.minute !== minute) {
      bucket = { minute, calls: 0, failed: 0 };
      this.counts.push(bucket);
      this.counts = this.counts.filter((one) => one.minute > minute - buckets);
    }
    bucket.calls++;
    if (failed) bucket.failed++;
  }

  private mostlyFailing(): boolean {
    let calls = 0;
    let failed = 0;
    for (const bucket of this.counts) {
      calls += bucket.calls;
      failed += bucket.failed;
    }
    return calls >= leastCalls && failed >= failingShare * calls;
  }
}
