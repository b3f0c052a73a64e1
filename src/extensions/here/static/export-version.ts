/** `2026-11-24T02-10-00Z-0000`: when it was made, and a number for when the clock did not move on. Sorts by age as text. */
const pattern = /^(\d{4}-\d\d-\d\dT)(\d\d)-(\d\d)-(\d\d)Z-(\d{4})$/;

export function isVersion(text: string): boolean {
  return pattern.test(text);
}

/**
 * Name of a version made now; behind `newest` whatever the clock says.
 * @param now ms since the epoch
 */
export function nextVersion(now: number, newest: string | undefined): string {
  const byClock = nameOf(now, 0);
  if (newest === undefined || byClock > newest) return byClock;
  const [, day = '', hours = '', minutes = '', seconds = '', count = ''] = pattern.exec(newest) ?? [];
  const time = Date.parse(`${day}${hours}:${minutes}:${seconds}Z`);
  return Number(count) < 9_999 ? nameOf(time, Number(count) + 1) : nameOf(time + 1_000, 0);
}

function nameOf(ms: number, count: number): string {
  const seconds = new Date(ms).toISOString().slice(0, 19).replaceAll(':', '-');
  return `${seconds}Z-${String(count).padStart(4, '0')}`;
}
