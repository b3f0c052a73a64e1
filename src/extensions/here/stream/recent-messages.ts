import type { StatusMessage } from './status-message.js';

/** The newest messages, every one of them, as many as a number allows. */
export class RecentMessages {
  private kept: StatusMessage[] = [];
  /** How many at the beginning of `kept` are gone. */
  private gone = 0;
  /** Everything behind this place is there; undefined: nothing is. */
  private known: number | undefined;

  constructor(private readonly limit: number) {}

  add(message: StatusMessage): void {
    this.known ??= message.event.offset - 1;
    this.kept.push(message);
    if (this.kept.length - this.gone > this.limit) this.known = this.kept[this.gone++]?.event.offset ?? this.known;
    // Moved now and then, not with each message.
    if (this.gone > this.limit) {
      this.kept = this.kept.slice(this.gone);
      this.gone = 0;
    }
  }

  /** Messages behind a place, at least `limit` if there are as many, never only some of one place; undefined: not all are there. */
  after(offset: number, limit: number): readonly StatusMessage[] | undefined {
    if (this.known === undefined || offset < this.known) return undefined;
    let [low, high] = [this.gone, this.kept.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.kept[middle]?.event.offset ?? 0) > offset) high = middle;
      else low = middle + 1;
    }
    let end = Math.min(low + limit, this.kept.length);
    while (end > low && end < this.kept.length && this.kept[end]?.event.offset === this.kept[end - 1]?.event.offset)
      end++;
    return this.kept.slice(low, end);
  }
}
