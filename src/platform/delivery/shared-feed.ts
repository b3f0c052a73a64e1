import type { ChangeFeed, ChangeRow, LiveChangeFeed } from '../storage/index.js';
import { FeedEntry, laneKeyOf, type Rendered, type RenderSource } from './feed-entry.js';
import type { PushItem, PushSource } from './ports.js';

/** A stretch of the sequence. */
export interface FeedPage {
  /** Rows in their order; what is known to be superseded is left out. */
  readonly entries: readonly FeedEntry[];
  /** All rows up to here are in `entries` or need not be. */
  readonly readTo: number;
}

const tailRows = 1024;
const recentSlots = 1024;
const extendBy = 500;
/** How often a Location that changes while it is read is read, and how many rows are looked through for it. */
const attemptsToRead = 3;
const rowsToCompare = 64;

/**
 * The change sequence as all lanes of this process read it.
 *
 * The newest rows are kept in memory, so that twenty lanes that follow the head cost one read, and share the objects that
 * they render. Lanes that are further behind read the database; rows that another lane has read lately are shared as well.
 * Bounded by rows. A row that was replaced meanwhile may still be seen by a lane: {@link FeedEntry.superseded} tells, where known.
 */
export class SharedFeed implements RenderSource {
  /** Rows behind `from`, ascending, complete up to `to`. */
  private tail: FeedEntry[] = [];
  private from: number;
  private to: number;
  private readonly newest = new Map<string, FeedEntry>();
  private readonly recent: (FeedEntry | undefined)[] = new Array<FeedEntry | undefined>(recentSlots).fill(undefined);
  private readonly sources: ReadonlyMap<string, PushSource>;
  private extending: Promise<void> | undefined;
  private asking: Promise<number> | undefined;
  private asked: Promise<number> | undefined;

  constructor(
    private readonly feed: ChangeFeed & Pick<LiveChangeFeed, 'refresh'>,
    sources: readonly PushSource[],
  ) {
    this.sources = new Map(sources.map((source) => [source.module, source]));
    this.from = feed.head();
    this.to = this.from;
  }

  head(): number {
    return this.feed.head();
  }

  /**
   * Reads between two looks at the sequence. What a process knows of the head may lag behind what it reads: a patch of a moment
   * between the two would turn time back for whoever was sent the object, and a row of one would repeat what it got. So where the
   * Location changed meanwhile it is read once more.
   */
  async readBetween(laneKey: string, read: () => Promise<PushItem | undefined>): Promise<Rendered> {
    let head = await this.refresh();
    for (let attempt = 1; ; attempt++) {
      const item = await read();
      const newest = await this.refresh();
      if (newest === head) return { item, head, newest };
      if (!(await this.mayHaveChanged(laneKey, head, newest))) return { item, head: newest, newest };
      if (attempt === attemptsToRead) return { item, head, newest };
      head = newest;
    }
  }

  private async mayHaveChanged(laneKey: string, from: number, to: number): Promise<boolean> {
    const rows = await this.feed.changesAfter(from, rowsToCompare);
    const last = rows.at(-1)?.seq ?? to;
    return (rows.length === rowsToCompare && last < to) || rows.some((row) => laneKeyOf(row) === laneKey);
  }

  /** Asks where the head stands; those who ask while the answer to others is on its way share the next question. */
  refresh(): Promise<number> {
    const ask = (): Promise<number> => {
      this.asking = this.asked;
      this.asked = undefined;
      return this.feed.refresh();
    };
    this.asked ??= (this.asking ?? Promise.resolve(0)).then(ask, ask);
    return this.asked;
  }

  /** Whether anybody can render objects of this module. */
  serves(module: string): boolean {
    return this.sources.has(module);
  }

  async read(row: ChangeRow): Promise<PushItem | undefined> {
    return this.sources.get(row.module)?.read(row);
  }

  /** The rows behind `cursor`, at most `limit`. */
  async page(cursor: number, limit: number): Promise<FeedPage> {
    if (cursor < this.from) return this.pageFromStore(cursor, limit);
    if (this.feed.head() > this.to) await this.extend();
    return cursor < this.from ? this.pageFromStore(cursor, limit) : this.pageFromTail(cursor, limit);
  }

  private pageFromTail(cursor: number, limit: number): FeedPage {
    const entries: FeedEntry[] = [];
    let index = firstBehind(this.tail, cursor);
    for (; index < this.tail.length && entries.length < limit; index++) {
      const entry = this.tail[index];
      if (entry && !entry.superseded) entries.push(entry);
    }
    const reachedEnd = index >= this.tail.length;
    return { entries, readTo: reachedEnd ? Math.max(this.to, cursor) : (entries.at(-1)?.seq ?? cursor) };
  }

  private async pageFromStore(cursor: number, limit: number): Promise<FeedPage> {
    const head = this.feed.head();
    const rows = await this.feed.changesAfter(cursor, limit);
    const last = rows.at(-1)?.seq ?? cursor;
    return {
      entries: rows.map((row) => this.share(row)),
      readTo: rows.length < limit ? Math.max(head, last) : last,
    };
  }

  private extend(): Promise<void> {
    this.extending ??= this.readOn().finally(() => {
      this.extending = undefined;
    });
    return this.extending;
  }

  private async readOn(): Promise<void> {
    const head = this.feed.head();
    if (head - this.to > 4 * tailRows) {
      // Nobody followed for long: start anew at the head; lanes get there by the database.
      this.drop(this.tail.length);
      this.from = head;
      this.to = head;
      return;
    }
    const rows = await this.feed.changesAfter(this.to, extendBy);
    for (const row of rows) {
      const entry = this.share(row);
      const previous = this.newest.get(entry.key);
      if (previous) previous.superseded = true;
      this.newest.set(entry.key, entry);
      this.tail.push(entry);
    }
    const last = this.tail.at(-1)?.seq ?? this.to;
    this.to = rows.length < extendBy ? Math.max(head, last) : last;
    if (this.tail.length > 2 * tailRows) this.drop(this.tail.length - tailRows);
  }

  private drop(count: number): void {
    for (const entry of this.tail.splice(0, count)) {
      if (this.newest.get(entry.key) === entry) this.newest.delete(entry.key);
      this.from = entry.seq;
    }
  }

  private share(row: ChangeRow): FeedEntry {
    const slot = row.seq % recentSlots;
    const known = this.recent[slot];
    if (known?.seq === row.seq) return known;
    const entry = new FeedEntry(row);
    this.recent[slot] = entry;
    return entry;
  }
}

/** Index of the first entry behind `cursor`. */
function firstBehind(entries: readonly FeedEntry[], cursor: number): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((entries[middle]?.seq ?? 0) <= cursor) low = middle + 1;
    else high = middle;
  }
  return low;
}
