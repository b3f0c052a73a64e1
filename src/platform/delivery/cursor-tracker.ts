import { type Ahead, nothingAhead } from './ahead.js';

/**
 * Knows up to where a lane is done: the place before the lowest row that was read and is not done yet.
 * Rows are read in the order of the sequence and done in any.
 */
export class CursorTracker {
  /** Places that were read and are not done, ascending. Never more than the lane's read-ahead. */
  private readonly open: number[] = [];
  private readTo: number;
  private highestDone: number;
  /** Places up to `doneBefore` that were not done when the lane was taken up; all others were. */
  private readonly openBefore: readonly number[];
  private readonly doneBefore: number;

  constructor(cursor: number, ahead: Pick<Ahead, 'upTo' | 'open'> = nothingAhead) {
    this.readTo = cursor;
    this.highestDone = Math.max(cursor, ahead.upTo);
    this.doneBefore = ahead.upTo;
    this.openBefore = ahead.open;
  }

  /** Whether a row was done by whoever had the lane before. */
  wasDone(seq: number): boolean {
    return seq <= this.doneBefore && !this.openBefore.includes(seq);
  }

  /** A row was read that is to be sent. */
  opened(seq: number): void {
    this.open.push(seq);
  }

  /** Everything up to here was read. */
  readUpTo(seq: number): void {
    if (seq > this.readTo) this.readTo = seq;
  }

  done(seq: number): void {
    if (seq > this.highestDone) this.highestDone = seq;
    let low = 0;
    let high = this.open.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const value = this.open[middle] ?? 0;
      if (value === seq) {
        this.open.splice(middle, 1);
        return;
      }
      if (value < seq) low = middle + 1;
      else high = middle - 1;
    }
  }

  /** How many rows were read and are not done. */
  get pending(): number {
    return this.open.length;
  }

  /** Where reading goes on. */
  get position(): number {
    return this.readTo;
  }

  /** Rows up to here may be passed over from now on, as they were read or were done before the lane was taken up. */
  get passed(): number {
    return Math.max(this.readTo, this.doneBefore);
  }

  /** What may be written down: a restart begins behind it. */
  get cursor(): number {
    const lowest = this.open[0];
    return lowest === undefined ? this.readTo : lowest - 1;
  }

  /** Up to where rows beyond the cursor are done, and which are not. */
  ahead(): Pick<Ahead, 'upTo' | 'open'> {
    const { highestDone, readTo, openBefore } = this;
    if (highestDone <= this.cursor) return nothingAhead;
    const open = this.open.filter((seq) => seq < highestDone);
    if (readTo < this.doneBefore) for (const seq of openBefore) if (seq > readTo) open.push(seq);
    return { upTo: highestDone, open };
  }
}
