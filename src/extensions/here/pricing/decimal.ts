import { Decimal } from 'decimal.js';

/**
 * Numbers of money, energy and time. Sixty digits are kept inside of a calculation; a third of an hour has no end as a decimal, so
 * that comparisons, steps and results look at {@link settled} amounts.
 */
export const Exact = Decimal.clone({ precision: 60, rounding: Decimal.ROUND_HALF_EVEN, toExpNeg: -40, toExpPos: 40 });
export type Exact = Decimal;

export const zero: Exact = new Exact(0);

/** Beyond all that a meter or an invoice can show, and far from the digits that a division leaves behind. */
const decimals = 18;

export function settled(amount: Exact): Exact {
  return amount.toDecimalPlaces(decimals);
}

/** The shortest text of the amount; `8.85`, never `8.850000000000001`. */
export function textOf(amount: Exact): string {
  const text = settled(amount).toFixed();
  return text === '-0' ? '0' : text;
}

/** A number as its owner sent it; undefined where there is none (real tariffs hold explicit nulls and worse). */
export function exactOf(value: unknown): Exact | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? new Exact(value) : undefined;
  if (typeof value !== 'string' || !/^[+-]?\d{1,30}(\.\d{1,30})?$/.test(value)) return undefined;
  return new Exact(value);
}
