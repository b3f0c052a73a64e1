import type { LivePlace, StatusEvent } from '../live/live-places.js';
import { hourMs } from './calendar.js';
import { foundOrMade } from './found-or-made.js';
import { packSlot, unknownSlot } from './slot.js';
import { busyBefore, busyNow, subjectsOf } from './subject.js';

/** What was seen of one subject in the hour so far; times in ms since it began. */
interface Tally {
  /** How it stood before its first change in this hour. */
  readonly first: number | undefined;
  since: number;
  now: number | undefined;
  known: number;
  busy: number;
  noneFree: number;
}

/** A slot says something if the status was known for at least this long of its hour, ms. */
const leastKnownMs = hourMs / 4;

/** One hour of all places. Only those whose status changes in it are followed; the others stand as they stood. */
export class HourTallies {
  /** Of each place its subjects, in their order. */
  private readonly touched = new Map<string, readonly Tally[]>();
  /** When places were built anew; what was seen before says nothing of them as they are. */
  private readonly rebuiltAt = new Map<string, number>();

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
    const subjects = subjectsOf(place);
    const since = this.sinceOf(place.key);
    const tallies = foundOrMade(this.touched, place.key, () =>
      subjects.map((subject) => blank(since, busyBefore(subject, event))),
    );
    for (const [at, subject] of subjects.entries()) {
      const tally = tallies[at];
      if (!tally) continue;
      advance(tally, Math.min(Math.max(event.receivedAt - this.start, since), hourMs));
      tally.now = busyNow(subject.counts);
    }
  }

  /** A place came, or came to have other EVSEs or groups. */
  rebuilt(key: string, at: number): void {
    this.touched.delete(key);
    this.rebuiltAt.set(key, Math.max(at - this.start, 0));
  }

  forget(key: string): void {
    this.touched.delete(key);
    this.rebuiltAt.delete(key);
  }

  /**
   * What this hour, which is over, was like at one place: a slot for each subject of which enough is known.
   *
   * @param next the hour after it, which may have begun to change what the place looks like
   */
  *slots(place: LivePlace, next: HourTallies): Generator<readonly [subject: string, slot: number]> {
    if (next.rebuiltAt.has(place.key)) return;
    const [tallies, later] = [this.touched.get(place.key), next.touched.get(place.key)];
    const since = this.sinceOf(place.key);
    for (const [at, { name, counts }] of subjectsOf(place).entries()) {
      const tally = tallies?.[at] ?? blank(since, later ? later[at]?.first : busyNow(counts));
      advance(tally, hourMs);
      const slot = slotOf(tally);
      if (slot !== unknownSlot) yield [name, slot];
    }
  }

  private sinceOf(key: string): number {
    return this.rebuiltAt.get(key) ?? this.from - this.start;
  }
}

const blank = (since: number, now: number | undefined): Tally => ({
  first: now,
  since,
  now,
  known: 0,
  busy: 0,
  noneFree: 0,
});

function advance(tally: Tally, at: number): void {
  const passed = Math.max(0, at - tally.since);
  tally.since = Math.max(tally.since, at);
  if (tally.now === undefined) return;
  tally.known += passed;
  tally.busy += passed * tally.now;
  if (tally.now === 1) tally.noneFree += passed;
}

const slotOf = ({ known, busy, noneFree }: Tally): number =>
  known < leastKnownMs ? unknownSlot : packSlot({ busy: busy / known, noneFree: noneFree / known });
