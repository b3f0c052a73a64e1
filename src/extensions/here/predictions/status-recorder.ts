import type { Clock } from '../../../kernel/clock.js';
import type { LivePlaces } from '../live/live-places.js';
import { Pace } from '../store/pace.js';
import { hourMs, type LocalHour, localHour } from './calendar.js';
import { type DayRecord, emptyDay } from './day-record.js';
import { foundOrMade } from './found-or-made.js';
import type { HistoryStore } from './history-store.js';
import { HourTallies } from './hour-tallies.js';
import type { ZoneBook } from './zone-book.js';

export interface StatusRecorderParts {
  readonly live: LivePlaces;
  readonly store: HistoryStore;
  readonly zones: ZoneBook;
  readonly clock: Clock;
  /** Whether it is this node that writes. */
  readonly duty: () => Promise<boolean>;
  readonly warn: (error: unknown) => void;
}

const tickMs = 30_000;

/** Watches statuses and writes down, once an hour is over, what it was like everywhere. */
export class StatusRecorder {
  private tallies: HourTallies;
  private writing: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;
  private readonly ending = new AbortController();
  private readonly stopListening: () => void;

  /** @param parts.live before it begins to read */
  constructor(private readonly parts: StatusRecorderParts) {
    const now = parts.clock.now();
    this.tallies = new HourTallies(hourOf(now), now);
    this.stopListening = parts.live.onChange((change) => {
      if (change.kind === 'status' && change.event.previousStatus !== undefined) {
        this.turn(change.event.receivedAt);
        this.tallies.note(change.place, change.event);
      }
      if (change.kind === 'place' && !change.first) this.tallies.rebuilt(change.place.key, parts.clock.now());
      if (change.kind === 'removed') this.tallies.forget(change.key);
    });
  }

  start(): void {
    this.timer = setInterval(() => this.tick(), tickMs);
    this.timer.unref();
  }

  /** Looks whether an hour is over. Resolves once it is written. */
  tick(): Promise<void> {
    this.turn(this.parts.clock.now());
    return this.writing;
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    this.stopListening();
    this.ending.abort();
    await this.writing;
  }

  private turn(now: number): void {
    const hour = hourOf(now);
    const over = this.tallies;
    if (hour <= over.start) return;
    // After a long pause nobody knows what was between.
    const next = new HourTallies(hour, hour - over.start > hourMs ? now : hour);
    this.tallies = next;
    this.writing = this.writing
      .then(() => this.write(over, next))
      .catch((error: unknown) => {
        if (!this.ending.signal.aborted) this.parts.warn(error);
      });
  }

  private async write(over: HourTallies, next: HourTallies): Promise<void> {
    const { live, store, zones } = this.parts;
    if (!live.isReady || !(await this.parts.duty())) return;
    const pace = new Pace(this.ending.signal);
    const hours = new Map<string, LocalHour>();
    const days = new Map<string, { readonly owner: string; readonly day: number; readonly record: DayRecord }>();
    for (const key of live.keys()) {
      await pace.rest();
      const place = live.find(key);
      if (!place) continue;
      const zone = zones.of(place);
      // The middle of the hour: zones that are half an hour off have it in the nearest of theirs.
      const { day, hour } = foundOrMade(hours, zone, () => localHour(over.start + hourMs / 2, zone));
      const { record } = foundOrMade(days, `${place.owner} ${day}`, () => ({
        owner: place.owner,
        day,
        record: new Map(),
      }));
      for (const [subject, slot] of over.slots(place, next)) {
        const slots = emptyDay();
        slots[hour] = slot;
        record.set(subject, slots);
      }
    }
    for (const { owner, day, record } of days.values()) {
      this.ending.signal.throwIfAborted();
      if (record.size > 0) await store.merge(owner, day, record);
    }
    for (const owner of new Set([...days.values()].map((part) => part.owner))) await store.prune(owner);
  }
}

const hourOf = (ms: number): number => Math.floor(ms / hourMs) * hourMs;
