/**
 * Which object stands at which place of the change sequence, in memory: two numbers and a key for each object.
 *
 * Places only grow, so a change is appended; the object's older place is left behind as a gap and swept out when gaps are
 * the greater part. An index on disk would be rewritten at two places by every status change.
 */
export class ChangeOrder {
  private places: number[] = [];
  private objects: string[] = [];
  private readonly current = new Map<string, number>();

  /** The highest place that was ever taken. */
  head = 0;

  /** How many objects have a place. */
  get size(): number {
    return this.current.size;
  }

  /** Gives an object its newest place, which must be the highest. */
  append(object: string, place: number): void {
    this.places.push(place);
    this.objects.push(object);
    this.current.set(object, place);
    this.head = place;
    if (this.places.length > 1024 && this.places.length > 2 * this.current.size) this.sweep();
  }

  /** Takes an object out. */
  remove(object: string): void {
    this.current.delete(object);
  }

  /** The objects behind `cursor` in order. */
  *after(cursor: number): Generator<{ object: string; place: number }> {
    for (let at = this.firstBehind(cursor); at < this.places.length; at++) {
      const object = this.objects[at] ?? '';
      const place = this.places[at] ?? 0;
      if (this.current.get(object) !== place) continue;
      yield { object, place };
    }
  }

  private firstBehind(cursor: number): number {
    let low = 0;
    let high = this.places.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.places[middle] ?? 0) > cursor) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  private sweep(): void {
    const live = [...this.after(0)];
    this.places = live.map(({ place }) => place);
    this.objects = live.map(({ object }) => object);
  }
}
