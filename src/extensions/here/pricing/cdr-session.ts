import type { CDR, ChargingPeriod } from '../../../generated/ocpi.js';
import { parseDateTime } from '../../../kernel/date-time.js';
import { Exact, exactOf, zero } from './decimal.js';
import type { Use, UsePeriod } from './session.js';

/** Periods of a CDR as they are priced: by the clock, or by the volumes that it states; both are seen in the field. */
export type TimesFrom = 'clock' | 'volumes';

const hour = 3_600_000;
/** Longer ones are clocks that were never set. */
const longest = 100 * 24 * hour;

/**
 * The session that a CDR describes; undefined if its times are not known (CDR-14) or make no sense.
 *
 * A period lasts until the next one starts, the last one until the end of the session. One with both TIME and PARKING_TIME is taken
 * to charge first. Where no period states energy, the total is spread over the time of charging.
 */
export function periodsOfCdr(cdr: CDR, timesFrom: TimesFrom): readonly UsePeriod[] | undefined {
  const start = parseDateTime(String(cdr.start_date_time));
  const end = parseDateTime(String(cdr.end_date_time));
  if (!start || !end || end < start || end - start > longest) return undefined;
  const periods: UsePeriod[] = [];
  for (const [place, period] of cdr.charging_periods.entries()) {
    const next = cdr.charging_periods[place + 1];
    const from = parseDateTime(String(period.start_date_time));
    const to = next ? parseDateTime(String(next.start_date_time)) : Math.max(end, from ?? end);
    if (from === undefined || to === undefined || to < from) return undefined;
    periods.push(...partsOf(period, from, to, timesFrom));
  }
  return withEnergy(periods, exactOf(cdr.total_energy) ?? zero);
}

/** The sum of all volumes of a dimension; undefined if no period states it. */
export function volumeOf(period: ChargingPeriod, type: string): Exact | undefined {
  const volumes = (period.dimensions ?? [])
    .filter((dimension) => dimension?.type === type)
    .map(({ volume }) => exactOf(volume));
  const known = volumes.filter((volume) => volume !== undefined);
  return known.length > 0 ? known.reduce((sum, volume) => sum.plus(volume)) : undefined;
}

const timed: readonly (readonly [type: string, use: Use])[] = [
  ['RESERVATION_TIME', 'reserved'],
  ['TIME', 'charging'],
  ['PARKING_TIME', 'parked'],
];

function partsOf(period: ChargingPeriod, from: number, to: number, timesFrom: TimesFrom): UsePeriod[] {
  const kwh = volumeOf(period, 'ENERGY') ?? zero;
  const shares = timed.flatMap(([type, use]) => {
    const hours = volumeOf(period, type);
    return hours?.gt(0) ? [{ use, ms: hours.times(3600).round().toNumber() * 1000 }] : [];
  });
  const uses =
    shares.length > 0 ? shares : [{ use: kwh.gt(0) ? ('charging' as const) : ('parked' as const), ms: to - from }];
  const powerKw = volumeOf(period, 'MAX_POWER') ?? volumeOf(period, 'MIN_POWER');
  const currentA = volumeOf(period, 'MAX_CURRENT') ?? volumeOf(period, 'MIN_CURRENT');
  const charged = uses.findIndex(({ use }) => use === 'charging');
  const parts: UsePeriod[] = [];
  let at = from;
  for (const [place, { use, ms }] of uses.entries()) {
    const isLast = place === uses.length - 1;
    const until = timesFrom === 'clock' ? (isLast ? to : Math.min(at + ms, to)) : at + ms;
    const isCharging = use === 'charging';
    parts.push({
      start: at,
      end: until,
      use,
      kwh: place === Math.max(charged, 0) ? kwh : zero,
      ...(isCharging && { powerKw, currentA }),
    });
    at = until;
  }
  return parts;
}

function withEnergy(periods: readonly UsePeriod[], total: Exact): readonly UsePeriod[] {
  if (total.isZero() || periods.some(({ kwh }) => !kwh.isZero())) return periods;
  const charging = periods.filter(({ use }) => use === 'charging');
  const length = charging.reduce((sum, { start, end }) => sum + end - start, 0);
  if (length === 0) return periods;
  return periods.map((period) =>
    period.use === 'charging'
      ? { ...period, kwh: total.times(new Exact(period.end - period.start).div(length)) }
      : period,
  );
}
