import { DateTime } from 'luxon';

export const hourMs = 3_600_000;
const dayMs = 86_400_000;
export const hoursPerDay = 24;
export const hoursPerWeek = 168;

/** An hour of a local day. */
export interface LocalHour {
  /** Days since 1970-01-01 of the local calendar. */
  readonly day: number;
  /** 0…23 */
  readonly hour: number;
}

/** 0 = Monday. */
export const weekdayOf = (day: number): number => (((day + 3) % 7) + 7) % 7;

/** `2026-10-01` */
export const dateOfDay = (day: number): string => new Date(day * dayMs).toISOString().slice(0, 10);

/** @returns undefined for what is no calendar date such as `2026-10-01` */
export function dayOfDate(date: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) return undefined;
  const ms = Date.parse(`${date}T00:00:00Z`);
  return Number.isNaN(ms) || dateOfDay(ms / dayMs) !== date ? undefined : ms / dayMs;
}

/** The local hour in which an instant lies. @param zone a time zone that is known, else UTC is taken */
export function localHour(ms: number, zone: string): LocalHour {
  const wanted = DateTime.fromMillis(ms, { zone });
  const local = wanted.isValid ? wanted : DateTime.fromMillis(ms, { zone: 'utc' });
  return { day: Date.UTC(local.year, local.month - 1, local.day) / dayMs, hour: local.hour };
}
