/** A push whose `last_updated` was older than what had been received before. */
export interface Regression {
  key: string;
  before: string;
  received: string;
}

const LISTED = 100;
const LAG_SAMPLES = 20_000;

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
  private readonly lags = new Float64Array(LAG_SAMPLES);
  private lagCount = 0;

  /** Notes that time went backwards for an object (P4). */
  regression(key: string, before: string, received: string): void {
    this.regressions += 1;
    if (this.firstRegressions.length < LISTED) this.firstRegressions.push({ key, before, received });
  }

  /** Notes the time from the owner's change to its receipt, in milliseconds. */
  lag(ms: number): void {
    this.lags[this.lagCount % LAG_SAMPLES] = ms;
    this.lagCount += 1;
  }

  /** What the control server shows. Lags are those of the last 20,000 PATCHes. */
  state(): Record<string, unknown> {
    const { put, patch, get, created, duplicates, regressions, notFound, rejected, firstRegressions } = this;
    const sorted = this.lags.slice(0, Math.min(this.lagCount, LAG_SAMPLES)).sort();
    const at = (share: number): number | undefined =>
      sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
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
      patch_lag_ms: { count: this.lagCount, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) },
    };
  }

  /** Forgets the lags measured so far, to begin a new measurement. */
  resetLags(): void {
    this.lagCount = 0;
  }
}
