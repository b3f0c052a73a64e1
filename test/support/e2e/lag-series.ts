import type { EmspSimulator } from '../../../src/simulator/index.js';

interface Receipt {
  /** When it was received, epoch ms. */
  readonly at: number;
  readonly lagMs: number;
}

/** How long the news of owners took to reach partners, receipt by receipt: from `last_updated` until a partner had it. */
export class LagSeries {
  private readonly receipts: Receipt[] = [];
  private readonly since = Date.now();

  constructor(emsps: readonly EmspSimulator[]) {
    for (const { receiver } of emsps) {
      const { receipts } = receiver;
      const note = receipts.lag.bind(receipts);
      receipts.lag = (stamp, now, isPatch) => {
        note(stamp, now, isPatch);
        // A whole object that has stood unchanged for long is no news.
        if (stamp >= this.since) this.receipts.push({ at: now, lagMs: now - stamp });
      };
    }
  }

  /** Figures of what was received in a span of time, ms. */
  between(from: number, to = Date.now()): { count: number; p50: number; p99: number; max: number } {
    const lags = this.receipts.flatMap(({ at, lagMs }) => (at >= from && at < to ? [lagMs] : [])).sort((a, b) => a - b);
    const share = (part: number): number => lags[Math.min(lags.length - 1, Math.floor(lags.length * part))] ?? 0;
    return { count: lags.length, p50: share(0.5), p99: share(0.99), max: share(1) };
  }

  /** When the last receipt came that took longer than `limitMs`, epoch ms. */
  lastAbove(limitMs: number, from: number): number | undefined {
    return this.receipts.filter(({ at, lagMs }) => at >= from && lagMs > limitMs).at(-1)?.at;
  }

  /** The longest lag of each step of time, `-` where nothing came: for whoever reads the run. */
  line(from: number, stepMs: number, to = Date.now()): string {
    const steps: string[] = [];
    for (let at = from; at < to; at += stepMs) {
      const { count, max } = this.between(at, at + stepMs);
      steps.push(count === 0 ? '-' : String(max));
    }
    return steps.join(' ');
  }
}
