/** Places of one table; a power of two. */
const size = 1 << 18;

/**
 * Roughly how often each of very many things happened, in half a megabyte whatever their number: each is counted in two tables at
 * places made of its name, and the smaller number holds. It may be too high where two share both places, never too low.
 */
export class ChangeCounts {
  private readonly tables = [new Uint8Array(size), new Uint8Array(size)] as const;

  /** Counts once more. @returns how often it was counted, 255 at most */
  count(name: string): number {
    const [one, other] = this.tables;
    const [first, second] = [placeOf(name, 0x811c9dc5), placeOf(name, 0x2f0b4c47)];
    const counts = [(one[first] ?? 0) + 1, (other[second] ?? 0) + 1].map((count) => Math.min(255, count));
    one[first] = counts[0] ?? 0;
    other[second] = counts[1] ?? 0;
    return Math.min(...counts);
  }

  clear(): void {
    for (const table of this.tables) table.fill(0);
  }
}

/** FNV-1a, 32 bits, folded. */
function placeOf(name: string, seed: number): number {
  let hash = seed;
  for (let at = 0; at < name.length; at++) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
  return (hash ^ (hash >>> 15)) & (size - 1);
}
