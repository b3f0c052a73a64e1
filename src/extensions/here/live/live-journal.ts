import { keySegment } from '../../../kernel/party-ref.js';
import type { LiveStore, StoredRemoval, StoredStatuses } from '../store/live-store.js';
import type { StatusEvent } from './live-places.js';
import type { Place } from './place.js';
import { storedText } from './stored-place.js';

/** How long changes are gathered before they are stored, ms; a crash costs at most that, and it is made up for at the next start. */
const gatherMs = 1_000;
/** Rows of one batch: what SQLite writes in a few ms. */
const batchSize = 200;

export interface LiveJournalOptions {
  readonly store: LiveStore;
  readonly place: (key: string) => Place | undefined;
  /** Place up to which everything is taken in and told to this journal; undefined while that cannot be said. */
  readonly cursor: () => number | undefined;
  readonly floor: () => number;
  readonly onError: (error: unknown) => void;
}

/** Brings what a restart must not lose to the store, some time after it happened, never in its way. */
export class LiveJournal {
  private dirty = new Map<string, number>();
  private removals: StoredRemoval[] = [];
  private timer: NodeJS.Timeout | undefined;
  private turn: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(private readonly options: LiveJournalOptions) {}

  /** @param offset place of the change */
  changed(key: string, offset: number): void {
    this.dirty.set(key, offset);
    this.arm();
  }

  removed(event: StatusEvent): void {
    const object = `${event.key}/${keySegment(event.evseUid)}`;
    this.removals.push({ offset: event.offset, object, text: JSON.stringify(event) });
    this.arm();
  }

  /** Stores what there is. What cannot be stored is kept for the next time. */
  flush(): Promise<void> {
    this.turn = this.turn.then(() => this.write()).catch((error: unknown) => this.options.onError(error));
    return this.turn;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.flush();
  }

  private arm(): void {
    if (this.timer !== undefined || this.stopped) return;
    this.timer = setTimeout(() => {
      void this.flush().then(() => {
        this.timer = undefined;
        if (this.dirty.size > 0 || this.removals.length > 0) this.arm();
      });
    }, gatherMs);
    this.timer.unref();
  }

  private async write(): Promise<void> {
    const { store, cursor: cursorOf, floor: floorOf } = this.options;
    const cursor = cursorOf();
    const waiting = this.dirty;
    const removals = this.removals;
    this.dirty = new Map();
    this.removals = [];
    let done = 0;
    try {
      const keys = [...waiting];
      do {
        const part = keys.slice(done, done + batchSize);
        const isLast = done + batchSize >= keys.length;
        await store.write({
          statuses: part.map(([key, offset]) => this.row(key, offset)),
          removals: isLast ? removals : [],
          // What the cursor promises is stored with the last batch at the latest.
          cursor: (isLast ? cursor : undefined) ?? 0,
          floor: floorOf(),
        });
        done += batchSize;
        await new Promise((resolve) => setImmediate(resolve));
      } while (done < keys.length);
    } catch (error) {
      for (const [key, offset] of [...waiting].slice(done)) if (!this.dirty.has(key)) this.dirty.set(key, offset);
      this.removals = [...removals, ...this.removals];
      throw error;
    }
  }

  private row(key: string, offset: number): StoredStatuses {
    const place = this.options.place(key);
    return place
      ? { key, offset: place.offset, text: storedText(place) }
      : { key, offset: Math.max(offset, 0), text: undefined };
  }
}
