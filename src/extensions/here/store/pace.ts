import { setTimeout as after, setImmediate as nextTurn } from 'node:timers/promises';

/** A stretch of work after which others get their turn, ms. */
const sliceMs = 4;
/** A turn of others that takes longer than this means that the process is busy, ms. */
const busyMs = 3;
/** The longest rest at a time, ms. */
const longestRestMs = 40;

/**
 * Keeps long work from holding up requests: after each few milliseconds everybody else gets a turn, and the busier they are, the
 * longer this work rests.
 */
export class Pace {
  private since = performance.now();

  /** @param signal ends the work at its next rest */
  constructor(private readonly signal?: AbortSignal) {}

  /** To be called between small steps. Rejects once the work is to end. */
  async rest(): Promise<void> {
    this.signal?.throwIfAborted();
    const now = performance.now();
    if (now - this.since < sliceMs) return;
    await nextTurn();
    const taken = performance.now() - now;
    if (taken > busyMs) await after(Math.min(taken, longestRestMs));
    this.since = performance.now();
  }
}

/** Sorts without holding anybody up; entries that are equal keep their order. */
export async function sortGently<T>(
  items: readonly T[],
  compare: (a: T, b: T) => number,
  pace: Pace,
): Promise<readonly T[]> {
  const run = 1_024;
  let from: T[] = [];
  for (let start = 0; start < items.length; start += run) {
    from = from.concat(items.slice(start, start + run).sort(compare));
    await pace.rest();
  }
  let to = new Array<T>(from.length);
  for (let width = run; width < from.length; width *= 2) {
    for (let low = 0; low < from.length; low += 2 * width) {
      const middle = Math.min(low + width, from.length);
      const high = Math.min(low + 2 * width, from.length);
      let [left, right] = [low, middle];
      for (let at = low; at < high; at++) {
        const takeLeft = left < middle && (right >= high || compare(from[left] as T, from[right] as T) <= 0);
        to[at] = from[takeLeft ? left++ : right++] as T;
        if (at % run === 0) await pace.rest();
      }
    }
    [from, to] = [to, from];
  }
  return from;
}
