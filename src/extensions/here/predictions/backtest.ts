import type { LivePlaces } from '../live/live-places.js';
import { Pace } from '../store/pace.js';
import { dateOfDay, hoursPerDay, weekdayOf } from './calendar.js';
import type { HistoryStore } from './history-store.js';
import { busyIn, expected, noneFreeIn, waitsOf } from './profile.js';
import { Regions } from './regions.js';
import { readRing } from './ring.js';
import { busyOf, noneFreeOf, unknownSlot } from './slot.js';
import { placeOfSubject } from './subject.js';
import { weekSums } from './week-sums.js';

/** How far guesses were off. */
export interface Errors {
  /** Mean square of what was said of "none is free" less what was seen; 0: always right. */
  readonly brier: number;
  /** Mean absolute error of the share that is busy. */
  readonly mae: number;
}

/** Guesses for days that were held back, made from the days before them. */
export interface BacktestReport {
  readonly places: number;
  /** Hours that were guessed. */
  readonly observations: number;
  /** First and last of the days that were guessed; undefined: there were none. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly model: Errors;
  /** As it was when it was last looked at. */
  readonly lastValue: Errors;
  /** As it was at this hour on the average of the days before. */
  readonly meanByHour: Errors;
}

interface Guess {
  readonly noneFree: number;
  readonly busy: number;
}

type Guesser = (weekday: number, hour: number) => Guess;

/** Adds up how far guesses were off. */
class Score {
  private squares = 0;
  private distances = 0;
  count = 0;

  note({ noneFree, busy }: Guess, slot: number): void {
    this.squares += (noneFree - noneFreeOf(slot)) ** 2;
    this.distances += Math.abs(busy - busyOf(slot));
    this.count++;
  }

  errors(): Errors {
    const share = (sum: number): number => (this.count === 0 ? 0 : sum / this.count);
    return { brier: share(this.squares), mae: share(this.distances) };
  }
}

/**
 * Tries the model on what is stored: each owner's newest days are held back and predicted from those before, beside two guesses
 * that need no model.
 *
 * @param held how many days are held back
 * @param signal ends it
 */
export async function backtest(
  { live, store }: { readonly live: LivePlaces; readonly store: HistoryStore },
  held: number,
  signal: AbortSignal,
): Promise<BacktestReport> {
  const pace = new Pace(signal);
  const owners = await store.owners();
  const regions = new Regions();
  let [sum, count] = [0, 0];
  for (const owner of owners) {
    const { days, slots } = await readRing(store, owner, pace);
    const until = days.length - held;
    if (until <= 0) continue;
    for (const [subject, seen] of slots) {
      await pace.rest();
      const place = live.find(`${owner}/${subject}`);
      if (!place) continue;
      const [known, trained] = [seen.subarray(0, until * hoursPerDay), days.slice(0, until)];
      regions.note(place, weekSums(known, trained), waitsOf(known, trained));
      for (const slot of known) {
        if (slot === unknownSlot) continue;
        sum += busyOf(slot);
        count++;
      }
    }
  }
  const usual = count === 0 ? 0 : sum / count;
  const scores = { model: new Score(), last: new Score(), hour: new Score() };
  const dates = new Set<number>();
  let places = 0;
  for (const owner of owners) {
    const { days, slots } = await readRing(store, owner, pace);
    const until = days.length - held;
    if (until <= 0) continue;
    for (const [subject, seen] of slots) {
      await pace.rest();
      const place = subject === placeOfSubject(subject) ? live.find(`${owner}/${subject}`) : undefined;
      if (!place) continue;
      places++;
      const sums = expected(seen, days, until, regions.of(place));
      const known = seen.subarray(0, until * hoursPerDay);
      const model: Guesser = (weekday, hour) => {
        const cell = weekday * hoursPerDay + hour;
        return { noneFree: noneFreeIn(sums, cell), busy: busyIn(sums, cell) };
      };
      const [last, byHour] = [lastValue(known, usual), meanByHour(known, usual)];
      for (const [at, day] of days.entries()) {
        if (at < until) continue;
        const weekday = weekdayOf(day);
        for (let hour = 0; hour < hoursPerDay; hour++) {
          const slot = seen[at * hoursPerDay + hour] ?? unknownSlot;
          if (slot === unknownSlot) continue;
          dates.add(day);
          scores.model.note(model(weekday, hour), slot);
          scores.last.note(last(weekday, hour), slot);
          scores.hour.note(byHour(weekday, hour), slot);
        }
      }
    }
  }
  return {
    places,
    observations: scores.model.count,
    from: dates.size > 0 ? dateOfDay(Math.min(...dates)) : undefined,
    to: dates.size > 0 ? dateOfDay(Math.max(...dates)) : undefined,
    model: scores.model.errors(),
    lastValue: scores.last.errors(),
    meanByHour: scores.hour.errors(),
  };
}

function lastValue(known: Uint8Array, usual: number): Guesser {
  const last = known.findLast((slot) => slot !== unknownSlot);
  const guess =
    last === undefined ? { noneFree: usual, busy: usual } : { noneFree: noneFreeOf(last), busy: busyOf(last) };
  return () => guess;
}

/** Where an hour was never seen, it is guessed to be as all hours of this place are; without any, as everywhere. */
function meanByHour(known: Uint8Array, usual: number): Guesser {
  const all = new Mean();
  const hours = Array.from({ length: hoursPerDay }, () => new Mean());
  for (const [at, slot] of known.entries()) {
    if (slot === unknownSlot) continue;
    all.note(slot);
    hours[at % hoursPerDay]?.note(slot);
  }
  return (_, hour) => hours[hour]?.guess() ?? all.guess() ?? { noneFree: usual, busy: usual };
}

class Mean {
  private count = 0;
  private noneFree = 0;
  private busy = 0;

  note(slot: number): void {
    this.count++;
    this.noneFree += noneFreeOf(slot);
    this.busy += busyOf(slot);
  }

  guess(): Guess | undefined {
    return this.count === 0 ? undefined : { noneFree: this.noneFree / this.count, busy: this.busy / this.count };
  }
}
