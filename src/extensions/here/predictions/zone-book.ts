import type { LivePlace, LivePlaces } from '../live/live-places.js';

/** Time zones of places: one for most of a country, and those that differ. */
export class ZoneBook {
  private readonly common = new Map<string, string>();
  private readonly others = new Map<string, string>();
  private readonly stopListening: () => void;

  /** @param live before it begins to read */
  constructor(live: LivePlaces) {
    this.stopListening = live.onChange((change) => {
      if (change.kind === 'place') this.note(change.place, change.location.time_zone);
      if (change.kind === 'removed') this.others.delete(change.key);
    });
  }

  close(): void {
    this.stopListening();
  }

  of({ key, country }: Pick<LivePlace, 'key' | 'country'>): string {
    return this.others.get(key) ?? this.common.get(country) ?? 'utc';
  }

  private note({ key, country }: LivePlace, zone: string | null | undefined): void {
    if (typeof zone !== 'string' || zone === '') return;
    const common = this.common.get(country);
    if (common === undefined) this.common.set(country, zone);
    if (common === undefined || common === zone) this.others.delete(key);
    else this.others.set(key, zone);
  }
}
