/** What one receiving party is known to hold of an object, from a moment beyond the cursor. */
export interface Taken {
  /** Party key of the receiver. */
  readonly party: string;
  /** `locations/DE/CP1/LOC1/EVSE1` */
  readonly key: string;
  /** `locations/DE/CP1/LOC1` */
  readonly laneKey: string;
  /** It holds at least the state of this place. */
  readonly place: number;
}

/** How far a lane has brought what is shared anew. */
export interface FillPlace {
  readonly cursor: number;
  readonly upTo: number;
  readonly open: readonly number[];
  /** Where it ends. */
  readonly until: number;
  /** Places that are the lane's own business, ascending. */
  readonly skip: readonly number[];
}

/** What a lane has done beyond its cursor: what the next one to take it up need not do again. */
export interface Ahead {
  /** Everything up to here is done, but for `open`. */
  readonly upTo: number;
  /** Places behind the cursor that are not done, ascending. */
  readonly open: readonly number[];
  readonly taken: readonly Taken[];
  readonly fill?: FillPlace | undefined;
}

export const nothingAhead: Ahead = { upTo: 0, open: [], taken: [] };

/** As it is kept with the cursor; '' if there is nothing to keep. */
export function writeAhead({ upTo, open, taken, fill }: Ahead, cursor: number): string {
  if (upTo <= cursor && taken.length === 0 && !fill) return '';
  const list = taken.map(({ party, key, laneKey, place }) => [party, key, laneKey, place]);
  const parts: unknown[] = [upTo, toDistances(open, cursor), list];
  if (fill)
    parts.push([fill.cursor, fill.upTo, toDistances(fill.open, fill.cursor), fill.until, toDistances(fill.skip, 0)]);
  return JSON.stringify(parts);
}

/** Reads what {@link writeAhead} wrote; what cannot be read counts for nothing, which costs repetitions and no more. */
export function readAhead(text: string, cursor: number): Ahead {
  if (text === '') return nothingAhead;
  try {
    const [upTo, distances, list, fill] = JSON.parse(text) as Written;
    const taken = list.map(([party, key, laneKey, place]) => ({ party, key, laneKey, place }));
    return { upTo, open: toPlaces(distances, cursor), taken, fill: fill && readFill(fill) };
  } catch {
    return nothingAhead;
  }
}

/** Whether something that is shared anew is on its way. */
export function isFilling(text: string): boolean {
  return text !== '' && readAhead(text, 0).fill !== undefined;
}

type WrittenFill = [cursor: number, upTo: number, distances: number[], until: number, skip: number[]];
type Written = [number, number[], [string, string, string, number][], WrittenFill?];

function readFill([cursor, upTo, distances, until, skip]: WrittenFill): FillPlace {
  return { cursor, upTo, open: toPlaces(distances, cursor), until, skip: toPlaces(skip, 0) };
}

/** Distances, not places: some kilobytes less while a slow answer holds the cursor. */
function toDistances(places: readonly number[], cursor: number): number[] {
  let before = cursor;
  return places.map((place) => {
    const distance = place - before;
    before = place;
    return distance;
  });
}

function toPlaces(distances: readonly number[], cursor: number): number[] {
  let place = cursor;
  return distances.map((distance) => {
    place += distance;
    return place;
  });
}

/**
 * What receivers took from a later moment than its row's, such as a Location with all of its EVSEs: rows behind the cursor
 * may tell of the same. Bounded: of what is forgotten, a crash or a change of hands may repeat a state.
 */
export class TakenLog {
  private readonly entries = new Map<string, Taken>();

  constructor(private readonly limit = 256) {}

  add(taken: Taken): void {
    this.forget(taken.party, taken.key, taken.laneKey);
    this.entries.set(`${taken.party} ${taken.key}`, taken);
    if (this.entries.size <= this.limit) return;
    for (const name of this.entries.keys()) {
      this.entries.delete(name);
      break;
    }
  }

  /** What the receiver holds of it is uncertain; of a Location: of all that belongs to it. */
  forget(party: string, key: string, laneKey: string): void {
    if (this.entries.size === 0) return;
    this.entries.delete(`${party} ${key}`);
    if (key !== laneKey) return;
    for (const [name, one] of this.entries)
      if (one.party === party && one.laneKey === laneKey) this.entries.delete(name);
  }

  /** What one receiver holds of all that `isMeant` names (by lane key) is uncertain. */
  forgetAll(party: string, isMeant: (laneKey: string) => boolean): void {
    for (const [name, one] of this.entries) if (one.party === party && isMeant(one.laneKey)) this.entries.delete(name);
  }

  /** What is still of use behind this cursor. */
  after(cursor: number): readonly Taken[] {
    if (this.entries.size === 0) return none;
    for (const [name, { place }] of this.entries) if (place <= cursor) this.entries.delete(name);
    return [...this.entries.values()];
  }

  /** What one receiver is known to hold, whole Locations first. */
  of(party: string): readonly Taken[] {
    const found = [...this.entries.values()].filter((one) => one.party === party);
    return found.sort((a, b) => a.key.length - b.key.length);
  }

  clear(): void {
    this.entries.clear();
  }
}

const none: readonly Taken[] = [];
