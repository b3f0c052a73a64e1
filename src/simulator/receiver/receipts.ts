/** A push whose `last_updated` was older than what had been received before. */
export interface Regression {
  key: string;
  before: string;
  received: string;
}

const LISTED = 100;
const LAG_SAMPLES = 20_000;

/** The last 20,000 of a row of times. */
class LagSamples {
  private readonly samples = new Float64Array(LAG_SAMPLES);
  private count = 0;

  add(ms: number): void {
    this.samples[this.count % LAG_SAMPLES] = ms;
    this.count += 1;
  }

  reset(): void {
    this.count = 0;
  }

  state(): Record<string, number | undefined> {
    const sorted = this.samples.slice(0, Math.min(this.count, LAG_SAMPLES)).sort();
    const at = (share: number): number | undefined =>
      sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
    return { count: this.count, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
  }
}

/** What a receiver counts about the pushes it gets. */
export class Receipts {
  put = 0;
  patch = 0;
  delete = 0;
  get = 0;
  created = 0;
  /** Pushes that said nothing new: same object, same content. */
  duplicates = 0;
  regressions = 0;
  /** Requests answered 404 because the object is unknown. */
  notFound = 0;
  /** Requests refused for their content. */
  rejected = 0;
  readonly firstRegressions: Regression[] = [];
  private readonly patchLags = new LagSamples();
  private readonly pushLags = new LagSamples();
  private measuredSince = Number.POSITIVE_INFINITY;

  /** Notes that time went backwards for an object (P4). */
  regression(key: string, before: string, received: string): void {
    this.regressions += 1;
    if (this.firstRegressions.length < LISTED) this.firstRegressions.push({ key, before, received });
  }

  /**
   * Notes the time from the owner's change to its receipt.
   * @param stamp `last_updated` of what was received, ms since the epoch
   * @param now ms since the epoch
   */
  lag(stamp: number, now: number, isPatch: boolean): void {
    if (isPatch) this.patchLags.add(now - stamp);
    // A whole object may have stood unchanged for long: only changes made during the measurement tell how fast news travel.
    if (stamp >= this.measuredSince) this.pushLags.add(now - stamp);
  }

  /** What the control server shows. Lags are those of the last 20,000 requests. */
  state(): Record<string, unknown> {
    const { put, patch, get, created, duplicates, regressions, notFound, rejected, firstRegressions } = this;
    return {
      put,
      patch,
      delete: this.delete,
      get,
      created,
      duplicates,
      regressions,
      not_found: notFound,
      rejected,
      first_regressions: firstRegressions,
      patch_lag_ms: this.patchLags.state(),
      push_lag_ms: this.pushLags.state(),
    };
  }

  /**
   * Forgets the lags measured so far and begins a new measurement.
   * @param now ms since the epoch
   */
  resetLags(now: number): void {
    this.patchLags.reset();
    this.pushLags.reset();
    this.measuredSince = now;
  }
}
