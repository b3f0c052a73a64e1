import type { LivePlaces, PlaceChange } from '../live/live-places.js';
import type { PlaceIndex, PlaceRow } from './place-index.js';
import { placeRow } from './place-row.js';

export interface PlaceIndexerParts {
  readonly live: LivePlaces;
  readonly index: PlaceIndex;
  /** As the groups have it. */
  readonly derivedPower: boolean;
  readonly warn: (event: string, detail: Readonly<Record<string, unknown>>) => void;
  /** A database that was away is asked again after so long, ms; 1,000 unless given. */
  readonly againMs?: number;
}

/** Rows of one write: what a synchronous database does in few milliseconds, more if many wait in memory. */
const batchOf = (waiting: number): number => Math.min(Math.max(waiting >> 3, 64), 512);

/**
 * Keeps the index as the live places are: in batches, between requests. Nobody waits for it; what is found in the index is judged by
 * the live places, so that a row that is behind shows nothing that is gone.
 *
 * Rows that are there already with the same offset are not written again, and rows of places that are no longer there
 * are removed once all are known.
 */
export class PlaceIndexer {
  private readonly waiting = new Map<string, PlaceRow | { readonly key: string; readonly offset: number }>();
  /** What the index had at the start and was not met since; undefined once that is settled. */
  private unmet: Map<string, number> | undefined;
  private readonly unfollow: () => void;
  private work: Promise<void> | undefined;
  private stopped = false;
  private wake: (() => void) | undefined;

  private constructor(
    private readonly parts: PlaceIndexerParts,
    known: Map<string, number>,
  ) {
    this.unmet = known;
    this.unfollow = parts.live.onChange((change) => this.take(change));
  }

  /** Reads what is in the index, and follows. To be awaited before the live places begin to read what is stored. */
  static async open(parts: PlaceIndexerParts): Promise<PlaceIndexer> {
    return new PlaceIndexer(parts, await parts.index.offsets());
  }

  /** How many changes the index is behind. */
  get backlog(): number {
    return this.waiting.size;
  }

  /** To be called when the live places are ready: what they do not have is removed from the index. */
  settle(): void {
    const { unmet } = this;
    this.unmet = undefined;
    const { live } = this.parts;
    for (const [key, offset] of unmet ?? [])
      if (!live.find(key) && !this.waiting.has(key))
        this.waiting.set(key, { key, offset: Math.max(offset, live.offset) });
    this.start();
  }

  /** Resolves once the index has all that was told until now. */
  async idle(): Promise<void> {
    while (this.work !== undefined) await this.work;
  }

  /** Ends after the write under way; what is left is found again by the next start. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.unfollow();
    this.wake?.();
    await this.work;
  }

  private take(change: PlaceChange): void {
    if (change.kind === 'place') {
      const { place, location } = change;
      const known = this.unmet?.get(place.key);
      this.unmet?.delete(place.key);
      if (known !== undefined && known >= place.offset) return;
      this.add(place.key, () => placeRow(place, location, this.parts.derivedPower));
    } else if (change.kind === 'removed') {
      this.unmet?.delete(change.key);
      this.add(change.key, () => ({ key: change.key, offset: change.offset }));
    }
  }

  private add(key: string, make: () => PlaceRow | { readonly key: string; readonly offset: number }): void {
    try {
      this.waiting.set(key, make());
      this.start();
    } catch (error) {
      this.parts.warn('ev.place-not-indexed', { key, reason: (error as Error).message });
    }
  }

  private start(): void {
    this.work ??= this.writeAll().finally(() => {
      this.work = undefined;
      if (this.waiting.size > 0 && !this.stopped) this.start();
    });
  }

  private async writeAll(): Promise<void> {
    let failures = 0;
    await turn();
    while (this.waiting.size > 0 && !this.stopped) {
      const entries = [...firstOf(this.waiting, batchOf(this.waiting.size))];
      try {
        const values = entries.map(([, value]) => value);
        await this.parts.index.write(
          values.filter((value): value is PlaceRow => 'details' in value),
          values.filter((value) => !('details' in value)),
        );
        for (const [key, value] of entries) if (this.waiting.get(key) === value) this.waiting.delete(key);
        failures = 0;
        await turn();
      } catch (error) {
        if (failures++ === 0) this.parts.warn('ev.index-failed', { reason: (error as Error).message });
        await this.pause();
      }
    }
  }

  private pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.parts.againMs ?? 1_000);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** Requests that are waiting come first. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function* firstOf<K, V>(map: ReadonlyMap<K, V>, count: number): Generator<[K, V]> {
  let left = count;
  for (const entry of map) {
    if (left-- <= 0) return;
    yield entry;
  }
}
