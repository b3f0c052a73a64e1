import type { Price, Tariff, TariffRestrictions } from '../../../generated/ocpi.js';
import { type Exact, exactOf, zero } from './decimal.js';

/** What can be priced. Spec: 2.2.1 §11.4.5 (TA-15). */
export const dimensions = ['ENERGY', 'FLAT', 'PARKING_TIME', 'TIME'] as const;
export type Dimension = (typeof dimensions)[number];

export interface Rate {
  /** Per kWh, per hour or per session, without VAT. */
  readonly price: Exact;
  /** Percent; undefined: no VAT applies, which differs from 0 (TA-17). */
  readonly vat: Exact | undefined;
  /** Wh or seconds; 0 where nothing is rounded. */
  readonly step: Exact;
}

/** Half open: from `min`, below `max` (TA-13). */
export interface Range {
  readonly min: Exact | undefined;
  readonly max: Exact | undefined;
}

/** When the rates of a row hold; all that is given must be met (TA-12). */
export interface RateCondition {
  /** Seconds of the local day, 0…86,400; `to` at or before `from` lies on the next day (TA-14). */
  readonly time: { readonly from: number; readonly to: number } | undefined;
  /** Local dates `YYYY-MM-DD`, `to` exclusive. */
  readonly date: { readonly from: string | undefined; readonly to: string | undefined } | undefined;
  /** 1 Monday … 7 Sunday. */
  readonly days: ReadonlySet<number> | undefined;
  readonly kwh: Range | undefined;
  /** A over all phases. */
  readonly current: Range | undefined;
  /** kW */
  readonly power: Range | undefined;
  /** Seconds since the session began. */
  readonly duration: Range | undefined;
  readonly reservation: 'RESERVATION' | 'RESERVATION_EXPIRES' | undefined;
  /** Nothing here can tell whether it is met: an overstay fee by battery level, a word that OCPI does not know. */
  readonly isUnknowable: boolean;
}

/** One tariff element, ready to be asked. */
export interface RateRow {
  readonly rates: ReadonlyMap<Dimension, Rate>;
  readonly condition: RateCondition;
}

export interface PriceLimit {
  readonly excl: Exact;
  readonly incl: Exact | undefined;
}

/** A tariff as the calculator reads it; rows keep the place of their element, which is their precedence (TA-08). */
export interface RateCard {
  readonly currency: string;
  readonly rows: readonly RateRow[];
  readonly min: PriceLimit | undefined;
  readonly max: PriceLimit | undefined;
}

const always: RateCondition = {
  time: undefined,
  date: undefined,
  days: undefined,
  kwh: undefined,
  current: undefined,
  power: undefined,
  duration: undefined,
  reservation: undefined,
  isUnknowable: false,
};

const weekdays = ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY'];
const wholeDay = 86_400;

/**
 * Reads an OCPI Tariff. Never throws: components and bounds that are no numbers are left out, as stored tariffs may hold anything
 * that a lenient schema let through.
 *
 * @param unknowable elements, by their place, whose conditions have a part that OCPI has no field for.
 */
export function rateCardOf(tariff: Tariff, unknowable: ReadonlySet<number> = new Set()): RateCard {
  return {
    currency: String(tariff.currency),
    rows: (tariff.elements ?? []).map((element, place) => ({
      rates: ratesOf(element?.price_components ?? []),
      condition: conditionOf(element?.restrictions, unknowable.has(place)),
    })),
    min: limitOf(tariff.min_price),
    max: limitOf(tariff.max_price),
  };
}

interface LooseComponent {
  readonly type?: unknown;
  readonly price?: unknown;
  readonly vat?: unknown;
  readonly step_size?: unknown;
}

function ratesOf(components: readonly LooseComponent[]): Map<Dimension, Rate> {
  const rates = new Map<Dimension, Rate>();
  for (const component of components) {
    const dimension = dimensions.find((known) => known === component?.type);
    const price = exactOf(component?.price);
    // At most one component a dimension (TA-09); of two the first counts, as with elements.
    if (!dimension || !price || rates.has(dimension)) continue;
    const step = exactOf(component.step_size);
    // 0 occurs in the official free tariff: nothing to round to (TA-16).
    rates.set(dimension, { price, vat: exactOf(component.vat), step: step?.isPositive() ? step : zero });
  }
  return rates;
}

function conditionOf(restrictions: TariffRestrictions | null | undefined, isUnknowable: boolean): RateCondition {
  if (!restrictions) return isUnknowable ? { ...always, isUnknowable } : always;
  const { reservation, start_date: from, end_date: to } = restrictions;
  const kind = (['RESERVATION', 'RESERVATION_EXPIRES'] as const).find((known) => known === reservation);
  const days = daysOf(restrictions.day_of_week);
  return {
    time: timeOf(restrictions.start_time, restrictions.end_time),
    date: from || to ? { from: from || undefined, to: to || undefined } : undefined,
    days,
    kwh: rangeOf(restrictions.min_kwh, restrictions.max_kwh),
    current: rangeOf(restrictions.min_current, restrictions.max_current),
    power: rangeOf(restrictions.min_power, restrictions.max_power),
    duration: rangeOf(restrictions.min_duration, restrictions.max_duration),
    reservation: kind,
    isUnknowable: isUnknowable || (Boolean(reservation) && !kind),
  };
}

function daysOf(days: readonly string[] | null | undefined): ReadonlySet<number> | undefined {
  if (!Array.isArray(days) || days.length === 0) return undefined;
  return new Set(days.map((day) => weekdays.indexOf(String(day).toUpperCase()) + 1));
}

/** `HH:MM`, and `00:00` as an end is the end of the day (TA-14). */
function timeOf(start: unknown, end: unknown): RateCondition['time'] {
  const from = secondsOf(start) ?? 0;
  const to = secondsOf(end) || wholeDay;
  return from === 0 && to === wholeDay ? undefined : { from, to };
}

function secondsOf(text: unknown): number | undefined {
  const match = /^([01]\d|2[0-4]):([0-5]\d)(?::([0-5]\d))?$/.exec(typeof text === 'string' ? text : '');
  return match
    ? Math.min(Number(match[1]) * 3600 + Number(match[2]) * 60 + Number(match[3] ?? 0), wholeDay)
    : undefined;
}

function rangeOf(min: unknown, max: unknown): Range | undefined {
  const range = { min: exactOf(min), max: exactOf(max) };
  return range.min || range.max ? range : undefined;
}

function limitOf(price: Price | null | undefined): PriceLimit | undefined {
  const excl = exactOf(price?.excl_vat);
  return excl ? { excl, incl: exactOf(price?.incl_vat) } : undefined;
}
