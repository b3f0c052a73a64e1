import type { TariffRestrictions } from '../../../generated/ocpi.js';

/** When an element holds; all that is given must be met. HERE section 7.3. */
export interface HereCondition {
  readonly date?: { readonly from?: string; readonly to?: string };
  readonly days?: readonly string[];
  /** Local; `to` before `from` is on the next day. */
  readonly time?: { readonly from?: string; readonly to?: string };
  /** Seconds. */
  readonly duration?: { readonly min?: number; readonly max?: number };
  readonly overstayBatteryLevel?: number;
}

const days: Readonly<Record<string, string>> = {
  MONDAY: 'mo',
  TUESDAY: 'tu',
  WEDNESDAY: 'we',
  THURSDAY: 'th',
  FRIDAY: 'fr',
  SATURDAY: 'sa',
  SUNDAY: 'su',
};

/** What depends on energy, current or power, which HERE does not know. A lower bound of 0 is none. */
const upperBounds = ['max_kwh', 'max_current', 'max_power'] as const;
const lowerBounds = ['min_kwh', 'min_current', 'min_power'] as const;

/**
 * The condition in HERE's form; undefined if the element always holds, `none` if there is no such form. HERE section 7.6.
 *
 * @param overstayBatteryLevel percent, from the vendor object; OCPI has no field for it.
 */
export function hereConditionOf(
  restrictions: TariffRestrictions | null | undefined,
  overstayBatteryLevel: number | undefined,
): HereCondition | 'none' | undefined {
  const given = restrictions ?? {};
  if (upperBounds.some((name) => isGiven(given[name]))) return 'none';
  if (lowerBounds.some((name) => isGiven(given[name]) && given[name] !== 0)) return 'none';
  const dayNames = Array.isArray(given.day_of_week) ? given.day_of_week.map((day) => days[String(day)]) : [];
  if (dayNames.includes(undefined)) return 'none';
  const condition: HereCondition = {
    ...part('date', { from: given.start_date, to: given.end_date }),
    ...(dayNames.length > 0 && { days: dayNames.filter((day) => day !== undefined) }),
    ...part('time', timeOf(given.start_time, given.end_time)),
    ...part('duration', { min: given.min_duration, max: given.max_duration }),
    ...(overstayBatteryLevel !== undefined && { overstayBatteryLevel }),
  };
  return Object.keys(condition).length > 0 ? condition : undefined;
}

/** `00:00` as an end is the end of the day (TA-14); a window of the whole day is no condition. */
function timeOf(start: string | null | undefined, end: string | null | undefined): Record<'from' | 'to', unknown> {
  const isFromMidnight = !isGiven(start) || /^00:00(:00)?$/.test(start);
  const isToMidnight = !isGiven(end) || /^(00:00|24:00)(:00)?$/.test(end);
  const isWholeDay = (isFromMidnight && isToMidnight) || (isGiven(start) && start === end);
  if (isWholeDay) return { from: undefined, to: undefined };
  return {
    from: isFromMidnight ? undefined : seconds(start),
    // From an evening to midnight needs no end, and from midnight no start.
    to: isToMidnight ? undefined : seconds(end),
  };
}

function seconds(time: string | null | undefined): string | undefined {
  return isGiven(time) ? (time.length === 5 ? `${time}:00` : time) : undefined;
}

function part<Name extends string>(name: Name, bounds: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const given = Object.entries(bounds).filter(([, bound]) => isGiven(bound));
  return given.length > 0 ? { [name]: Object.fromEntries(given) } : {};
}

function isGiven<T>(value: T | null | undefined): value is T {
  return value !== null && value !== undefined && (value as unknown) !== '';
}
