import { Exact, zero } from './decimal.js';

/** What goes on at the charging point: power flows, the car only stands there, it is kept free, or kept free in vain. */
export type Use = 'charging' | 'parked' | 'reserved' | 'expired';

/** A stretch of a session in which power and current stay the same. */
export interface UsePeriod {
  /** ms since the epoch, half open. */
  readonly start: number;
  readonly end: number;
  readonly use: Use;
  /** Charged in this period; evenly over it. */
  readonly kwh: Exact;
  /** Undefined: the mean of the period. */
  readonly powerKw?: Exact | undefined;
  /** A over all phases; undefined: not known. */
  readonly currentA?: Exact | undefined;
}

/** A session that has been, or that might be. Periods in the order of time. */
export interface UseSession {
  readonly periods: readonly UsePeriod[];
  /** IANA name of the Location's time zone; local times of tariffs are its times (TA-14). */
  readonly timeZone: string;
}

export interface SessionPlan {
  /** ms since the epoch */
  readonly start: number;
  readonly kwh: string | number;
  /** What car and connector manage on average. */
  readonly maxPowerKw: string | number;
  /** How long the car stays when it is full. */
  readonly parkedMinutes?: number | undefined;
  readonly timeZone: string;
}

/** A session that somebody has in mind: charged at one power, begun seconds count whole, then parked. */
export function planSession({ start, kwh, maxPowerKw, parkedMinutes = 0, timeZone }: SessionPlan): UseSession {
  const energy = new Exact(kwh);
  const power = new Exact(maxPowerKw);
  if (!energy.isPositive() || !power.isPositive() || power.isZero())
    throw new RangeError('energy and power are needed');
  const full = start + energy.div(power).times(3600).ceil().toNumber() * 1000;
  const periods: UsePeriod[] = [{ start, end: full, use: 'charging', kwh: energy, powerKw: power }];
  if (parkedMinutes > 0) {
    periods.push({
      start: full,
      end: full + parkedMinutes * 60_000,
      use: 'parked',
      kwh: zero,
      powerKw: zero,
      currentA: zero,
    });
  }
  return { periods, timeZone };
}
