import { setTimeout as pause } from 'node:timers/promises';
import { systemClock } from '../kernel/clock.js';

/** Something that was waited for did not come about. */
export class WaitedTooLong extends Error {
  override readonly name = 'WaitedTooLong';
}

/**
 * Asks again and again until there is an answer.
 * @param what completes the sentence "Waited … s until …"
 * @throws WaitedTooLong after `limitMs`
 */
export async function until<T>(
  what: string,
  limitMs: number,
  ask: () => Promise<T | undefined> | T | undefined,
  everyMs = 50,
): Promise<T> {
  const deadline = systemClock.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (systemClock.now() > deadline)
      throw new WaitedTooLong(`Waited ${Math.round(limitMs / 1000)} s in vain until ${what}.`);
    await pause(everyMs);
  }
}
