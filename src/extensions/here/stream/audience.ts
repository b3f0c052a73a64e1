import type { StatusMessage } from './status-message.js';
import type { StreamFilter } from './stream-filter.js';

/** Somebody who is told of events as they happen. */
export interface Listener {
  readonly filter: StreamFilter;
}

/**
 * Who may want an event, without asking all: each listener stands under the narrowest thing that its filter names, so that an
 * event costs what those cost who may want it.
 */
export class Audience<L extends Listener> {
  private readonly byPlace = new Map<string, Set<L>>();
  private readonly byParty = new Map<string, Set<L>>();
  private readonly byCountry = new Map<string, Set<L>>();
  private readonly byCell = new Map<string, Set<L>>();
  private readonly others = new Set<L>();
  private readonly all = new Set<L>();

  get size(): number {
    return this.all.size;
  }

  [Symbol.iterator](): IterableIterator<L> {
    return this.all.values();
  }

  add(listener: L): void {
    this.all.add(listener);
    for (const [map, name] of this.shelves(listener)) {
      const shelf = map.get(name);
      if (shelf) shelf.add(listener);
      else map.set(name, new Set([listener]));
    }
  }

  remove(listener: L): void {
    if (!this.all.delete(listener)) return;
    this.others.delete(listener);
    for (const [map, name] of this.shelves(listener)) {
      const shelf = map.get(name);
      shelf?.delete(listener);
      if (shelf?.size === 0) map.delete(name);
    }
  }

  /** Those who may want an event, each once. */
  *near({ event }: StatusMessage): Generator<L> {
    yield* this.byPlace.get(event.key) ?? [];
    yield* this.byParty.get(event.owner) ?? [];
    yield* this.byCountry.get(event.country) ?? [];
    const party = event.owner.slice(0, 2);
    for (const listener of this.byCountry.get(party) ?? [])
      if (!listener.filter.countries?.has(event.country)) yield listener;
    yield* this.byCell.get(cellOf(event.latitude, event.longitude)) ?? [];
    yield* this.others;
  }

  private shelves(listener: L): readonly (readonly [Map<string, Set<L>>, string])[] {
    const { keys, parties, countries, box } = listener.filter;
    if (keys) return [...keys].map((key) => [this.byPlace, key] as const);
    if (parties) return [...parties].map((party) => [this.byParty, party] as const);
    if (countries) return [...countries].map((country) => [this.byCountry, country] as const);
    const cells = box && cellsOf(box);
    if (cells) return cells.map((cell) => [this.byCell, cell] as const);
    this.others.add(listener);
    return [];
  }
}

/** A box of more cells of one degree is asked with every event. */
const mostCells = 100;

const cellOf = (latitude: number, longitude: number): string => `${Math.floor(latitude)}/${Math.floor(longitude)}`;

function cellsOf({ west, south, east, north }: NonNullable<StreamFilter['box']>): readonly string[] | undefined {
  const [rows, columns] = [Math.floor(north) - Math.floor(south) + 1, Math.floor(east) - Math.floor(west) + 1];
  if (west > east || rows * columns > mostCells) return undefined;
  return Array.from(
    { length: rows * columns },
    (_, at) => `${Math.floor(south) + Math.floor(at / columns)}/${Math.floor(west) + (at % columns)}`,
  );
}
