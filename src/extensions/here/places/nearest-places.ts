import type { PlaceFilter } from './facets.js';
import {
  type Box,
  common,
  distanceBetween,
  farthestOf,
  flatBoxes,
  frameOf,
  halfTurn,
  heightOf,
  isInside,
  nearestOf,
  type Point,
  quarters,
  squareAround,
} from './geo.js';
import type { FoundPlace, PlaceIndex } from './place-index.js';

export interface RankedPlace extends FoundPlace {
  /** From the middle of the search, m. */
  readonly distance: number;
}

/** Nearest first; keys decide between equal distances. */
export interface Position {
  readonly distance: number;
  readonly key: string;
}

export interface NearestSearch {
  readonly centre: Point;
  /** m */
  readonly maxDistance: number;
  /** Only what is inside. */
  readonly box?: Box | undefined;
  readonly filter: PlaceFilter;
  /** Only what comes behind. */
  readonly after?: Position | undefined;
  readonly limit: number;
  /** Which of these count; asked about each place once. */
  accept(places: readonly RankedPlace[]): readonly RankedPlace[] | Promise<readonly RankedPlace[]>;
}

/** First square for one place where nobody has searched before, m to each side. */
const firstReach = 250;
/** Boxes that are looked into by one question to the index. */
const atOnce = 4;
/** A box as small as this (degrees) that still has too many is read whole. */
const smallest = 1e-6;
const wholeLimit = 1_000_000;
/** m: what rounding may cost where a box just touches. */
const margin = 0.01;
const keptReaches = 4_000;

/**
 * Places in the order of their distance. A square around the middle is looked into, then frames around it, each larger than the one
 * before; a box with too many in it is cut into four, of which the nearest comes first. It ends when what was not looked into is
 * farther than what was found. How far the last search near by had to go says how large to begin.
 */
export class NearestPlaces {
  private readonly reaches = new Map<string, number>();

  constructor(private readonly index: PlaceIndex) {}

  /** At most `limit`, nearest first. */
  async find(search: NearestSearch): Promise<RankedPlace[]> {
    const memory = memoryKey(search);
    const reach = (this.reaches.get(memory) ?? firstReach) * Math.sqrt(search.limit);
    const run = new Run(search, this.index, reach);
    const found = await run.finish();
    const farthest = found.length < search.limit ? search.maxDistance : (found.at(-1)?.distance ?? 0);
    const went = Math.sqrt(Math.max(farthest ** 2 - (search.after?.distance ?? 0) ** 2, 1));
    this.reaches.delete(memory);
    this.reaches.set(memory, went / Math.sqrt(search.limit));
    if (this.reaches.size > keptReaches) for (const oldest of this.reaches.keys()) return this.forget(oldest, found);
    return found;
  }

  private forget(memory: string, found: RankedPlace[]): RankedPlace[] {
    this.reaches.delete(memory);
    return found;
  }
}

interface Pending {
  readonly box: Box;
  /** Nothing in it is nearer, m. */
  readonly near: number;
}

/** One search. */
class Run {
  private found: RankedPlace[] = [];
  private readonly seen = new Set<number>();
  private readonly areas: readonly Box[] | undefined;
  private readonly cap: number;
  /** Not looked into, nearest first. */
  private pending: Pending[] = [];
  /** All within it was looked into or is pending. */
  private square: Box | undefined;
  private half: number;

  constructor(
    private readonly search: NearestSearch,
    private readonly index: PlaceIndex,
    reach: number,
  ) {
    const { centre, box, after, limit, maxDistance } = search;
    this.areas = box && flatBoxes(box);
    this.cap = 2 * limit + 50;
    const from = after?.distance ?? 0;
    // A square within the circle of the pages before has nothing new.
    const inner = squareAround(centre, from * 0.7);
    this.square = after && farthestOf(inner, centre) + margin < from ? inner : undefined;
    this.half = Math.min(Math.hypot(from, reach), maxDistance + 1);
    this.add(this.square ? frameOf(this.square, this.next()) : [this.next()]);
    this.square = this.next();
  }

  async finish(): Promise<RankedPlace[]> {
    for (;;) {
      const bound = this.bound();
      const [first] = this.pending;
      const beyond = this.beyond();
      if (Math.min(first?.near ?? Number.POSITIVE_INFINITY, beyond) > bound)
        return this.found.slice(0, this.search.limit);
      if (!first || first.near > beyond) this.grow();
      else await this.look(this.pending.splice(0, atOnce).filter(({ near }) => near <= bound));
    }
  }

  /** Whatever is farther is of no interest, m. */
  private bound(): number {
    const { limit, maxDistance } = this.search;
    return this.found[limit - 1]?.distance ?? maxDistance;
  }

  /** Everything outside of the square is at least as far, m. */
  private beyond(): number {
    const { square } = this;
    if (!square || this.half >= halfTurn) return Number.POSITIVE_INFINITY;
    const frame = frameOf(square, squareAround(this.search.centre, halfTurn));
    return Math.min(...frame.map((box) => nearestOf(box, this.search.centre))) - margin;
  }

  private next(): Box {
    return squareAround(this.search.centre, this.half);
  }

  private grow(): void {
    const { limit, maxDistance } = this.search;
    const growth = this.found.length === 0 ? 4 : Math.sqrt((1.3 * limit) / this.found.length);
    const wanted = this.half * Math.min(Math.max(growth, 1.3), 4);
    this.half = Math.min(wanted, Math.max(maxDistance + 1, this.half * 1.3), halfTurn);
    const square = this.next();
    if (this.square) this.add(frameOf(this.square, square));
    this.square = square;
  }

  private add(boxes: readonly Box[]): void {
    for (const box of boxes.flatMap(flatBoxes).flatMap((one) => this.clipped(one))) this.addFlat(box);
    this.pending.sort((a, b) => a.near - b.near);
  }

  private addFlat(box: Box): void {
    const { centre, maxDistance, after } = this.search;
    const near = nearestOf(box, centre) - margin;
    if (near > maxDistance) return;
    const far = farthestOf(box, centre) + margin;
    if (after && far < after.distance) return;
    // What is too far away would be read in vain, and that is much where a city lies just outside.
    if (far > maxDistance && near > 0 && heightOf(box) > maxDistance / 2)
      for (const part of quarters(box)) this.addFlat(part);
    else this.pending.push({ box, near });
  }

  private clipped(box: Box): Box[] {
    return this.areas ? this.areas.flatMap((area) => common(box, area) ?? []) : [box];
  }

  private async look(pending: readonly Pending[]): Promise<void> {
    const boxes = pending.map(({ box }) => box);
    const answers = await this.index.inBoxes(boxes.map(padded), this.search.filter, this.cap);
    const fresh: RankedPlace[] = [];
    for (const [position, box] of boxes.entries()) {
      const rows = answers[position] ?? [];
      if (rows.length < this.cap) fresh.push(...this.ranked(rows));
      else if (box.north - box.south > smallest || box.east - box.west > smallest) this.add(quarters(box));
      else fresh.push(...this.ranked((await this.index.inBoxes([padded(box)], this.search.filter, wholeLimit)).flat()));
    }
    if (fresh.length === 0) return;
    const accepted = await this.search.accept(fresh);
    if (accepted.length > 0) this.found = [...this.found, ...accepted].sort(comparePositions);
  }

  private ranked(rows: readonly FoundPlace[]): RankedPlace[] {
    const { centre, maxDistance, box, after } = this.search;
    const places: RankedPlace[] = [];
    for (const { no, key, owner, latitude, longitude } of rows) {
      if (this.seen.has(no)) continue;
      this.seen.add(no);
      const distance = distanceBetween(centre, { latitude, longitude });
      if (distance > maxDistance || (box && !isInside(box, { latitude, longitude }))) continue;
      if (!after || comparePositions({ distance, key }, after) > 0)
        places.push({ no, key, owner, latitude, longitude, distance });
    }
    return places;
  }
}

/** Longitudes beyond ±180 are rounded when they are made flat: without this, boxes side by side might have a gap. */
const padded = ({ south, west, north, east }: Box): Box => ({
  south: south - 1e-9,
  west: west - 1e-9,
  north: north + 1e-9,
  east: east + 1e-9,
});

const memoryKey = ({ centre, filter }: NearestSearch): string =>
  `${Math.round(centre.latitude * 8)} ${Math.round(centre.longitude * 8)} ${JSON.stringify(filter)}`;

export function comparePositions(a: Position, b: Position): number {
  return a.distance - b.distance || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
}
