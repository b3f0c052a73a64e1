import { toWire } from '../wire/wire-text.js';

const MARK = '\u0001';

/**
 * A number that is to be printed exactly as written (`0.30`, `19.0`, `12.50000000000000000001`): real feeds carry such
 * numbers, and a hub must pass them on as they came. Stands in for the number until {@link printObject}.
 */
export const rawNumber = (text: string): string => `${MARK}${text}${MARK}`;

/** Prints an object as wire text, with the numbers of {@link rawNumber} as written. */
export function printObject(value: unknown): string {
  return toWire(JSON.stringify(value).replaceAll(/"\\u0001([^"\\]*)\\u0001"/g, '$1'));
}
