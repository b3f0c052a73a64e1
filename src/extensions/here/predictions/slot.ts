/** What is kept of one hour of one site or group. */
export interface Slot {
  /** Share of the chargers that could not be used by somebody who arrives, 0…1. */
  readonly busy: number;
  /** Share of the time in which none was free, 0…1. */
  readonly noneFree: number;
}

/** Of an hour in which nothing was known. */
export const unknownSlot = 0xff;

/** Both shares stand in fourteenths, in half a byte each; the fifteenth step is left for what is not known. */
const steps = 14;

/** A slot in one byte. */
export function packSlot({ busy, noneFree }: Slot): number {
  return (Math.round(busy * steps) << 4) | Math.round(noneFree * steps);
}

export const busyOf = (packed: number): number => (packed >> 4) / steps;
export const noneFreeOf = (packed: number): number => (packed & 15) / steps;
