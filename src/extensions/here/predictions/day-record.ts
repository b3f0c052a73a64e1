import { hoursPerDay } from './calendar.js';
import { foundOrMade } from './found-or-made.js';
import { unknownSlot } from './slot.js';

/** One local day of one owner: the 24 slots of each subject. */
export type DayRecord = Map<string, Uint8Array>;

export const emptyDay = (): Uint8Array => new Uint8Array(hoursPerDay).fill(unknownSlot);

/** As it is stored: slots in hexadecimal digits; most of a day is alike, so that it packs well. */
export type StoredDay = readonly (readonly [subject: string, slots: string])[];

export const storedDay = (record: DayRecord): StoredDay =>
  [...record].map(([name, slots]) => [name, Buffer.from(slots).toString('hex')]);

/** @param value what {@link storedDay} made; undefined: nothing */
export const dayRecord = (value: unknown): DayRecord =>
  new Map(((value ?? []) as StoredDay).map(([name, slots]) => [name, Buffer.from(slots, 'hex')]));

/** Takes over what is known in `from`; what is unknown there stays as it was. */
export function mergeDay(into: DayRecord, from: DayRecord): void {
  for (const [name, slots] of from) {
    const kept = foundOrMade(into, name, emptyDay);
    for (const [hour, slot] of slots.entries()) if (slot !== unknownSlot) kept[hour] = slot;
  }
}
