import { type Exact, settled } from './decimal.js';
import { type LocalMoment, wallClockCuts } from './local-time.js';
import type { Range, RateCard, RateCondition, RateRow } from './rate-card.js';
import type { UsePeriod } from './session.js';

/** How things stand at one moment of a session. */
export interface Standing {
  /** ms since the epoch */
  readonly at: Exact;
  /** The same on the wall of the Location; reckoned when first asked for. */
  readonly local: () => LocalMoment;
  /** Charged before. */
  readonly kwh: Exact;
  /** Since the session, or the reservation, began. */
  readonly seconds: Exact;
  readonly powerKw: Exact | undefined;
  readonly currentA: Exact | undefined;
}

export type Match = 'yes' | 'no' | 'unknown';

/** Whether a row holds at a moment; the reservation part of its condition is the caller's (TA-12…TA-14). */
export function matchOf(condition: RateCondition, standing: Standing): Match {
  const { kwh, duration, power, current } = condition;
  if (kwh && !contains(kwh, standing.kwh)) return 'no';
  if (duration && !contains(duration, standing.seconds)) return 'no';
  if (power && standing.powerKw && !contains(power, standing.powerKw)) return 'no';
  if (current && standing.currentA && !contains(current, standing.currentA)) return 'no';
  if ((condition.time || condition.date || condition.days) && !isThen(condition, standing)) return 'no';
  const isMissing = (power && !standing.powerKw) || (current && !standing.currentA);
  return isMissing || condition.isUnknowable ? 'unknown' : 'yes';
}

function contains({ min, max }: Range, value: Exact): boolean {
  const exact = settled(value);
  return (!min || exact.gte(min)) && (!max || exact.lt(max));
}

function isThen({ time, date, days }: RateCondition, { local }: Standing): boolean {
  const moment = local();
  if (days && !days.has(moment.day)) return false;
  if (date && !isOnDate(date, moment)) return false;
  if (!time) return true;
  const { from, to } = time;
  // An end before the start is on the next day; the same time twice is a whole day.
  return from < to ? moment.seconds >= from && moment.seconds < to : moment.seconds >= from || moment.seconds < to;
}

function isOnDate({ from, to }: { from: string | undefined; to: string | undefined }, { date }: LocalMoment): boolean {
  return (from === undefined || date >= from) && (to === undefined || date < to);
}

/**
 * The moments inside of a period at which another row may begin to hold, in order, without its start and with its end; so that
 * between two of them everything stays the same (TA-12).
 */
export function cutsOf(
  card: RateCard,
  period: UsePeriod,
  { kwh: before, at: start, seconds }: Standing,
  timeZone: string,
): readonly Exact[] {
  const end = start.times(0).plus(period.end);
  const cuts: Exact[] = [];
  const add = (at: Exact): void => {
    if (at.gt(start) && at.lt(end)) cuts.push(at);
  };
  const length = end.minus(start);
  for (const kwh of boundsOf(card.rows, (condition) => condition.kwh)) {
    if (period.kwh.gt(0)) add(start.plus(kwh.minus(before).div(period.kwh).times(length)));
  }
  for (const duration of boundsOf(card.rows, (condition) => condition.duration)) {
    add(start.plus(duration.minus(seconds).times(1000)));
  }
  const times = wallTimesOf(card.rows);
  for (const at of times.length > 0 ? wallClockCuts(period.start, period.end, times, timeZone) : []) {
    cuts.push(start.times(0).plus(at));
  }
  cuts.sort((a, b) => a.cmp(b));
  return [...cuts.filter((at, index) => index === 0 || !at.eq(cuts[index - 1] ?? at)), end];
}

function boundsOf(rows: readonly RateRow[], rangeOf: (condition: RateCondition) => Range | undefined): Exact[] {
  const bounds: Exact[] = [];
  for (const { condition } of rows) {
    const range = rangeOf(condition);
    if (range?.min) bounds.push(range.min);
    if (range?.max) bounds.push(range.max);
  }
  return bounds;
}

/** Seconds of the day at which a row may begin or end; midnight for those with dates or days. */
function wallTimesOf(rows: readonly RateRow[]): number[] {
  const times = new Set<number>();
  for (const { condition } of rows) {
    if (condition.time) times.add(condition.time.from).add(condition.time.to);
    if (condition.date || condition.days) times.add(0);
  }
  return [...times];
}
