import type { Driver } from './driver.js';
import type { Partner } from './partner.js';
import type { Arrival } from './recorder.js';

/** One change on its way: when it arrived (wall clock, ms) and how long after its acknowledgement (ms, not below 0). */
export interface Lag {
  readonly at: number;
  readonly ms: number;
}

/** Measures the time from acknowledgement to receipt at some partners, for the writes of a driver. */
export class LagMeter {
  constructor(
    private readonly driver: Driver,
    private readonly partners: readonly Partner[],
  ) {}

  start(): void {
    this.driver.ackedAt = new Map();
    for (const { recorder } of this.partners) recorder.measure();
  }

  stop(): Lag[] {
    const acked = this.driver.ackedAt ?? new Map<string, number>();
    this.driver.ackedAt = undefined;
    const lagOf = ({ u, w }: Arrival): Lag[] => {
      const ack = acked.get(u);
      return ack === undefined ? [] : [{ at: w, ms: Math.max(0, w - ack) }];
    };
    return this.partners.flatMap(({ recorder }) => recorder.takeArrivals().flatMap(lagOf));
  }
}
