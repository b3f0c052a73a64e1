/**
 * OCPI DateTime to milliseconds since the epoch; undefined if it is none. Text without a suffix is UTC.
 *
 * Spec: 2.2.1 §types_datetime_type (D-05 … D-07).
 */
export function stampOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const match = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})?$/.exec(text);
  if (match === null) return undefined;
  const ms = Date.parse(match[2] === undefined ? `${text}Z` : text);
  return Number.isNaN(ms) ? undefined : ms;
}

/** Milliseconds since the epoch to an OCPI DateTime with three decimals and `Z`. */
export function stampText(ms: number): string {
  return new Date(ms).toISOString();
}
