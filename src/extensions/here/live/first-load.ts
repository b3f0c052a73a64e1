import { setImmediate as turn } from 'node:timers/promises';
import type { Location } from '../../../generated/ocpi.js';
import { ciKey, keySegment } from '../../../kernel/party-ref.js';
import type { DocumentList, LiveChangeFeed } from '../../../platform/storage/index.js';
import type { LiveStore } from '../store/live-store.js';
import type { ChangePlace } from './live-book.js';
import type { EvseState } from './place.js';
import type { ShownLocation } from './shown-location.js';
import { knownStates, type StoredPlace, storedPlace } from './stored-place.js';

/** How long one slice may take, ms. */
const sliceMs = 4;
const mostOfOnePage = 200;

/** Where the newest changes stand that the store does not know of. */
export class MissedChanges {
  private readonly places = new Map<string, ChangePlace>();
  /** Locations that were deleted. */
  readonly deleted: { readonly key: string; readonly at: ChangePlace }[] = [];

  private constructor(
    /** Changes up to this place were missed; all others are told as they come. */
    readonly head: number,
    readonly isFirst: boolean,
  ) {}

  /** @param cursor up to where the store knows everything */
  static async read(feed: LiveChangeFeed, cursor: number, head: number): Promise<MissedChanges> {
    const missed = new MissedChanges(head, cursor === 0);
    for (let at = cursor; at < head; ) {
      const rows = await feed.changesAfter(at, 1_000);
      for (const { seq, module, object, laneKey, kind, recordedAt } of rows) {
        at = seq;
        if (seq > head) break;
        if (module !== 'locations') continue;
        const place = { seq, receivedAt: recordedAt };
        if (kind === 'DELETE' && object === laneKey) missed.deleted.push({ key: laneKey, at: place });
        else missed.places.set(object, place);
      }
      if (rows.length === 0) break;
      await turn();
    }
    return missed;
  }

  /** The newest change of an EVSE, or of its Location as a whole. */
  of(key: string, uid: string): ChangePlace | undefined {
    const whole = this.places.get(key);
    const own = this.places.get(`${key}/${keySegment(uid)}`);
    return own && (!whole || own.seq > whole.seq) ? own : whole;
  }

  /** The newest change of a Location or of anything in it. */
  newest(key: string, uids: Iterable<string>): ChangePlace | undefined {
    let newest = this.places.get(key);
    for (const uid of uids) {
      const at = this.of(key, uid);
      if (at && at.seq > (newest?.seq ?? -1)) newest = at;
    }
    return newest;
  }

  /** What was known of a Location's EVSEs, each lifted to the newest place at which it may have changed. */
  known(key: string, stored: StoredPlace): Map<string, EvseState> {
    const known = knownStates(stored);
    for (const [uid, state] of known) {
      const at = this.of(key, uid);
      if (at && at.seq > state.offset) known.set(uid, { ...state, offset: at.seq });
    }
    return known;
  }

  /**
   * The states of a Location's EVSEs as they are now. One whose status is another than was known changed at its newest place;
   * where nothing is known, `modified` is the EVSE's `last_updated`.
   */
  states({ key, evses }: ShownLocation, known: ReadonlyMap<string, EvseState> | undefined): readonly EvseState[] {
    return evses.map(({ uid, status, lastUpdated }) => {
      const before = known?.get(ciKey(uid));
      if (before?.status === status) return before;
      const at = this.of(key, uid) ?? { seq: this.head, receivedAt: lastUpdated };
      const modified = lastUpdated || at.receivedAt;
      return { status, previous: before?.status, modified, offset: at.seq, receivedAt: at.receivedAt };
    });
  }
}

export interface FirstLoadOptions {
  readonly list: DocumentList;
  readonly store: LiveStore;
  /** Whether a Location need not be looked at: a change told of it meanwhile. */
  readonly isKnown: (key: string) => boolean;
  readonly keyOf: (location: Location) => string | undefined;
  readonly take: (key: string, location: Location, stored: StoredPlace | undefined) => void;
  readonly isStopped: () => boolean;
}

/** Reads all stored Locations, page after page, in slices that leave room for everything else; it can be resumed. */
export class FirstLoad {
  private position: number | undefined;
  private limit = 50;

  constructor(private readonly options: FirstLoadOptions) {}

  /** Rejects if the database cannot be read; what was read until then stays. */
  async run(): Promise<void> {
    const { list, store, isStopped } = this.options;
    for (let more = true; more && !isStopped(); ) {
      const startedAt = performance.now();
      const query = { offset: 0, limit: this.limit };
      const page = await list.page(this.position === undefined ? query : { ...query, position: this.position });
      const locations = JSON.parse(`[${page.body.toString('utf8')}]`) as Location[];
      const keys = locations.map((location) => this.options.keyOf(location));
      const stored = await store.read(keys.filter((key) => key !== undefined));
      await this.takeAll(locations, keys, stored);
      this.position = page.lastId;
      more = page.more;
      this.pace(performance.now() - startedAt);
      await turn();
    }
  }

  private async takeAll(
    locations: readonly Location[],
    keys: readonly (string | undefined)[],
    stored: ReadonlyMap<string, string>,
  ): Promise<void> {
    let sliceEnd = performance.now() + sliceMs;
    for (const [index, location] of locations.entries()) {
      const key = keys[index];
      // Asked as late as this: what was told while the page was under way is newer.
      if (key !== undefined && !this.options.isKnown(key))
        this.options.take(key, location, storedPlace(stored.get(key)));
      if (performance.now() < sliceEnd) continue;
      await turn();
      sliceEnd = performance.now() + sliceMs;
    }
  }

  private pace(tookMs: number): void {
    if (tookMs > 2 * sliceMs) this.limit = Math.max(10, this.limit >> 1);
    else if (tookMs < sliceMs) this.limit = Math.min(mostOfOnePage, this.limit + 10);
  }
}
