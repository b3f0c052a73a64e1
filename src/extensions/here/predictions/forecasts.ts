import type { Clock } from '../../../kernel/clock.js';
import type { LivePlace } from '../live/live-places.js';
import { dateOfDay, hourMs, hoursPerDay, localHour, weekdayOf } from './calendar.js';
import type { Forecaster } from './forecaster.js';
import type { PlacePredictions, Prediction } from './prediction.js';
import { busyAt, confidenceOf, noneFreeAt, type Profile, waitOf } from './profile.js';
import { busyNow, groupSubject, placeIdOf, subjectsOf } from './subject.js';
import type { ZoneBook } from './zone-book.js';

export interface ForecastsParts {
  readonly forecaster: Pick<Forecaster, 'find' | 'version'>;
  readonly zones: Pick<ZoneBook, 'of'>;
  readonly clock: Clock;
}

/** How much of a difference from what is usual is left an hour later. */
const persistence = 0.82;
/** The live status counts more than what is usual for so many hours. */
const persistentHours = 3;
const quarterHour = hourMs / 4;

/** What is expected, from profiles and from how things stand now. */
export class Forecasts {
  constructor(private readonly parts: ForecastsParts) {}

  /** Moves when an answer may be another one: with new profiles, and as time goes on. */
  version(): string {
    const { forecaster, clock } = this.parts;
    return `${forecaster.version}/${Math.floor(clock.now() / quarterHour)}`;
  }

  /** Undefined where there is no history to go by. @param days from today on, local time of the place */
  of(place: LivePlace, days: number): PlacePredictions | undefined {
    const { forecaster, clock, zones } = this.parts;
    const id = placeIdOf(place);
    const profile = forecaster.find(place.owner, id);
    if (!profile) return undefined;
    const now = localHour(clock.now(), zones.of(place));
    const subjects = subjectsOf(place);
    const standing = (name: string): number | undefined => {
      const subject = subjects.find((one) => one.name === name);
      return subject && busyNow(subject.counts);
    };
    const daysFrom = (own: Profile, busy: number | undefined, confidence: number): readonly Prediction[] =>
      Array.from({ length: days }, (_, at) => dayOf(own, now, at, busy, confidence));
    const whole = daysFrom(profile, standing(id), confidenceOf(profile));
    return {
      place: whole,
      group(standard, maxPower) {
        const group = place.groups.find((one) => one.standard === standard && one.maxPower === maxPower);
        if (!group || group.connectorCount === place.evses.length) return whole;
        const name = groupSubject(id, standard, maxPower);
        const own = forecaster.find(place.owner, name);
        // As long as a group has no history of its own, its site's is the best there is; how good that is, nobody measured.
        return own ? daysFrom(own, standing(name), confidenceOf(own)) : daysFrom(profile, standing(name), 0);
      },
    };
  }
}

function dayOf(
  profile: Profile,
  now: { readonly day: number; readonly hour: number },
  ahead: number,
  busyAtOnce: number | undefined,
  confidence: number,
): Prediction {
  const day = now.day + ahead;
  const from = weekdayOf(day) * hoursPerDay;
  const usualNow = noneFreeAt(profile, weekdayOf(now.day) * hoursPerDay + now.hour);
  const wait = waitOf(profile);
  const [free, waits, busy]: [number[], number[], number[]] = [[], [], []];
  for (let hour = 0; hour < hoursPerDay; hour++) {
    const hours = ahead * hoursPerDay + hour - now.hour;
    const left = busyAtOnce !== undefined && hours >= 0 ? persistence ** hours : 0;
    const difference = (busyAtOnce === 1 ? 1 : 0) - usualNow;
    const none = Math.min(1, Math.max(0, noneFreeAt(profile, from + hour) + left * difference));
    free.push(hundredths(1 - none));
    waits.push(Math.round(none * wait));
    const asNow = hours >= 0 && hours <= persistentHours ? busyAtOnce : undefined;
    busy.push(hundredths(asNow ?? busyAt(profile, from + hour)));
  }
  return {
    date: dateOfDay(day),
    confidence: hundredths(confidence),
    periodsPerDay: hoursPerDay,
    availabilityProbabilities: free,
    predictedWaitTimes: waits,
    predictedOccupancies: busy,
  };
}

const hundredths = (share: number): number => Math.round(share * 100) / 100;
