import type { Pace } from '../store/pace.js';
import { hoursPerDay } from './calendar.js';
import { foundOrMade } from './found-or-made.js';
import type { HistoryStore } from './history-store.js';
import { unknownSlot } from './slot.js';

/** All that is known of one owner. */
export interface Ring {
  /** Days since 1970, oldest first. */
  readonly days: readonly number[];
  /** 24 slots for each day, by subject. */
  readonly slots: ReadonlyMap<string, Uint8Array>;
}

/** @throws StorageUnavailable */
export async function readRing(store: HistoryStore, owner: string, pace: Pace): Promise<Ring> {
  const days = await store.days(owner);
  const slots = new Map<string, Uint8Array>();
  for (const [at, day] of days.entries()) {
    await pace.rest();
    for (const [subject, seen] of await store.read(owner, day))
      foundOrMade(slots, subject, () => new Uint8Array(days.length * hoursPerDay).fill(unknownSlot)).set(
        seen,
        at * hoursPerDay,
      );
  }
  return { days, slots };
}
