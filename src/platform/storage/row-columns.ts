/** One row of a {@link RowColumns} by its place. */
type Place = number;

/**
 * The narrow columns of a document table, in memory: row id (ascending, creation order), owner and `last_updated`.
 *
 * Some twenty bytes a row answer which rows are on a page, how many match a date window, and where offset 60,000 is, without
 * an index on disk that every status change would have to rewrite.
 */
export class RowColumns {
  private ids: number[] = [];
  private stamps: number[] = [];
  private owners: number[] = [];
  private readonly ownerNames: string[] = [];
  private readonly ownerNumbers = new Map<string, number>();
  private readonly counts: number[] = [];

  get length(): number {
    return this.ids.length;
  }

  id(place: Place): number {
    return this.ids[place] ?? 0;
  }

  /** Adds the newest row; ids only grow. */
  append(id: number, owner: string, stamp: number): void {
    const number = this.numberOf(owner);
    this.ids.push(id);
    this.stamps.push(stamp);
    this.owners.push(number);
    this.counts[number] = (this.counts[number] ?? 0) + 1;
  }

  restamp(id: number, stamp: number): void {
    const place = this.firstBehind(id - 1);
    if (this.ids[place] === id) this.stamps[place] = stamp;
  }

  remove(ids: ReadonlySet<number>): void {
    const keep = this.ids.map((id) => !ids.has(id));
    for (const [place, owner] of this.owners.entries())
      if (!keep[place]) this.counts[owner] = (this.counts[owner] ?? 1) - 1;
    this.ids = this.ids.filter((_, place) => keep[place]);
    this.stamps = this.stamps.filter((_, place) => keep[place]);
    this.owners = this.owners.filter((_, place) => keep[place]);
  }

  /** The first place whose id is greater than `id`. */
  firstBehind(id: number): Place {
    let low = 0;
    let high = this.ids.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.ids[middle] ?? 0) > id) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** How many rows the owners have, without looking at any. */
  countOf(owners: readonly string[]): number {
    return owners.reduce((sum, owner) => sum + (this.counts[this.ownerNumbers.get(owner) ?? -1] ?? 0), 0);
  }

  /** Ids of all rows of an owner. */
  idsOf(owner: string): number[] {
    const number = this.ownerNumbers.get(owner);
    return this.ids.filter((_, place) => this.owners[place] === number);
  }

  /** A test for the rows that fit a filter; bounds in ms, `from` inclusive, `to` exclusive. */
  matcher(filter: { from?: number; to?: number; owners?: readonly string[] }): (place: Place) => boolean {
    const from = filter.from ?? Number.NEGATIVE_INFINITY;
    const to = filter.to ?? Number.POSITIVE_INFINITY;
    const allowed = filter.owners && new Set(filter.owners.map((owner) => this.ownerNumbers.get(owner)));
    return (place) => {
      const stamp = this.stamps[place] ?? 0;
      return stamp >= from && stamp < to && (!allowed || allowed.has(this.owners[place]));
    };
  }

  private numberOf(owner: string): number {
    let number = this.ownerNumbers.get(owner);
    if (number === undefined) {
      number = this.ownerNames.push(owner) - 1;
      this.ownerNumbers.set(owner, number);
    }
    return number;
  }
}
