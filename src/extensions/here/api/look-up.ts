import type { Location } from '../../../generated/ocpi.js';
import type { Clock } from '../../../kernel/clock.js';
import type { EvCall } from '../http/ev-route.js';
import type { LivePlace, LivePlaces } from '../live/live-places.js';
import { placeKeyOf } from '../model/place-id.js';
import type { TariffSource } from '../tariffs/tariff-source.js';
import { type Answer, AnswerCache, TariffChanges } from './answer-cache.js';
import { groupsOfDocument, placeAnswer } from './place-answer.js';
import type { PredictionSource, ReliabilitySource } from './sources.js';
import type { Wish } from './wish.js';

export interface LookUpParts {
  readonly live: LivePlaces;
  /** Stored Locations by object key. */
  readonly locations: { find(key: string): Promise<string | undefined> };
  readonly tariffs: TariffSource;
  readonly predictions: PredictionSource | undefined;
  readonly reliability: ReliabilitySource | undefined;
  /** Whether connectors without a stated power are grouped by volts, amperes and phases. */
  readonly derivedPower?: boolean;
  readonly clock: Clock;
  /** How many bytes of answers are kept. */
  readonly cacheBytes?: number;
}

/** JSON of the place; `left-out`: it has nothing of what was asked for; `missing`: there is none, or none for the asker. */
export type Found = Buffer | 'left-out' | 'missing';

const defaultCacheBytes = 12 * 1024 * 1024;
/** Local midnights all over the world fall on a multiple of it. */
const quarterHour = 900_000;

/** Looks places up and keeps the answers as long as nothing that went into them has changed. */
export class LookUp {
  private readonly cache: AnswerCache;
  private readonly tariffChanges = new TariffChanges();
  private readonly stopListening: () => void;

  constructor(private readonly parts: LookUpParts) {
    this.cache = new AnswerCache(parts.cacheBytes ?? defaultCacheBytes);
    this.stopListening = parts.live.onChange((change) => {
      if (change.kind === 'tariff') this.tariffChanges.note(change.key);
    });
  }

  close(): void {
    this.stopListening();
  }

  /** Bytes of answers that are kept. */
  get cachedBytes(): number {
    return this.cache.bytes;
  }

  /** @param id in any of its forms; what the asker may not see is `missing`, as if it were not there */
  find(id: string, wish: Wish, sees: EvCall['sees']): Found | Promise<Found> {
    const key = placeKeyOf(id);
    if (key === undefined) return 'missing';
    const place = this.parts.live.find(key);
    // The live places know all that is shown, once they are read.
    if (!place && this.parts.live.isReady) return 'missing';
    const owner = place?.owner ?? key.slice(0, key.lastIndexOf('/'));
    if (!sees(owner, 'locations')) return 'missing';
    const seesTariffs = wish.fields.has('tariffs') && sees(owner, 'tariffs');
    if (!place) return this.fresh(key, undefined, wish, seesTariffs).then(foundOf);
    const name = `${key} ${seesTariffs ? 1 : 0} ${wish.text}`;
    const kept = this.cache.find(name);
    if (kept && this.isGood(kept, place, wish)) return foundOf(kept);
    return this.fresh(key, place, wish, seesTariffs).then((answer) => {
      if (answer) this.cache.keep(name, answer);
      return foundOf(answer);
    });
  }

  private isGood(kept: Answer, place: LivePlace, wish: Wish): boolean {
    return (
      kept.offset === place.offset &&
      kept.freshUntil > this.parts.clock.now() &&
      kept.versions === this.versionsFor(wish) &&
      !this.tariffChanges.since(kept.tariffsAt, kept.tariffKeys)
    );
  }

  private versionsFor({ fields }: Wish): string {
    const { predictions, reliability } = this.parts;
    if (!fields.has('predictions') && !fields.has('reliability')) return '';
    return `${fields.has('predictions') ? predictions?.version() : ''} ${fields.has('reliability') ? reliability?.version() : ''}`;
  }

  /** What an answer is made from is looked at before it is read: what changes meanwhile makes the answer old at once. */
  private async fresh(
    key: string,
    place: LivePlace | undefined,
    wish: Wish,
    seesTariffs: boolean,
  ): Promise<Answer | undefined> {
    const { parts } = this;
    const { fields } = wish;
    const now = parts.clock.now();
    const offset = place?.offset ?? 0;
    const versions = this.versionsFor(wish);
    const tariffsAt = this.tariffChanges.now;
    const text = await parts.locations.find(key);
    if (text === undefined) return undefined;
    const location = JSON.parse(text) as Location;
    if (location.publish === false) return undefined;
    const groups = place?.groups ?? groupsOfDocument(location, parts.derivedPower ?? false);
    if (!groups) return undefined;
    const tariffs = seesTariffs ? await parts.tariffs.of(location, wish.tariff, () => true, now) : undefined;
    const predictions = place && fields.has('predictions') ? parts.predictions?.of(place, wish.days) : undefined;
    const reliability = place && fields.has('reliability') ? parts.reliability?.of(place) : undefined;
    const evses = place?.evses;
    const answer = placeAnswer({ key, location, groups, evses, tariffs, predictions, reliability, now }, wish);
    return {
      body: answer && Buffer.from(JSON.stringify(answer), 'utf8'),
      offset,
      versions,
      tariffKeys: tariffs?.keys ?? [],
      tariffsAt,
      freshUntil: Math.min(
        tariffs?.freshUntil ?? Number.POSITIVE_INFINITY,
        // Opening hours lose the exceptions of days that have passed.
        fields.has('locationInfo') ? (Math.floor(now / quarterHour) + 1) * quarterHour : Number.POSITIVE_INFINITY,
      ),
    };
  }
}

const foundOf = (answer: Answer | undefined): Found => (answer ? (answer.body ?? 'left-out') : 'missing');
