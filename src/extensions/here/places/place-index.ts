import type { Attributes, Offer, PlaceFilter } from './facets.js';
import type { Box } from './geo.js';

/** A place as it is put into the index. */
export interface PlaceRow {
  /** Object key of the Location. */
  readonly key: string;
  /** Party key of its owner. */
  readonly owner: string;
  /** Place in the change sequence from which this was made: an older row never replaces a newer one. */
  readonly offset: number;
  readonly latitude: number;
  readonly longitude: number;
  readonly offers: readonly Offer[];
  readonly payments: number;
  readonly operator: { readonly partnerId: string; readonly name: string };
  /** Partner ids of eMSPs. */
  readonly providers: readonly string[];
  /** JSON text of what is shown of it and changes seldom. */
  readonly details: string;
}

/** An operator of one owner, or an eMSP (without owner), under its number. */
export interface IndexedName {
  readonly no: number;
  /** Party key; '' for an eMSP. */
  readonly owner: string;
  /** As {@link nameKey} gives it. */
  readonly id: string;
  /** As {@link nameKey} gives it; '' for an eMSP. */
  readonly name: string;
}

/** A place that was found; `no` is its number in the index. */
export interface FoundPlace {
  readonly no: number;
  readonly key: string;
  readonly owner: string;
  readonly latitude: number;
  readonly longitude: number;
}

/**
 * Places by position and by what they offer, beside the stored Locations, from which it can always be made again. Every node of a
 * hub may write the same. Rejects with what the database says if it cannot be used.
 */
export interface PlaceIndex {
  /** Object key and offset of every row. */
  offsets(): Promise<Map<string, number>>;
  /** Puts rows unless newer ones stand there, and removes rows that are not newer than `offset`. All or nothing. */
  write(rows: readonly PlaceRow[], removed: readonly RemovedPlace[]): Promise<void>;
  /** All names that rows have, or had. */
  names(): Promise<readonly IndexedName[]>;
  /**
   * Places in each of the boxes, in no order; of a box at most `limit`. As many as that: there may be more. A place may come more
   * than once, and one from just outside a box may come too.
   *
   * @param boxes flat ones: none crosses the date line
   */
  inBoxes(boxes: readonly Box[], filter: PlaceFilter, limit: number): Promise<readonly (readonly FoundPlace[])[]>;
  /** `details` of places, by their number. */
  details(numbers: readonly number[]): Promise<ReadonlyMap<number, string>>;
}

export interface RemovedPlace {
  readonly key: string;
  readonly offset: number;
}

/** The form in which names and partner ids compare. */
export const nameKey = (text: string): string =>
  text.replaceAll('\0', ' ').trim().replace(/\s+/gu, ' ').toLowerCase().slice(0, 200);

/** A row whose names have their numbers. */
export type NumberedRow = PlaceRow & { readonly attributes: Attributes };

/** Names that a row refers to: its operator first, then its eMSPs. */
export function namesOf(row: PlaceRow): Omit<IndexedName, 'no'>[] {
  return [
    { owner: row.owner, id: nameKey(row.operator.partnerId), name: nameKey(row.operator.name) },
    ...row.providers.map((id) => ({ owner: '', id: nameKey(id), name: '' })),
  ];
}

/** Numbers in place of names, given by `numberOf`. */
export function numbered(row: PlaceRow, numberOf: (name: Omit<IndexedName, 'no'>) => number): NumberedRow {
  const [operator = 0, ...providers] = namesOf(row).map(numberOf);
  return { ...row, attributes: { offers: row.offers, payments: row.payments, operator, providers } };
}
