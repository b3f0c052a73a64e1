const dateTime = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:Z|([+-])(\d{2}):(\d{2}))?$/;

/** ms */
const fourCenturies = 146_097 * 86_400_000;

/**
 * Reads an OCPI DateTime as milliseconds since the epoch, or `undefined` if the text is none.
 *
 * A value without suffix is UTC, never local time of the process (D-07). Offsets such as `+00:00` are no
 * OCPI but are met in the field; they are understood for comparison and the text itself stays as it came.
 *
 * Spec: 2.2.1 §16.2, D-05…D-07.
 */
export function parseDateTime(text: string): number | undefined {
  return fromUsualForm(text) ?? fromAnyForm(text);
}

/** `2026-11-23T16:22:20Z` or with three decimals, as nearly all are, without a regular expression. */
function fromUsualForm(text: string): number | undefined {
  const { length } = text;
  if ((length !== 20 && length !== 24) || text.charCodeAt(length - 1) !== 0x5a) return undefined;
  if (text[4] !== '-' || text[7] !== '-' || text[10] !== 'T' || text[13] !== ':' || text[16] !== ':') return undefined;
  if (length === 24 && text[19] !== '.') return undefined;
  const year = number(text, 0, 4);
  const month = number(text, 5, 7);
  const day = number(text, 8, 10);
  const hour = number(text, 11, 13);
  const minute = number(text, 14, 16);
  const second = number(text, 17, 19);
  const fraction = length === 24 ? number(text, 20, 23) : 0;
  // What is rare or wrong is left to the other reader. NaN fails every comparison.
  if (!(year >= 100 && month >= 1 && month <= 12 && day >= 1 && day <= 28)) return undefined;
  if (!(hour <= 23 && minute <= 59 && second <= 59 && fraction <= 999)) return undefined;
  return Date.UTC(year, month - 1, day, hour, minute, second, fraction);
}

/** The digits of a stretch of text as a number; NaN if one of them is none. */
function number(text: string, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = text.charCodeAt(at) - 0x30;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

function fromAnyForm(text: string): number | undefined {
  const match = dateTime.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second, fraction, sign, offsetHour, offsetMinute] = match;
  const milliseconds = fraction ? Number(fraction.slice(0, 3).padEnd(3, '0')) : 0;
  // Date.UTC takes a year below 100 for one of the 20th century; 400 years later the calendar is the same.
  const later = Date.UTC(
    Number(year) + 400,
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
    milliseconds,
  );
  const utc = later - fourCenturies;
  // Date.UTC folds 31 February into March; a date that does not come back as it went in does not exist.
  const check = new Date(utc);
  if (check.getUTCDate() !== Number(day) || check.getUTCMonth() !== Number(month) - 1) return undefined;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  if (!sign) return utc;
  const offset = (Number(offsetHour) * 60 + Number(offsetMinute)) * 60_000;
  return sign === '+' ? utc - offset : utc + offset;
}

/** Writes an instant (ms since the epoch) as the hub sends it: UTC, three decimals, `Z` (D-06). */
export function formatDateTime(ms: number): string {
  return new Date(ms).toISOString();
}
