import type { Location, Tariff } from '../../../generated/ocpi.js';
import type { Clock } from '../../../kernel/clock.js';
import { parseDateTime } from '../../../kernel/date-time.js';
import { ciKey, objectKey, partyKey } from '../../../kernel/party-ref.js';
import type { LivePlaces } from '../live/live-places.js';
import { hereStatusOf } from '../model/status.js';
import { type HereTariff, hereTariffOf, publishedKindOf } from './here-tariff.js';
import { selectTariffs, type TariffFilter } from './tariff-filter.js';

export interface TariffSourceParts {
  /** A stored Tariff's text by its object key, `DE/CP1/T1`. */
  readonly read: (key: string) => Promise<string | undefined>;
  readonly live: LivePlaces;
  readonly clock: Clock;
  /** How many Tariffs are kept parsed; what is no price for drivers is kept as a mark only. */
  readonly limit?: number;
}

/** A Tariff that drivers may know, in both forms. */
export interface PublishedTariff {
  readonly key: string;
  readonly tariff: Tariff;
  readonly here: HereTariff;
}

/** The tariffs of a Location that a filter lets through. */
export interface PlaceTariffs {
  /** In order of first appearance at the Location's connectors. */
  readonly tariffs: readonly HereTariff[];
  /** The same, with the Tariffs they were made from. */
  readonly published: readonly PublishedTariff[];
  /** Places in `tariffs` of those with these OCPI ids, each once, ascending; for connectors and groups. HERE section 7.5. */
  indexesOf(tariffIds: readonly unknown[] | null | undefined): readonly number[];
  /** Object keys of all Tariffs that were looked for, those that are not there (TA-05) included: the answer is as new as these. */
  readonly keys: readonly string[];
  /** ms since the epoch from which on the answer may be another without any change; Infinity if never. */
  readonly freshUntil: number;
}

interface Found {
  readonly key: string;
  readonly tariff: Tariff;
}

const defaultLimit = 20_000;
/** There is none, or it is no price for drivers. */
const hidden = 'hidden';

/** Tariffs of Locations, parsed once and kept until their owner changes them. */
export class TariffSource {
  private readonly cache = new Map<string, Tariff | typeof hidden>();
  /** Reads under way by key, so that a change meanwhile is not covered by what was read before it. */
  private readonly reads = new Map<string, Promise<Tariff | typeof hidden>>();
  private readonly stopListening: () => void;

  constructor(private readonly parts: TariffSourceParts) {
    this.stopListening = parts.live.onChange((change) => {
      if (change.kind !== 'tariff') return;
      this.cache.delete(change.key);
      this.reads.delete(change.key);
    });
  }

  close(): void {
    this.stopListening();
    this.cache.clear();
  }

  /** How many are kept, marks included. */
  get size(): number {
    return this.cache.size;
  }

  /**
   * The tariffs of a Location's connectors that hold at a moment. Ids name Tariffs of the Location's own party; those that are not
   * there, and there are many, are passed over (TA-05). A Tariff whose time has not come or has passed is left out (TA-19).
   *
   * @param sees whether the asker may know the Tariffs of an owner (party key)
   * @param at ms since the epoch; now if absent
   */
  async of(
    location: Location,
    filter: TariffFilter,
    sees: (owner: string) => boolean,
    at: number = this.parts.clock.now(),
  ): Promise<PlaceTariffs> {
    if (!sees(partyKey(location))) return placeTariffs(location, [], [], Number.POSITIVE_INFINITY);
    const keys = tariffKeysOf(location);
    const found: Found[] = [];
    for (const key of keys) {
      const kept = this.cache.get(key) ?? (await this.load(key));
      if (kept !== hidden) found.push({ key, tariff: kept });
    }
    let freshUntil = Number.POSITIVE_INFINITY;
    const pool: (HereTariff & { readonly found: Found })[] = [];
    for (const each of found) {
      const { holds, until } = validityOf(each.tariff, at);
      freshUntil = Math.min(freshUntil, until);
      const here = holds ? hereTariffOf(each.tariff, location) : undefined;
      if (here) pool.push({ ...here, found: each });
    }
    const chosen = selectTariffs(filter, pool).map(({ found: { key, tariff }, ...here }) => ({ key, tariff, here }));
    return placeTariffs(location, keys, chosen, freshUntil);
  }

  private load(key: string): Promise<Tariff | typeof hidden> {
    const running = this.reads.get(key);
    if (running !== undefined) return running;
    const read = this.parts.read(key).then(parsed);
    const done = read.then(
      (result) => {
        if (this.reads.get(key) === done) this.keep(key, result);
        return result;
      },
      (error: unknown) => {
        if (this.reads.get(key) === done) this.reads.delete(key);
        throw error;
      },
    );
    this.reads.set(key, done);
    return done;
  }

  private keep(key: string, result: Tariff | typeof hidden): void {
    this.reads.delete(key);
    this.cache.set(key, result);
    const { limit = defaultLimit } = this.parts;
    for (const oldest of this.cache.keys()) {
      if (this.cache.size <= limit) break;
      this.cache.delete(oldest);
    }
  }
}

function parsed(text: string | undefined): Tariff | typeof hidden {
  if (text === undefined) return hidden;
  const tariff = JSON.parse(text) as Tariff;
  // Prices between businesses are not even kept here.
  return publishedKindOf(tariff) ? tariff : hidden;
}

/** Object keys of the Tariffs of those connectors that are shown, each once, in order of appearance. */
function tariffKeysOf(location: Location): readonly string[] {
  const keys = new Set<string>();
  for (const evse of location.evses ?? []) {
    if (hereStatusOf(evse.status) === undefined) continue;
    for (const connector of evse.connectors ?? []) {
      for (const id of connector.tariff_ids ?? []) keys.add(objectKey(location, String(id)));
    }
  }
  return [...keys];
}

function placeTariffs(
  location: Location,
  keys: readonly string[],
  published: readonly PublishedTariff[],
  freshUntil: number,
): PlaceTariffs {
  const places = new Map(published.map(({ key }, place) => [key, place]));
  const owner = { country_code: ciKey(location.country_code), party_id: ciKey(location.party_id) };
  return {
    tariffs: published.map(({ here }) => here),
    published,
    keys,
    freshUntil,
    indexesOf: (tariffIds) => {
      const indexes = new Set<number>();
      for (const id of tariffIds ?? []) {
        const place = places.get(objectKey(owner, String(id)));
        if (place !== undefined) indexes.add(place);
      }
      return [...indexes].sort((a, b) => a - b);
    },
  };
}

/** Whether a Tariff holds at a moment, and up to when that answer stays: from its start, inclusive, to its end. */
function validityOf(tariff: Tariff, at: number): { readonly holds: boolean; readonly until: number } {
  const start = parseDateTime(tariff.start_date_time ?? '') ?? Number.NEGATIVE_INFINITY;
  const end = parseDateTime(tariff.end_date_time ?? '') ?? Number.POSITIVE_INFINITY;
  if (at < start) return { holds: false, until: start };
  return at < end ? { holds: true, until: end } : { holds: false, until: Number.POSITIVE_INFINITY };
}
