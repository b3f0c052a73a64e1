import { DateTime } from 'luxon';
import type { ExceptionalPeriod, Hours, Location } from '../../../generated/ocpi.js';
import { parseDateTime } from '../../../kernel/date-time.js';
import {
  alwaysOpen,
  clockText,
  daySeconds,
  isWholeDay,
  joined,
  type Stretch,
  sameDay,
  secondsOf,
  without,
} from './day-hours.js';

const dayNames = ['mo', 'tu', 'we', 'th', 'fr', 'sa', 'su'] as const;
export type DayName = (typeof dayNames)[number];

/** `hh:mm:ss` of the wall clock; `to` is exclusive, `00:00:00` there is the end of the day. */
export interface OpenPeriod {
  readonly from: string;
  readonly to: string;
}

/** HERE section 2.8. */
export interface OpeningHours {
  readonly open24x7: boolean;
  readonly chargingWhenClosed?: boolean;
  readonly regularSchedule?: readonly { readonly days: readonly DayName[]; readonly periods: readonly OpenPeriod[] }[];
  readonly exceptions?: readonly (
    | { readonly date: string; readonly periods: readonly OpenPeriod[] }
    | { readonly date: string; readonly closed: true }
  )[];
}

const always: OpeningHours = { open24x7: true };
/** A year and a month: whoever closes for longer is told again in time. */
const maxExceptions = 400;

/**
 * When a Location can be reached; undefined if it does not say. OCPI's exceptional periods are instants, HERE's are days of the
 * local calendar: each day that one touches is told with all that is open on it then. Days before that of `now` are left out, and
 * of the others at most 400 are told. HERE section 2.8.
 */
export function openingHoursOf(location: Location, now?: number): OpeningHours | undefined {
  const hours = location.opening_times;
  if (!hours) return undefined;
  const isAlways = hours.twentyfourseven === true;
  if (isAlways && !hours.exceptional_closings?.length) return always;
  const week = isAlways ? alwaysOpen : weekOf(hours);
  const exceptions = exceptionsOf(hours, week, location.time_zone, now);
  const isFull = week.every(isWholeDay);
  if (isFull && exceptions.length === 0) return always;
  const regularSchedule = scheduleOf(week);
  if (regularSchedule.length === 0 && exceptions.length === 0) return undefined;
  return {
    open24x7: false,
    chargingWhenClosed: location.charging_when_closed ?? true,
    ...(regularSchedule.length > 0 && { regularSchedule }),
    ...(exceptions.length > 0 && { exceptions }),
  };
}

/** What is open on each weekday. A period that ends before it begins goes on after midnight. */
function weekOf(hours: Hours): readonly (readonly Stretch[])[] {
  const week: Stretch[][] = dayNames.map(() => []);
  for (const { weekday, period_begin, period_end } of hours.regular_hours ?? []) {
    const from = secondsOf(period_begin);
    const to = secondsOf(period_end);
    const day = week[weekday - 1];
    if (from === undefined || to === undefined || !day) continue;
    if (to > from) day.push([from, to]);
    else {
      day.push([from, daySeconds]);
      week[weekday % 7]?.push([0, to]);
    }
  }
  return week.map(joined);
}

/** Days with the same periods stand together. */
function scheduleOf(week: readonly (readonly Stretch[])[]): { days: DayName[]; periods: OpenPeriod[] }[] {
  const schedule: { days: DayName[]; periods: OpenPeriod[]; like: readonly Stretch[] }[] = [];
  for (const [index, day] of week.entries()) {
    const name = dayNames[index];
    if (day.length === 0 || !name) continue;
    const same = schedule.find(({ like }) => sameDay(like, day));
    if (same) same.days.push(name);
    else schedule.push({ days: [name], periods: periodsOf(day), like: day });
  }
  return schedule.map(({ days, periods }) => ({ days, periods }));
}

const periodsOf = (day: readonly Stretch[]): OpenPeriod[] =>
  day.map(([from, to]) => ({ from: clockText(from), to: clockText(to) }));

interface ChangedDay {
  /** 1 to 7. */
  readonly weekday: number;
  readonly open: Stretch[];
  readonly closed: Stretch[];
}

function exceptionsOf(
  hours: Hours,
  week: readonly (readonly Stretch[])[],
  zone: string,
  now: number | undefined,
): NonNullable<OpeningHours['exceptions']>[number][] {
  const openings = hours.exceptional_openings ?? [];
  const closings = hours.exceptional_closings ?? [];
  if (openings.length + closings.length === 0) return [];
  const local = localClock(zone);
  const first = now === undefined ? undefined : local(now).startOf('day');
  const days = new Map<string, ChangedDay>();
  for (const period of openings) mark(days, period, 'open', local, first);
  for (const period of closings) mark(days, period, 'closed', local, first);
  const exceptions: NonNullable<OpeningHours['exceptions']>[number][] = [];
  for (const [date, { weekday, open, closed }] of [...days].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const regular = week[weekday - 1] ?? [];
    const left = without(joined([...regular, ...open]), joined(closed));
    if (sameDay(left, regular)) continue;
    exceptions.push(left.length === 0 ? { date, closed: true } : { date, periods: periodsOf(left) });
    if (exceptions.length === maxExceptions) break;
  }
  return exceptions;
}

/** A zone that nobody knows counts as UTC, in which the periods are written. */
function localClock(zone: string): (ms: number) => DateTime {
  const isKnown = DateTime.fromMillis(0, { zone }).isValid;
  return (ms) => DateTime.fromMillis(ms, { zone: isKnown ? zone : 'utc' });
}

/** Notes a period at each local day that it touches. */
function mark(
  days: Map<string, ChangedDay>,
  period: ExceptionalPeriod,
  kind: 'open' | 'closed',
  local: (ms: number) => DateTime,
  first: DateTime | undefined,
): void {
  const begin = parseDateTime(period.period_begin);
  const end = parseDateTime(period.period_end);
  if (begin === undefined || end === undefined || end <= begin) return;
  let from = local(begin);
  const to = local(end);
  if (first && first > from) from = first;
  for (let count = 0; from < to && count < maxExceptions; count++) {
    const midnight = from.startOf('day');
    const next = midnight.plus({ days: 1 }).startOf('day');
    const start = +from === +midnight ? 0 : secondOfDay(from);
    const stop = to < next ? secondOfDay(to) : daySeconds;
    const date = from.toFormat('yyyy-MM-dd');
    let day = days.get(date);
    if (!day) {
      day = { weekday: from.weekday, open: [], closed: [] };
      days.set(date, day);
    }
    // Where the clock goes back within the period, its end may read earlier than its beginning.
    day[kind].push(start <= stop ? [start, stop] : [stop, start]);
    from = next;
  }
}

const secondOfDay = (time: DateTime): number => time.hour * 3600 + time.minute * 60 + time.second;
