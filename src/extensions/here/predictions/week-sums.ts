import { hoursPerDay, hoursPerWeek, weekdayOf } from './calendar.js';
import { busyOf, noneFreeOf, unknownSlot } from './slot.js';

/** Numbers of each weekday and hour: weight, none free, busy, and the weight of hours wholly free and wholly busy. */
export const fields = 5;
/** {@link fields} for 168 hours of a week, Monday 00:00 first. */
export type WeekSums = Float64Array;

export const noSums = (): WeekSums => new Float64Array(hoursPerWeek * fields);

/** A day weighs half as much as one four weeks later. */
const halfLifeDays = 28;

/**
 * Adds up what was seen.
 *
 * @param slots 24 for each day
 * @param days the days, oldest first
 * @param until how many of them to take, from the first
 */
export function weekSums(slots: Uint8Array, days: readonly number[], until = days.length): WeekSums {
  const sums = noSums();
  const newest = days[until - 1] ?? 0;
  for (let at = 0; at < until; at++) {
    const day = days[at] ?? 0;
    const weight = 0.5 ** ((newest - day) / halfLifeDays);
    const from = weekdayOf(day) * hoursPerDay;
    for (let hour = 0; hour < hoursPerDay; hour++) {
      const slot = slots[at * hoursPerDay + hour] ?? unknownSlot;
      if (slot === unknownSlot) continue;
      const busy = busyOf(slot);
      const cell = (from + hour) * fields;
      add(sums, cell, weight);
      add(sums, cell + 1, weight * noneFreeOf(slot));
      add(sums, cell + 2, weight * busy);
      if (busy === 0) add(sums, cell + 3, weight);
      if (busy === 1) add(sums, cell + 4, weight);
    }
  }
  return sums;
}

export function addSums(into: WeekSums, from: WeekSums): void {
  for (const [at, value] of from.entries()) if (value !== 0) add(into, at, value);
}

/** What an hour says of another hour of the day, by the hours between them: much of the next, and of every one a little. */
const hourWeights = Array.from({ length: hoursPerDay }, (_, between) => {
  const apart = Math.min(between, hoursPerDay - between);
  return 0.1 + Math.exp(-0.5 * (apart / 1.5) ** 2);
});
/** What a day says of another: the same weekday most, one of the same kind (working day or weekend) more than others. */
const sameWeekday = 4;
const sameKind = 1.5;
const otherKind = 0.6;
const workingDays = [0, 1, 2, 3, 4];
const weekend = [5, 6];
const isWeekend = (weekday: number): boolean => weekday >= 5;

/** Sums in which each cell has heard of those around it, so that one with few observations of its own is not left alone. */
export function smoothed(sums: WeekSums): WeekSums {
  const overHours = noSums();
  for (let weekday = 0; weekday < 7; weekday++) {
    for (let hour = 0; hour < hoursPerDay; hour++) {
      const from = (weekday * hoursPerDay + hour) * fields;
      if ((sums[from] ?? 0) === 0) continue;
      for (let other = 0; other < hoursPerDay; other++) {
        const weight = hourWeights[(other - hour + hoursPerDay) % hoursPerDay] ?? 0;
        const to = (weekday * hoursPerDay + other) * fields;
        for (let field = 0; field < fields; field++) add(overHours, to + field, weight * (sums[from + field] ?? 0));
      }
    }
  }
  const mixed = noSums();
  const day = hoursPerDay * fields;
  for (let at = 0; at < day; at++) {
    let [working, weekend] = [0, 0];
    for (let weekday = 0; weekday < 7; weekday++) {
      if (isWeekend(weekday)) weekend += overHours[weekday * day + at] ?? 0;
      else working += overHours[weekday * day + at] ?? 0;
    }
    for (let weekday = 0; weekday < 7; weekday++) {
      const own = overHours[weekday * day + at] ?? 0;
      const [kind, other] = isWeekend(weekday) ? [weekend, working] : [working, weekend];
      mixed[weekday * day + at] = sameWeekday * own + sameKind * (kind - own) + otherKind * other;
    }
  }
  return mixed;
}

/** Sums in which each cell has those of the same hour on all days of its kind, working day or weekend. */
export function byKindOfDay(sums: WeekSums): WeekSums {
  const result = noSums();
  const day = hoursPerDay * fields;
  for (let at = 0; at < day; at++) {
    for (const weekdays of [workingDays, weekend]) {
      let sum = 0;
      for (const weekday of weekdays) sum += sums[weekday * day + at] ?? 0;
      for (const weekday of weekdays) result[weekday * day + at] = sum;
    }
  }
  return result;
}

/**
 * Draws sums towards what is known of a wider circle, the more the less they weigh themselves.
 *
 * @param weight what the wider circle weighs
 */
export function shrunk(sums: WeekSums, wider: WeekSums, weight: number): WeekSums {
  const result = sums.slice();
  for (let cell = 0; cell < result.length; cell += fields) {
    const all = wider[cell] ?? 0;
    if (all === 0) continue;
    const share = weight / all;
    for (let field = 0; field < fields; field++) add(result, cell + field, share * (wider[cell + field] ?? 0));
  }
  return result;
}

function add(sums: WeekSums, at: number, value: number): void {
  sums[at] = (sums[at] ?? 0) + value;
}
