import { setTimeout as delay } from 'node:timers/promises';

export interface UntilOptions {
  /** Default 10 s. */
  readonly deadlineMs?: number;
  readonly everyMs?: number;
}

/**
 * Asks again and again until the answer is neither undefined nor false, and gives it.
 * @throws Error naming what was waited for, with the last error or answer, once the deadline has passed
 */
export async function until<T>(
  what: string,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  { deadlineMs = 10_000, everyMs = 25 }: UntilOptions = {},
): Promise<T> {
  const startedAt = performance.now();
  let last: unknown = 'nothing';
  for (;;) {
    try {
      const answer = await probe();
      if (answer !== undefined && answer !== false) return answer;
    } catch (error) {
      last = error instanceof Error ? error.message : error;
    }
    if (performance.now() - startedAt > deadlineMs)
      throw new Error(`${what}: not within ${deadlineMs} ms; last error: ${String(last)}`);
    await delay(everyMs);
  }
}

/** Lets a fault last: the one use of a fixed time, as part of what a test does and never to wait for a result. */
export const lasting = (ms: number): Promise<void> => delay(ms);
