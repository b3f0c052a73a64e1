import { evseCount, offsetAt, type Place } from './place.js';

/**
 * Locations in the order in which statuses of their EVSEs changed, in memory: two numbers for each change.
 *
 * Places in the change sequence only grow, so a change is appended; what it supersedes stays behind as a gap and is swept out when
 * gaps are the greater part. A Location stands here once for each place at which one or more of its EVSEs last changed. What the
 * first load finds comes in any order and is sorted once.
 */
export class StatusOrder {
  private offsets: number[] = [];
  private places: Place[] = [];
  private found: { offset: number; place: Place }[] | undefined = [];

  /** @param isCurrent whether this Location is still the one under its key */
  constructor(private readonly isCurrent: (place: Place) => boolean) {}

  /** For the first load: a Location whose EVSEs changed at older places than `below`, in any order. */
  insert(place: Place, below = Number.POSITIVE_INFINITY): void {
    const seen = new Set<number>();
    for (let evse = 0; evse < evseCount(place.states); evse++) {
      const offset = offsetAt(place.states, evse);
      if (offset >= below || seen.has(offset)) continue;
      seen.add(offset);
      this.found?.push({ offset, place });
    }
  }

  /** Puts what the first load found before what has changed meanwhile. */
  settle(): void {
    const found = (this.found ?? []).sort((a, b) => a.offset - b.offset);
    this.found = undefined;
    const { offsets, places } = this;
    this.offsets = found.map(({ offset }) => offset);
    this.places = found.map(({ place }) => place);
    for (const [index, offset] of offsets.entries()) this.push(offset, places[index]);
  }

  /** A status of this Location changed at a place that no other is above. */
  append(place: Place, offset: number): void {
    if (place.orderedAt >= offset) return;
    place.orderedAt = offset;
    this.push(offset, place);
    if (this.offsets.length > 4_096 && this.gaps > this.offsets.length / 2) this.sweep();
  }

  /** What is current behind `offset`, in order. */
  *after(offset: number): Generator<{ offset: number; place: Place }> {
    for (let at = this.firstBehind(offset); at < this.offsets.length; at++) {
      const place = this.places[at];
      const there = this.offsets[at] ?? 0;
      if (place && this.stands(place, there)) yield { offset: there, place };
    }
  }

  private gaps = 0;

  /** To be told when an EVSE has left an older place. */
  left(): void {
    this.gaps++;
  }

  private push(offset: number, place: Place | undefined): void {
    if (!place) return;
    this.offsets.push(offset);
    this.places.push(place);
  }

  private stands(place: Place, offset: number): boolean {
    if (!this.isCurrent(place)) return false;
    for (let evse = 0; evse < evseCount(place.states); evse++) if (offsetAt(place.states, evse) === offset) return true;
    return false;
  }

  private sweep(): void {
    let kept = 0;
    for (let at = 0; at < this.offsets.length; at++) {
      const place = this.places[at];
      const offset = this.offsets[at] ?? 0;
      if (!place || !this.stands(place, offset)) continue;
      this.offsets[kept] = offset;
      this.places[kept++] = place;
    }
    this.offsets.length = kept;
    this.places.length = kept;
    this.gaps = 0;
  }

  private firstBehind(offset: number): number {
    let low = 0;
    let high = this.offsets.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.offsets[middle] ?? 0) > offset) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
