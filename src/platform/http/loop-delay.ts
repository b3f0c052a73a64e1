import { monitorEventLoopDelay } from 'node:perf_hooks';

/** How late this process gets to what happens. */
export interface DelayProbe {
  /** 99th percentile of the delays since it was last asked, ms. To be asked once a second. */
  p99(): number;
  stop(): void;
}

const resolutionMs = 10;
const askedEveryMs = 1_000;

/** Watches the event loop of this process from now on. */
export function watchLoopDelay(): DelayProbe {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  histogram.enable();
  let askedAt = performance.now();
  return {
    p99() {
      const now = performance.now();
      // A loop that is held up for seconds leaves no samples between two questions; then the question itself came late.
      const late = now - askedAt - askedEveryMs;
      askedAt = now;
      // What is recorded is the time between two turns, the interval included.
      const seen = histogram.count > 0 ? histogram.percentile(99) / 1e6 - resolutionMs : 0;
      histogram.reset();
      return Math.max(0, late, seen);
    },
    stop: () => histogram.disable(),
  };
}
