import type { DeliveryTiming } from './timing.js';

/**
 * How long a lane rests after its `failures`-th failure in a row (from 1), in ms.
 * @param random a number from 0 up to 1
 */
export function backOff(
  failures: number,
  random: number,
  timing: Pick<DeliveryTiming, 'backOffMs' | 'spread'>,
): number {
  const steps = timing.backOffMs;
  const step = steps[Math.min(Math.max(failures, 1), steps.length) - 1] ?? 0;
  return Math.round(step * (1 + timing.spread * (2 * random - 1)));
}

/**
 * What a partner's `Retry-After` asks for, in ms from now: seconds or an HTTP date, never negative, at most `capMs`.
 * `undefined` if there is none or it says nothing.
 */
export function retryAfter(header: string | undefined, now: number, capMs: number): number | undefined {
  const text = header?.trim();
  if (!text) return undefined;
  const wanted = /^[+-]?\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isNaN(wanted) ? undefined : Math.min(Math.max(wanted, 0), capMs);
}

/** When an object that was refused for the `attempts`-th time is tried again, in ms from now; undefined = parked. */
export function exceptionPause(attempts: number, timing: Pick<DeliveryTiming, 'exceptionMs'>): number | undefined {
  return timing.exceptionMs[attempts - 1];
}
