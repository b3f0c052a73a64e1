import { DateTime, IANAZone } from 'luxon';

/** A moment as the clock on the wall of the Location shows it. */
export interface LocalMoment {
  /** `YYYY-MM-DD` */
  readonly date: string;
  /** 1 Monday … 7 Sunday. */
  readonly day: number;
  /** Seconds since midnight by the hands of the clock. */
  readonly seconds: number;
}

const minute = 60_000;
const dayMs = 86_400_000;

export function isTimeZone(name: unknown): name is string {
  return typeof name === 'string' && IANAZone.isValidZone(name);
}

export function localMoment(at: number, timeZone: string): LocalMoment {
  const local = DateTime.fromMillis(at, { zone: timeZone });
  return {
    date: local.toISODate() ?? '',
    day: local.weekday,
    seconds: local.hour * 3600 + local.minute * 60 + local.second,
  };
}

/**
 * The moments between two others at which the clock on the wall passes one of these times of the day (seconds since midnight), or is
 * set. A few more than that do no harm: they cut a session where nothing changes.
 *
 * A time is looked for under each offset of its day: in autumn it comes twice, and in spring a time that the clock jumps over counts
 * as passed when it jumps.
 */
export function* wallClockCuts(
  from: number,
  to: number,
  times: readonly number[],
  timeZone: string,
): Generator<number> {
  const zone = IANAZone.create(timeZone);
  const offset = (at: number): number => Math.round(zone.offset(at) * minute);
  // Wall clocks are within a day of UTC; a day more on both sides covers each of them.
  for (let day = Math.floor(from / dayMs) * dayMs - dayMs; day <= to + dayMs; day += dayMs) {
    const before = offset(day - dayMs);
    const after = offset(day + 2 * dayMs);
    for (const seconds of times) {
      for (const shift of before === after ? [before] : [before, after]) {
        const at = day + seconds * 1000 - shift;
        if (at > from && at < to) yield at;
      }
    }
    if (offset(day) === offset(day + dayMs)) continue;
    const jump = jumpBetween(day, day + dayMs, offset);
    if (jump > from && jump < to) yield jump;
  }
}

/** The first moment with the later offset, to the second. */
function jumpBetween(early: number, late: number, offset: (at: number) => number): number {
  const later = offset(late);
  let low = early;
  let high = late;
  while (high - low > 1000) {
    const middle = low + Math.floor((high - low) / 2000) * 1000;
    if (middle === low) break;
    if (offset(middle) === later) high = middle;
    else low = middle;
  }
  return high;
}
