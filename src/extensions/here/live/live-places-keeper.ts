import { setTimeout as sleep } from 'node:timers/promises';
import type { Location } from '../../../generated/ocpi.js';
import type { ChangeRow, DocumentTable, LiveChangeFeed } from '../../../platform/storage/index.js';
import { type LiveStore, removalsKept } from '../store/live-store.js';
import { FeedFollower } from './feed-follower.js';
import { FirstLoad, MissedChanges } from './first-load.js';
import { LiveBook } from './live-book.js';
import { LiveJournal } from './live-journal.js';
import type { LivePlace, LivePlaces, PlaceChange, StatusEvent } from './live-places.js';
import { keyOf, type ShownLocation, shownLocation } from './shown-location.js';
import { statusPatch } from './status-patch.js';
import { type StoredPlace, storedPlace, vanished } from './stored-place.js';

export interface LivePlacesKeeperOptions {
  readonly changes: LiveChangeFeed;
  readonly locations: DocumentTable;
  readonly store: LiveStore;
  /** Whether connectors without a stated power are grouped by a derived one. */
  readonly derivedPower: boolean;
  readonly warn: (event: string, detail: Readonly<Record<string, unknown>>) => void;
}

/** Every Location that is shown, kept up to date from the change sequence. */
export class LivePlacesKeeper implements LivePlaces {
  private readonly book: LiveBook;
  private readonly journal: LiveJournal;
  private readonly follower: FeedFollower;
  private missed: MissedChanges | undefined;
  /** While the first load runs: Locations that a change took out, which no older page brings back. */
  private hidden: Set<string> | undefined = new Set();
  private isLoaded = false;
  private stopped = false;
  private seen = 0;
  /** Place of the row that is being taken in. */
  private present = 0;
  /** Behind this place no document is newer than the rows that led to it; undefined while no such place is awaited. */
  private closingAt: number | undefined;
  private askedAt = -1;
  private readonly stopping = new AbortController();
  private beginning: Promise<void> | undefined;
  private readonly whenReady: Promise<void>;
  private becomeReady: () => void = () => undefined;
  isReady = false;

  constructor(private readonly options: LivePlacesKeeperOptions) {
    const { changes, store } = options;
    this.whenReady = new Promise((resolve) => {
      this.becomeReady = resolve;
    });
    this.book = new LiveBook({
      onError: (error) => this.warn('ev.listener-failed', error),
      onDirty: (key) => this.journal.changed(key, this.present),
      onRemoved: (event) => this.journal.removed(event),
    });
    this.journal = new LiveJournal({
      store,
      place: (key) => this.book.place(key),
      cursor: () => (this.isReady ? this.follower.cursor : undefined),
      floor: () => this.book.removed.floor,
      onError: (error) => this.warn('ev.statuses-not-stored', error),
    });
    this.follower = new FeedFollower({
      feed: changes,
      take: (row) => this.take(row),
      caughtUp: () => this.caughtUp(),
      onError: (error, retryInMs) => this.warn('ev.follow-failed', error, { retryInMs }),
    });
  }

  get offset(): number {
    return this.seen;
  }

  get size(): number {
    return this.book.size;
  }

  /** Begins to follow, and to read what is stored; both go on in the background. */
  start(): void {
    this.beginning ??= this.begin();
  }

  /** Resolves once the stored Locations are read and all that changed meanwhile is taken in. */
  ready(): Promise<void> {
    return this.whenReady;
  }

  /** Ends following and stores what has to outlive this process. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.stopping.abort();
    await this.follower.stop();
    await this.beginning;
    await this.journal.stop();
  }

  find(key: string): LivePlace | undefined {
    return this.book.find(key);
  }

  keys(): IterableIterator<string> {
    return this.book.keys();
  }

  statusesAfter(offset: number, limit: number): readonly StatusEvent[] | undefined {
    return this.isReady ? this.book.statusesAfter(offset, limit) : undefined;
  }

  onChange(listener: (change: PlaceChange) => void): () => void {
    return this.book.onChange(listener);
  }

  private async begin(): Promise<void> {
    const missed = await this.untilDone(() => this.whatWasMissed());
    if (!missed) return;
    this.missed = missed;
    this.follower.start(missed.head);
    const load = new FirstLoad({
      list: this.options.locations.list,
      store: this.options.store,
      isKnown: (key) => this.book.has(key) || this.hidden?.has(key) === true,
      keyOf: (location) => this.derived(location, () => keyOf(location)),
      take: (key, location, stored) => this.load(key, location, stored),
      isStopped: () => this.stopped,
    });
    await this.untilDone(() => load.run());
    if (this.stopped) return;
    this.book.settle();
    this.hidden = undefined;
    this.missed = undefined;
    this.isLoaded = true;
    this.follower.ask();
  }

  private async whatWasMissed(): Promise<MissedChanges> {
    const { changes, store } = this.options;
    const head = await changes.refresh();
    let { cursor, floor } = await store.position();
    if (cursor > head) {
      // The database is an older one than the store was made from.
      await store.clear();
      cursor = 0;
      floor = 0;
    }
    // Without the store nobody knows what had gone away before.
    if (cursor === 0) floor = Math.max(floor, head);
    const missed = await MissedChanges.read(changes, cursor, head);
    const removals = await store.removals(removalsKept);
    const events = removals.map(({ text }) => JSON.parse(text) as StatusEvent);
    const dropped = events.length === removalsKept ? (events[0]?.offset ?? 0) : 0;
    this.book.removed.restore(events, Math.max(floor, dropped));
    await this.noteDeleted(missed);
    this.seen = head;
    return missed;
  }

  /** Locations that were deleted while nobody looked: their EVSEs went away. */
  private async noteDeleted({ deleted }: MissedChanges): Promise<void> {
    for (let from = 0; from < deleted.length; from += 200) {
      const part = deleted.slice(from, from + 200);
      const stored = await this.options.store.read(part.map(({ key }) => key));
      for (const { key, at } of part) {
        const place = storedPlace(stored.get(key));
        if (place) this.noteVanished(vanished(key, place, undefined, at), key, at.seq);
      }
    }
  }

  private noteVanished(events: readonly StatusEvent[], key: string, offset: number): void {
    if (events.length === 0) return;
    this.book.removed.restore(events, 0);
    for (const event of events) this.journal.removed(event);
    this.journal.changed(key, offset);
  }

  /** One Location of the first load. */
  private load(key: string, location: Location, stored: StoredPlace | undefined): void {
    const { missed } = this;
    if (!missed) return;
    const shown = this.shown(location);
    const uids = this.derived(location, () => (location.evses ?? []).map(({ uid }) => String(uid))) ?? [];
    const newest = missed.newest(key, uids);
    const offset = Math.max(stored?.offset ?? 0, newest?.seq ?? (stored ? 0 : missed.head));
    if (shown) {
      const states = missed.states(shown, stored && missed.known(key, stored));
      this.book.load(shown, location, states, offset);
    }
    if (stored ? newest : shown) this.journal.changed(key, offset);
    if (!stored) return;
    const at = newest ?? { seq: missed.head, receivedAt: 0 };
    this.noteVanished(vanished(key, stored, this.book.find(key), at), key, offset);
  }

  /** One row of the change sequence. */
  private take(row: ChangeRow): Promise<void> | undefined {
    const { seq, module, object, laneKey, kind, patch, recordedAt } = row;
    this.present = seq;
    if (module === 'tariffs') this.book.tariff(object, seq);
    if (module !== 'locations') return undefined;
    const at = { seq, receivedAt: recordedAt };
    if (object === laneKey) {
      if (kind !== 'DELETE' || this.missed) return this.read(row);
      this.book.hide(laneKey, at);
      return undefined;
    }
    const found = kind === 'PATCH' && patch !== undefined ? statusPatch(patch) : undefined;
    const evse = object.slice(laneKey.length + 1);
    if (found && this.book.status(laneKey, evse, found.status, found.modified ?? recordedAt, at)) return undefined;
    return this.read(row);
  }

  private async read({ seq, object, laneKey, recordedAt }: ChangeRow): Promise<void> {
    const at = { seq, receivedAt: recordedAt };
    const document = await this.options.locations.find(laneKey);
    const stored = await this.storedBefore(laneKey);
    const location = document === undefined ? undefined : (JSON.parse(document) as Location);
    const shown = location && this.shown(location);
    if (shown) {
      const evse = object === laneKey ? undefined : object.slice(laneKey.length + 1);
      this.book.put(shown, location, at, evse, stored && this.missed?.known(laneKey, stored));
    } else {
      this.hidden?.add(laneKey);
      this.book.hide(laneKey, at);
    }
    if (stored) this.noteVanished(vanished(laneKey, stored, this.book.find(laneKey), at), laneKey, seq);
  }

  /** What was stored of a Location that the first load has not come to. */
  private async storedBefore(key: string): Promise<StoredPlace | undefined> {
    if (!this.missed || this.book.has(key) || this.hidden?.has(key)) return undefined;
    const stored = storedPlace((await this.options.store.read([key])).get(key));
    // The first load may have come to it meanwhile.
    return this.book.has(key) ? undefined : stored;
  }

  private async caughtUp(): Promise<void> {
    const { cursor } = this.follower;
    this.seen = Math.max(this.seen, cursor);
    if (!this.isLoaded) return;
    if (this.closingAt === undefined) {
      if (!this.book.isAhead) return;
      this.closingAt = await this.options.changes.refresh();
      this.book.closeIn();
    }
    // A place that no row has would be awaited for ever: once is enough.
    if (cursor < this.closingAt && cursor !== this.askedAt) {
      this.askedAt = cursor;
      return this.follower.ask();
    }
    this.closingAt = undefined;
    this.book.closed();
    if (this.isReady) return;
    this.isReady = true;
    this.becomeReady();
    void this.journal.flush();
  }

  private shown(location: Location): ShownLocation | undefined {
    return this.derived(location, () => shownLocation(location, this.options.derivedPower));
  }

  /** An odd document must not keep all others from being shown. */
  private derived<T>(location: Location, derive: () => T): T | undefined {
    try {
      return derive();
    } catch (error) {
      this.warn('ev.location-unusable', error, { location: String(location?.id) });
      return undefined;
    }
  }

  /** Tries until it is done; undefined if it was stopped. */
  private async untilDone<T>(work: () => Promise<T>): Promise<T | undefined> {
    for (let pauseMs = 100; !this.stopped; pauseMs = Math.min(2 * pauseMs, 10_000)) {
      try {
        return await work();
      } catch (error) {
        this.warn('ev.load-failed', error, { retryInMs: pauseMs });
        await sleep(pauseMs, undefined, { signal: this.stopping.signal }).catch(() => undefined);
      }
    }
    return undefined;
  }

  private warn(event: string, error: unknown, detail: Readonly<Record<string, unknown>> = {}): void {
    this.options.warn(event, { error: error instanceof Error ? error.message : String(error), ...detail });
  }
}
