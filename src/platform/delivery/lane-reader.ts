import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Ahead, nothingAhead } from './ahead.js';
import { CursorTracker } from './cursor-tracker.js';
import { exceptionTask } from './lane-attempts.js';
import type { LaneServices } from './lane-services.js';
import type { Fill, LaneSharing } from './lane-sharing.js';
import type { LaneTask } from './lane-window.js';
import { LaneWindow } from './lane-window.js';
import { type LaneRoute, receiversFor } from './receivers.js';

const pageRows = 100;
/** Rows that wait, at most, while some of them can be sent. */
const readAhead = 50;
/** The same while all of them wait for Locations that are in flight. */
const readAheadBlocked = 400;
const exceptionsAtOnce = 20;
/** Of what is shared anew so many rows wait or are in flight, at most, besides those of one page: what changes now comes through. */
const fillAhead = 16;
const fillRows = 16;
/** The same where a page held nothing of it. */
const sparseRows = 400;
const never = Number.POSITIVE_INFINITY;

/** What a lane has read and is not done with: rows behind its cursor, what is shared anew, and objects that go their own way. */
export class LaneReader {
  readonly window = new LaneWindow();
  private tracker = new CursorTracker(0);
  private nextExceptionAt = never;
  private exceptionsKnown = false;
  private isSparse = false;
  /** Moves when everything is read anew: what was in flight before belongs to no row any more. */
  private epochNow = 0;

  constructor(
    private readonly partnerId: string,
    private readonly services: LaneServices,
    private readonly sharing: LaneSharing,
  ) {}

  /** Starts anew behind `cursor`, but for what is done beyond it. What is in flight keeps its Location busy. */
  reset(cursor: number, ahead: Pick<Ahead, 'upTo' | 'open'> = nothingAhead): void {
    this.epochNow++;
    this.window.clear();
    const head = this.services.feed.head();
    // A sequence that is shorter than the cursor is another one, such as one from a backup.
    this.tracker = cursor > head ? new CursorTracker(head) : new CursorTracker(cursor, ahead);
  }

  /** Looks for objects that go their own way. */
  async findExceptions(): Promise<void> {
    this.exceptionsKnown = await this.services.store.hasExceptions(this.partnerId);
    this.nextExceptionAt = this.exceptionsKnown ? 0 : never;
  }

  noteException(due: number): void {
    this.exceptionsKnown = true;
    this.nextExceptionAt = Math.min(this.nextExceptionAt, due);
  }

  /**
   * Whether something should be read before the next task is taken. While `blocked` (nothing that was read can be sent) a
   * lane reads further ahead.
   */
  shouldRead(blocked: boolean): boolean {
    return (
      this.mustReadRows(blocked) || this.fillToRead() !== undefined || this.services.clock.now() >= this.nextExceptionAt
    );
  }

  /** Reads what {@link shouldRead} speaks of. */
  async read(route: LaneRoute, blocked: boolean): Promise<void> {
    if (this.mustReadRows(blocked)) await this.readOn(route);
    const fill = this.fillToRead();
    if (fill) await this.readFill(fill, route);
    if (this.services.clock.now() >= this.nextExceptionAt) await this.readExceptions();
  }

  /** The next task that may be sent now, of those that were read. */
  take(): LaneTask | undefined {
    for (;;) {
      const task = this.window.take();
      if (!task || task.exception || !task.entry.superseded) return task;
      // Its newer row comes further back in the sequence.
      this.window.free(task);
      this.done(task);
      this.services.progressed(this.partnerId, false);
    }
  }

  /** A task's row is done. */
  done(task: LaneTask): void {
    if (task.exception) return;
    if (!task.fill) this.tracker.done(task.entry.seq);
    else {
      task.fill.tracker.done(task.entry.seq);
      this.sharing.endIfDone();
    }
  }

  /** A task is to be tried again. */
  putBack(task: LaneTask): void {
    // An exception is read again from the store.
    if (task.exception) this.nextExceptionAt = 0;
    else this.window.putBack(task);
  }

  get epoch(): number {
    return this.epochNow;
  }

  /** See {@link CursorTracker.passed}. */
  get passed(): number {
    return this.tracker.passed;
  }

  get cursor(): number {
    return this.tracker.cursor;
  }

  ahead(): Pick<Ahead, 'upTo' | 'open'> {
    return this.tracker.ahead();
  }

  get hasExceptions(): boolean {
    return this.exceptionsKnown;
  }

  /** Whether nothing is left to do. */
  get isDone(): boolean {
    return this.window.waiting === 0 && this.window.inFlight === 0 && !this.sharing.fill;
  }

  private mustReadRows(blocked: boolean): boolean {
    const enough = blocked ? readAheadBlocked : readAhead;
    return this.window.waiting - this.pendingFill() < enough && this.services.feed.head() > this.tracker.position;
  }

  private pendingFill(): number {
    return this.sharing.fill?.tracker.pending ?? 0;
  }

  private fillToRead(): Fill | undefined {
    const { fill } = this.sharing;
    return fill && fill.tracker.position < fill.until && fill.tracker.pending < fillAhead ? fill : undefined;
  }

  private async readFill(fill: Fill, route: LaneRoute): Promise<void> {
    const { feed, audience } = this.services;
    const epoch = this.epochNow;
    const { tracker, until, skip } = fill;
    const page = await feed.page(tracker.position, this.isSparse ? sparseRows : fillRows);
    if (epoch !== this.epochNow || fill !== this.sharing.fill) return;
    let added = 0;
    for (const entry of page.entries) {
      if (entry.seq > until) break;
      if (
        !this.sharing.brings(entry.row) ||
        skip.has(entry.seq) ||
        tracker.wasDone(entry.seq) ||
        !feed.serves(entry.row.module)
      )
        continue;
      if (receiversFor(route, entry.row, audience).length === 0) continue;
      tracker.opened(entry.seq);
      this.window.add({ entry, exception: undefined, fill });
      added++;
    }
    tracker.readUpTo(Math.min(page.readTo, until));
    this.isSparse = added === 0;
    this.sharing.endIfDone();
    if (added > 0) return;
    this.services.progressed(this.partnerId, false);
    await nextTurn();
  }

  private async readOn(route: LaneRoute): Promise<void> {
    const { feed, audience } = this.services;
    const epoch = this.epochNow;
    const page = await feed.page(this.tracker.position, pageRows);
    if (epoch !== this.epochNow) return;
    let added = 0;
    for (const entry of page.entries) {
      if (!feed.serves(entry.row.module) || this.tracker.wasDone(entry.seq)) continue;
      if (!audience.policy.isOpen) this.sharing.noteDenied(route, entry.row);
      if (receiversFor(route, entry.row, audience).length === 0) continue;
      this.tracker.opened(entry.seq);
      this.window.add({ entry, exception: undefined, fill: undefined });
      added++;
    }
    this.tracker.readUpTo(page.readTo);
    if (added > 0) return;
    this.services.progressed(this.partnerId, false);
    // A long stretch that is not for this partner must not keep the process from everything else.
    await nextTurn();
  }

  private async readExceptions(): Promise<void> {
    const { store, clock } = this.services;
    const epoch = this.epochNow;
    this.nextExceptionAt = never;
    const pending = await store.pendingExceptions(this.partnerId, exceptionsAtOnce);
    if (epoch !== this.epochNow) return;
    const now = clock.now();
    for (const exception of pending) {
      if (exception.nextDue > now) this.noteException(exception.nextDue);
      else if (!this.window.hasException(exception)) this.window.add(exceptionTask(exception));
    }
    if (pending.length === exceptionsAtOnce) this.noteException(now + 1000);
  }
}
