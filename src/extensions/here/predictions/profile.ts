import { hoursPerDay, hoursPerWeek, weekdayOf } from './calendar.js';
import { noneFreeOf, unknownSlot } from './slot.js';
import { byKindOfDay, fields, shrunk, smoothed, type WeekSums, weekSums } from './week-sums.js';

/**
 * What is expected of a subject in a usual week, in bytes: the probability that none is free and the share that is busy for each
 * hour, then how long it takes until one is free again, then the confidence.
 */
export type Profile = Uint8Array;

export const profileBytes = 2 * hoursPerWeek + 2;
const unit = 250;
const waitUnitMinutes = 6;

export const noneFreeAt = (profile: Profile, cell: number): number => (profile[cell] ?? 0) / unit;
export const busyAt = (profile: Profile, cell: number): number => (profile[hoursPerWeek + cell] ?? 0) / unit;
/** Minutes from a moment without a free one until there is one, on the average. */
export const waitOf = (profile: Profile): number => (profile[2 * hoursPerWeek] ?? 0) * waitUnitMinutes;
/** 0…1 */
export const confidenceOf = (profile: Profile): number => (profile[2 * hoursPerWeek + 1] ?? 0) / unit;

/** What is expected where there is nothing to go by but the wider circle. */
export interface Wider {
  /** Smoothed. */
  readonly sums: WeekSums;
  readonly waits: Waits;
}

/** How long it took until one was free again, over all moments at which none was. */
export interface Waits {
  /** Of all of them together. */
  readonly hours: number;
  readonly moments: number;
}

/** What the wider circle weighs, where a whole observation of the same hour and weekday weighs 4.4. */
const widerWeight = 3;
/** For how many observations the hours around count, and the same hour of other days of its kind. */
const aroundWeight = 8;
const kindWeight = 4;
/** For how many waits those of the wider circle count. */
const waitsOfWider = 2;
/** Where nothing at all is known, one is free again after this many hours. */
const usualHours = 2;
/** Two observations that are further apart say nothing about what was between them, hours. */
const longestGap = 6;

/**
 * The profile of a subject.
 *
 * @param slots 24 for each of its days
 * @param days oldest first
 */
export function profileOf(slots: Uint8Array, days: readonly number[], wider: Wider): Profile {
  const profile = new Uint8Array(profileBytes);
  const sums = expected(slots, days, days.length, wider);
  for (let cell = 0; cell < hoursPerWeek; cell++) {
    profile[cell] = Math.round(noneFreeIn(sums, cell) * unit);
    profile[hoursPerWeek + cell] = Math.round(busyIn(sums, cell) * unit);
  }
  const { hours, moments } = waitsOf(slots, days);
  const usual = wider.waits.moments > 0 ? wider.waits.hours / wider.waits.moments : usualHours;
  const minutes = (60 * (hours + waitsOfWider * usual)) / (moments + waitsOfWider);
  profile[2 * hoursPerWeek] = Math.min(255, Math.round(minutes / waitUnitMinutes));
  profile[2 * hoursPerWeek + 1] = Math.round(backtest(slots, days, wider) * unit);
  return profile;
}

/**
 * A week of sums for one subject, made of its first `until` days and of the wider circle. An hour of a weekday goes by its own
 * observations; the fewer it has, the more by the same hour of other days, then by the hours around it, then by the wider circle.
 */
export function expected(slots: Uint8Array, days: readonly number[], until: number, wider: Wider): WeekSums {
  const own = weekSums(slots, days, until);
  const around = shrunk(smoothed(own), wider.sums, widerWeight);
  return shrunk(own, shrunk(byKindOfDay(own), around, aroundWeight), kindWeight);
}

/** Probability that none is free, 0…1. */
export const noneFreeIn = (sums: WeekSums, cell: number): number => ratio(sums, cell, 1);

/** The share that is busy in the middle of all cases, which has the smallest mean absolute error. 0…1 */
export function busyIn(sums: WeekSums, cell: number): number {
  const [mean, none, all] = [ratio(sums, cell, 2), ratio(sums, cell, 3), ratio(sums, cell, 4)];
  if (none >= 0.5) return 0;
  if (all >= 0.5) return 1;
  return Math.min(1, Math.max(0, (mean - all) / (1 - none - all)));
}

function ratio(sums: WeekSums, cell: number, field: number): number {
  const weight = sums[cell * fields] ?? 0;
  return weight === 0 ? 0 : Math.min(1, (sums[cell * fields + field] ?? 0) / weight);
}

/**
 * Confidence by backtest: how near the probabilities come to what was seen on the newest days, made without these days. 1: they
 * matched exactly; 0: never, or there are not enough days to tell. HERE section 8.
 */
function backtest(slots: Uint8Array, days: readonly number[], wider: Wider): number {
  const held = Math.min(7, Math.floor(days.length / 3));
  if (held === 0) return 0;
  const until = days.length - held;
  const sums = expected(slots, days, until, wider);
  let [off, count] = [0, 0];
  for (let at = until; at < days.length; at++) {
    const from = weekdayOf(days[at] ?? 0) * hoursPerDay;
    for (let hour = 0; hour < hoursPerDay; hour++) {
      const slot = slots[at * hoursPerDay + hour] ?? unknownSlot;
      if (slot === unknownSlot) continue;
      off += Math.abs(noneFreeIn(sums, from + hour) - noneFreeOf(slot));
      count++;
    }
  }
  return count === 0 ? 0 : 1 - off / count;
}

/** How long it took until one was free again, as far as observations lie near enough to one another to tell. */
export function waitsOf(slots: Uint8Array, days: readonly number[]): Waits {
  let [hours, moments] = [0, 0];
  /** The next observation, and when one was free next; the latter undefined: not known. */
  let next: number | undefined;
  let free: number | undefined;
  for (let at = days.length * hoursPerDay - 1; at >= 0; at--) {
    const slot = slots[at] ?? unknownSlot;
    if (slot === unknownSlot) continue;
    const now = (days[Math.floor(at / hoursPerDay)] ?? 0) * hoursPerDay + (at % hoursPerDay);
    if (next !== undefined && next - now > longestGap) free = undefined;
    if (noneFreeOf(slot) < 0.5) {
      free = now;
    } else if (free !== undefined) {
      // It became free somewhere between the two observations.
      if (free === next) free = (now + free) / 2;
      hours += free - now;
      moments++;
    }
    next = now;
  }
  return { hours, moments };
}
