import type { LivePlaces } from '../live/live-places.js';
import { Pace } from '../store/pace.js';
import type { HistoryStore } from './history-store.js';
import { type Profile, profileOf, type Wider, waitsOf } from './profile.js';
import { ProfileShelf } from './profile-shelf.js';
import { Regions } from './regions.js';
import { type Ring, readRing } from './ring.js';
import { placeOfSubject } from './subject.js';
import { smoothed, weekSums } from './week-sums.js';

export interface ForecasterParts {
  readonly live: LivePlaces;
  readonly store: HistoryStore;
  readonly warn: (error: unknown) => void;
  /** How often profiles are made anew, ms. */
  readonly everyMs?: number;
}

const defaultEveryMs = 6 * 3_600_000;

/**
 * Makes profiles from the history, in the background and owner by owner, so that an answer only has to look them up. A group is
 * drawn towards its site, a site towards its region.
 */
export class Forecaster {
  private shelves: ReadonlyMap<string, ProfileShelf> = new Map();
  private made = 0;
  private running: Promise<void> | undefined;
  private again = false;
  private timer: NodeJS.Timeout | undefined;
  private readonly ending = new AbortController();

  constructor(private readonly parts: ForecasterParts) {}

  /** Moves with each set of profiles. */
  get version(): number {
    return this.made;
  }

  /** Subjects with a profile. */
  get size(): number {
    let size = 0;
    for (const shelf of this.shelves.values()) size += shelf.size;
    return size;
  }

  find(owner: string, subject: string): Profile | undefined {
    return this.shelves.get(owner)?.find(subject);
  }

  start(): void {
    this.timer = setInterval(() => void this.make(), this.parts.everyMs ?? defaultEveryMs);
    this.timer.unref();
  }

  /** Makes all profiles anew. Resolves once they are in use; never rejects. */
  make(): Promise<void> {
    this.again = this.running !== undefined;
    this.running ??= this.run().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    this.ending.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    do {
      this.again = false;
      try {
        this.shelves = await this.all();
        this.made++;
      } catch (error) {
        if (this.ending.signal.aborted) return;
        this.parts.warn(error);
      }
    } while (this.again);
  }

  private async all(): Promise<ReadonlyMap<string, ProfileShelf>> {
    const pace = new Pace(this.ending.signal);
    const owners = await this.parts.store.owners();
    const regions = new Regions();
    for (const owner of owners) {
      const { days, slots } = await readRing(this.parts.store, owner, pace);
      for (const [subject, seen] of slots) {
        await pace.rest();
        const place = subject === placeOfSubject(subject) ? this.place(owner, subject) : undefined;
        if (place) regions.note(place, weekSums(seen, days), waitsOf(seen, days));
      }
    }
    const shelves = new Map<string, ProfileShelf>();
    for (const owner of owners) {
      const ring = await readRing(this.parts.store, owner, pace);
      const shelf = new ProfileShelf(ring.slots.size);
      for (const [subject, seen] of ring.slots) {
        await pace.rest();
        const wider = this.widerOf(owner, subject, ring, regions);
        if (wider) shelf.add(subject, profileOf(seen, ring.days, wider));
      }
      if (shelf.size > 0) shelves.set(owner, shelf.close());
    }
    return shelves;
  }

  /** What a subject is drawn towards; undefined: its place is not shown any more. */
  private widerOf(owner: string, subject: string, { days, slots }: Ring, regions: Regions): Wider | undefined {
    const id = placeOfSubject(subject);
    const place = this.place(owner, id);
    if (!place) return undefined;
    const site = subject === id ? undefined : slots.get(id);
    return site ? { sums: smoothed(weekSums(site, days)), waits: waitsOf(site, days) } : regions.of(place);
  }

  private place(owner: string, id: string) {
    return this.parts.live.find(`${owner}/${id}`);
  }
}
