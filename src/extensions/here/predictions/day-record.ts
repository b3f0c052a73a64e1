import { packJson, unpackJson } from '../store/packed-text.js';
import { hoursPerDay } from './calendar.js';
import { foundOrMade } from './found-or-made.js';
import { unknownSlot } from './slot.js';

/** One local day of one owner: the 24 slots of each subject. */
export type DayRecord = Map<string, Uint8Array>;

export const emptyDay = (): Uint8Array => new Uint8Array(hoursPerDay).fill(unknownSlot);

/** Text for a column; most of a day is alike, so that it packs well. */
export function encodeDay(record: DayRecord): Promise<string> {
  const lines = [...record].map(([name, slots]) => [name, Buffer.from(slots).toString('hex')]);
  return packJson(lines);
}

/** @throws for what {@link encodeDay} has not made */
export async function decodeDay(text: string): Promise<DayRecord> {
  const lines = (await unpackJson(text)) as readonly [string, string][];
  return new Map(lines.map(([name, slots]) => [name, Buffer.from(slots, 'hex')]));
}

/** Takes over what is known in `from`; what is unknown there stays as it was. */
export function mergeDay(into: DayRecord, from: DayRecord): void {
  for (const [name, slots] of from) {
    const kept = foundOrMade(into, name, emptyDay);
    for (const [hour, slot] of slots.entries()) if (slot !== unknownSlot) kept[hour] = slot;
  }
}
