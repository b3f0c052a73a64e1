import type { Pace } from '../store/pace.js';

/** Finest tile that is told apart, about 1.2 km. */
const finest = 15;

/**
 * Number of the finest tile a point is in. Tiles halve the world in both directions from level to level: at level n a side is 360°/2ⁿ,
 * counted from 180° W and from 90° S; a digit of the quadkey is twice the bit of the row and the bit of the column. HERE names its tiles in
 * the same way.
 */
export function tileOf(lat: number, lng: number): number {
  const side = 360 / 2 ** finest;
  const last = 2 ** finest - 1;
  const column = Math.min(last, Math.max(0, Math.floor((lng + 180) / side)));
  const row = Math.min(last, Math.max(0, Math.floor((lat + 90) / side)));
  let tile = 0;
  for (let bit = finest - 1; bit >= 0; bit--) tile = tile * 4 + ((row >> bit) & 1) * 2 + ((column >> bit) & 1);
  return tile;
}

/** Digit (0–3) of a tile's quadkey that leads from level `level` to the next. */
function digitAt(tile: number, level: number): number {
  return (tile >> (2 * (finest - 1 - level))) & 3;
}

export interface Part<T> {
  /** Quadkey, one digit a level; empty: everything. */
  readonly quadkey: string;
  readonly items: readonly T[];
}

/**
 * Splits into tiles until none holds more than `limit`, or there is no finer tile. Items keep their order; parts come in the order of
 * their quadkeys.
 */
export async function splitByTile<T extends { readonly tile: number }>(
  items: readonly T[],
  limit: number,
  pace: Pace,
): Promise<Part<T>[]> {
  const parts: Part<T>[] = [];
  const split = async (part: Part<T>, level: number): Promise<void> => {
    if (part.items.length <= limit || level === finest) {
      parts.push(part);
      return;
    }
    const quarters: T[][] = [[], [], [], []];
    for (const item of part.items) quarters[digitAt(item.tile, level)]?.push(item);
    for (const [digit, quarter] of quarters.entries()) {
      await pace.rest();
      if (quarter.length > 0) await split({ quadkey: `${part.quadkey}${digit}`, items: quarter }, level + 1);
    }
  };
  await split({ quadkey: '', items }, 0);
  return parts;
}
