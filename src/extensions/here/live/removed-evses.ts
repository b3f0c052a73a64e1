import type { StatusEvent } from './live-places.js';

/** EVSEs that went away, newest so many, in the order in which they did. */
export class RemovedEvses {
  private events: StatusEvent[] = [];
  /** Behind this place every removal is known. */
  floor = 0;

  constructor(private readonly kept = 20_000) {}

  /** @param event at a place that no other is above */
  add(event: StatusEvent): void {
    this.events.push(event);
    // Not at each one: moving the list has a price.
    if (this.events.length > this.kept + 1_000) this.trim();
  }

  /** What was known before a restart, oldest first. */
  restore(events: readonly StatusEvent[], floor: number): void {
    this.floor = Math.max(this.floor, floor);
    this.events = [...events, ...this.events].sort((a, b) => a.offset - b.offset);
    if (this.events.length > this.kept) this.trim();
  }

  /** The removals at this Location, which happened at a later place than it seemed; returns them. */
  lift(key: string, offset: number): readonly StatusEvent[] {
    const lifted = this.events.filter((event) => event.key === key).map((event) => ({ ...event, offset }));
    if (lifted.length === 0) return lifted;
    this.events = this.events.filter((event) => event.key !== key);
    this.events.push(...lifted);
    return lifted;
  }

  /** Removals behind a place, in order. */
  *after(offset: number): Generator<StatusEvent> {
    let low = 0;
    let high = this.events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.events[middle]?.offset ?? 0) > offset) high = middle;
      else low = middle + 1;
    }
    for (let at = low; at < this.events.length; at++) {
      const event = this.events[at];
      if (event) yield event;
    }
  }

  private trim(): void {
    const gone = this.events.splice(0, this.events.length - this.kept);
    this.floor = Math.max(this.floor, gone.at(-1)?.offset ?? 0);
  }
}
