import type { Clock } from '../../../kernel/clock.js';
import { ciKey, objectKey } from '../../../kernel/party-ref.js';
import type { LivePlaces } from '../live/live-places.js';
import { dayOfDate } from './calendar.js';
import { type DayRecord, emptyDay } from './day-record.js';
import { foundOrMade } from './found-or-made.js';
import type { DaysOfOwner, HistoryStore } from './history-store.js';
import { packSlot } from './slot.js';
import { placeIdOf } from './subject.js';

/** Occupancy of one Location that was measured elsewhere. */
export interface HistoryItem {
  /** `Location.id`; without a party it has to be the only one with this id. */
  readonly locationId: string;
  readonly country_code?: string;
  readonly party_id?: string;
  /** Local days (`2026-06-02`), each with the share of its EVSEs that were in use in each of 24 hours, percent; null: not known. */
  readonly occ: Readonly<Record<string, readonly (number | null)[]>>;
}

/** What became of the items of one import. */
export interface ImportCounts {
  readonly taken: number;
  /** No Location that is shown has this id. */
  readonly unknown: number;
  /** Several owners have one of this id. */
  readonly ambiguous: number;
}

/** How long the ids of all Locations are remembered, ms. */
const idsFor = 30_000;

/** Takes history from elsewhere, such as that of a former system, for Locations that the hub has. */
export class HistoryImport {
  private ids: { readonly at: number; readonly keys: ReadonlyMap<string, string | null> } | undefined;

  constructor(
    private readonly parts: { readonly live: LivePlaces; readonly store: HistoryStore; readonly clock: Clock },
  ) {}

  /** Resolves once it is on disk; it is taken in later. @param items whose dates are calendar dates with 24 values each */
  async take(items: readonly HistoryItem[]): Promise<ImportCounts> {
    let [taken, unknown, ambiguous] = [0, 0, 0];
    const owners = new Map<string, DaysOfOwner>();
    for (const item of items) {
      const key = this.keyOf(item);
      const place = key === null || key === undefined ? undefined : this.parts.live.find(key);
      if (place) {
        taken++;
        noteDays(
          foundOrMade(owners, place.owner, () => new Map()),
          placeIdOf(place),
          item.occ,
        );
      } else if (key === null) ambiguous++;
      else unknown++;
    }
    await this.parts.store.stage(owners);
    return { taken, unknown, ambiguous };
  }

  /** null: several have this id. */
  private keyOf({ locationId, country_code, party_id }: HistoryItem): string | null | undefined {
    if (country_code !== undefined && party_id !== undefined) return objectKey({ country_code, party_id }, locationId);
    return this.keysById().get(ciKey(locationId));
  }

  private keysById(): ReadonlyMap<string, string | null> {
    const { live, clock } = this.parts;
    if (this.ids && clock.now() - this.ids.at < idsFor) return this.ids.keys;
    const keys = new Map<string, string | null>();
    for (const key of live.keys()) {
      const id = key.slice(key.indexOf('/', key.indexOf('/') + 1) + 1);
      keys.set(id, keys.has(id) ? null : key);
    }
    this.ids = { at: clock.now(), keys };
    setTimeout(() => {
      this.ids = undefined;
    }, idsFor).unref();
    return keys;
  }
}

function noteDays(days: DaysOfOwner, subject: string, occ: HistoryItem['occ']): void {
  for (const [date, values] of Object.entries(occ)) {
    const day = dayOfDate(date);
    if (day === undefined) continue;
    const record = foundOrMade(days, day, (): DayRecord => new Map());
    const slots = emptyDay();
    for (const [hour, percent] of values.entries())
      if (percent !== null) slots[hour] = packSlot({ busy: percent / 100, noneFree: percent >= 100 ? 1 : 0 });
    record.set(subject, slots);
  }
}
