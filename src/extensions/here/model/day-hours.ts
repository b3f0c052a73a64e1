/** A stretch of a day: seconds of the wall clock since midnight, end exclusive. */
export type Stretch = readonly [from: number, to: number];

export const daySeconds = 86_400;
const wholeDay: readonly Stretch[] = [[0, daySeconds]];

export function isWholeDay(day: readonly Stretch[]): boolean {
  return day.length === 1 && day[0]?.[0] === 0 && day[0][1] === daySeconds;
}

/** In order, without overlaps; stretches that touch become one. */
export function joined(stretches: readonly Stretch[]): readonly Stretch[] {
  if (stretches.length < 2) return stretches.filter(([from, to]) => to > from);
  const out: [number, number][] = [];
  for (const [from, to] of [...stretches].sort((a, b) => a[0] - b[0])) {
    const last = out.at(-1);
    if (to <= from) continue;
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else out.push([from, to]);
  }
  return out;
}

/** What of `day` is left without `closed`; both as {@link joined} gives them. */
export function without(day: readonly Stretch[], closed: readonly Stretch[]): readonly Stretch[] {
  let left = day;
  for (const [from, to] of closed) {
    left = left.flatMap(([start, end]): Stretch[] => {
      if (to <= start || from >= end) return [[start, end]];
      const parts: Stretch[] = [];
      if (from > start) parts.push([start, from]);
      if (to < end) parts.push([to, end]);
      return parts;
    });
  }
  return left;
}

export function sameDay(a: readonly Stretch[], b: readonly Stretch[]): boolean {
  return a.length === b.length && a.every(([from, to], index) => from === b[index]?.[0] && to === b[index]?.[1]);
}

/** `hh:mm`; undefined for anything else. */
export function secondsOf(time: unknown): number | undefined {
  const match = typeof time === 'string' ? /^(\d\d):(\d\d)$/.exec(time) : null;
  const seconds = match ? Number(match[1]) * 3600 + Number(match[2]) * 60 : Number.NaN;
  return seconds < daySeconds && Number(match?.[2]) < 60 ? seconds : undefined;
}

/** `hh:mm:ss`; the end of the day is `00:00:00`, as HERE has it. HERE section 2.8. */
export function clockText(seconds: number): string {
  const two = (value: number): string => (value < 10 ? `0${value}` : String(value));
  return `${two(Math.floor(seconds / 3600) % 24)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

export const alwaysOpen: readonly (readonly Stretch[])[] = Array.from({ length: 7 }, () => wholeDay);
