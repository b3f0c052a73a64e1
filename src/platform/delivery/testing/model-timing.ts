import type { DeliveryTiming } from '../timing.js';

/** A tenth of the real times, so that a history ends soon. */
export const modelTiming: Partial<DeliveryTiming> = {
  backOffMs: [100, 200, 500, 1000],
  probeMs: 1500,
  settleMs: 3000,
  exceptionMs: [2000, 2000, 2000, 2000, 2000, 2000, 2000],
  lingerMs: 50,
  sliceMs: 500,
  sweepMs: 800,
  leaseMs: 1500,
  drainMs: 10_000,
};
