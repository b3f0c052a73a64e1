import type { LivePlace, StatusEvent } from '../live/live-places.js';
import { hourMs } from './calendar.js';
import { foundOrMade } from './found-or-made.js';
import { packSlot, unknownSlot } from './slot.js';
import { type Moment, momentBefore, momentOf, subjectsOf } from './subject.js';

/** What was seen of one subject in the hour so far, ms. */
interface Tally {
  since: number;
  now: Moment | undefined;
  known: number;
  busy: number;
  noneFree: number;
}

/** A slot says something if the status was known for at least this long of its hour, ms. */
const leastKnownMs = hourMs / 4;

/**
 * One hour of all places. Only those whose status changes in it are followed; the others stand as they stood.
 */
export class HourTallies {
  private readonly touched = new Map<string, Map<string, Tally>>();
  /** How subjects stood before their first change in this hour. */
  private readonly first = new Map<string, Map<string, Moment | undefined>>();

  /**
   * @param start ms since the epoch, a whole hour
   * @param from when watching began, ms; not before `start`
   */
  constructor(
    readonly start: number,
    private readonly from = start,
  ) {}

  /** A status changed. */
  note(place: LivePlace, event: StatusEvent): void {
    const at = Math.min(Math.max(event.receivedAt, this.from), this.start + hourMs);
    const subjects = subjectsOf(place);
    foundOrMade(this.first, place.key, () => new Map(subjects.map((one) => [one.name, momentBefore(one, event)])));
    const tallies = foundOrMade(this.touched, place.key, () => new Map<string, Tally>());
    for (const subject of subjects) {
      const tally = foundOrMade(tallies, subject.name, () => blank(this.from, momentBefore(subject, event)));
      advance(tally, at);
      tally.now = momentOf(subject.counts);
    }
  }

  /** A place was built anew: what was seen before says nothing of it as it is now. */
  rebuilt(place: LivePlace, at: number): void {
    const subjects = subjectsOf(place).map((one) => [one.name, momentOf(one.counts)] as const);
    this.touched.set(place.key, new Map(subjects.map(([name, moment]) => [name, blank(at, moment)])));
    foundOrMade(this.first, place.key, () => new Map(subjects));
  }

  forget(key: string): void {
    this.touched.delete(key);
    this.first.delete(key);
  }

  /**
   * What this hour, which is over, was like at one place: a slot for each subject of which enough is known.
   *
   * @param next the hour after it, which may have begun to change what the place looks like
   */
  *slots(place: LivePlace, next: HourTallies): Generator<readonly [subject: string, slot: number]> {
    const end = this.start + hourMs;
    const tallies = this.touched.get(place.key);
    const later = next.first.get(place.key);
    for (const subject of subjectsOf(place)) {
      const tally =
        tallies?.get(subject.name) ?? blank(this.from, later ? later.get(subject.name) : momentOf(subject.counts));
      advance(tally, end);
      const slot = slotOf(tally);
      if (slot !== unknownSlot) yield [subject.name, slot];
    }
  }
}

const blank = (since: number, now: Moment | undefined): Tally => ({ since, now, known: 0, busy: 0, noneFree: 0 });

function advance(tally: Tally, at: number): void {
  const passed = Math.max(0, at - tally.since);
  tally.since = Math.max(tally.since, at);
  if (!tally.now) return;
  tally.known += passed;
  tally.busy += passed * tally.now.busy;
  if (tally.now.noneFree) tally.noneFree += passed;
}

const slotOf = ({ known, busy, noneFree }: Tally): number =>
  known < leastKnownMs ? unknownSlot : packSlot({ busy: busy / known, noneFree: noneFree / known });
