import type { Random } from '../random.js';

/** How a site is used: that decides when cars come and how long they stay. */
export type SiteUse = 'work' | 'street' | 'fast';

const HOUR = 3_600_000;
const MINUTE = 60_000;

/** Arrivals at one free EVSE in an hour, by hour of the day (local). */
const arrivals: Readonly<Record<SiteUse, readonly number[]>> = {
  work: [
    0.005, 0.005, 0.005, 0.005, 0.01, 0.05, 0.25, 0.6, 0.6, 0.35, 0.15, 0.1, 0.15, 0.2, 0.1, 0.06, 0.04, 0.03, 0.02,
    0.02, 0.01, 0.01, 0.005, 0.005,
  ],
  street: [
    0.02, 0.01, 0.01, 0.01, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.1, 0.1, 0.12, 0.12, 0.13, 0.15, 0.22, 0.4, 0.45, 0.35,
    0.25, 0.15, 0.1, 0.05,
  ],
  fast: [
    0.1, 0.06, 0.05, 0.05, 0.08, 0.15, 0.35, 0.6, 0.7, 0.75, 0.85, 0.95, 1.0, 0.95, 0.9, 0.95, 1.1, 1.15, 1.0, 0.8, 0.6,
    0.45, 0.3, 0.2,
  ],
};

/** Statuses that the stream moves; EVSEs in any other (REMOVED, PLANNED, BLOCKED) are left alone. */
const moving: ReadonlySet<string> = new Set([
  'AVAILABLE',
  'CHARGING',
  'RESERVED',
  'OUTOFORDER',
  'INOPERATIVE',
  'UNKNOWN',
]);

/** Whether an EVSE with this status takes part in the stream. */
export const takesPart = (status: string): boolean => moving.has(status);

/** A change of an EVSE's status that lies ahead. */
export interface NextStatus {
  afterMs: number;
  status: string;
}

/**
 * What happens next to an EVSE that has had `status` since `atMs`, in milliseconds of a local clock that starts at midnight.
 *
 * Free ones wait for the next car (a Poisson process whose rate follows the hour), now and then with a reservation before.
 * Stays are log-normal around what is usual for the site and the hour. One session in 300 ends in a fault of some hours.
 */
export function nextStatus(random: Random, use: SiteUse, status: string, atMs: number): NextStatus {
  switch (status) {
    case 'AVAILABLE': {
      const status = random.chance(0.04) ? 'RESERVED' : 'CHARGING';
      return { afterMs: untilArrival(random, use, atMs), status };
    }
    case 'RESERVED':
      return { afterMs: random.around(12, 0.5) * MINUTE, status: random.chance(0.8) ? 'CHARGING' : 'AVAILABLE' };
    case 'CHARGING':
      return {
        afterMs: random.around(usualStay(use, hourOf(atMs)), 0.4),
        status: random.chance(1 / 300) ? 'OUTOFORDER' : 'AVAILABLE',
      };
    default:
      return { afterMs: random.around(4, 0.8) * HOUR, status: 'AVAILABLE' };
  }
}

const hourOf = (atMs: number): number => Math.floor(atMs / HOUR) % 24;

function usualStay(use: SiteUse, hour: number): number {
  if (use === 'fast') return 27 * MINUTE;
  if (use === 'work') return (hour < 10 ? 7 : 2.5) * HOUR;
  return (hour >= 16 || hour < 3 ? 11.5 : 2.5) * HOUR;
}

/** Time to the next car: walks through the hours until their summed rates use up an exponential draw. */
function untilArrival(random: Random, use: SiteUse, atMs: number): number {
  let left = random.exponential();
  let at = atMs;
  for (;;) {
    const rate = arrivals[use][hourOf(at)] ?? 0.1;
    const toNextHour = HOUR - (at % HOUR);
    const needed = (left / rate) * HOUR;
    if (needed <= toNextHour) return at + needed - atMs;
    left -= (toNextHour / HOUR) * rate;
    at += toNextHour;
  }
}
