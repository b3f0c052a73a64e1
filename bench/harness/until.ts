import { setTimeout as sleep } from 'node:timers/promises';

/** Looks every `everyMs` until there is something to see; throws when that takes longer than `withinMs`. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined>,
  { everyMs = 20, withinMs = 60_000 } = {},
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    if (performance.now() > deadline) throw new Error(`${what}: nothing within ${withinMs / 1000} s`);
    await sleep(everyMs);
  }
}
