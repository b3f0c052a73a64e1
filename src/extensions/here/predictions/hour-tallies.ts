import type { LivePlace, StatusEvent } from '../live/live-places.js';
import { hourMs } from './calendar.js';
import { foundOrMade } from './found-or-made.js';
import { packSlot, unknownSlot } from './slot.js';
import { busyBefore, busyNow, subjectsOf } from './subject.js';

/**
 * What was seen of subjects in the hour so far, one after another; times in ms since it began, shares NaN where they are not known.
 * Plain numbers: a busy hour has tens of thousands of them.
 */
type Tallies = number[];
const width = 6;
/** How it stood before its first change in this hour, since when it stands as now, and how that is. */
const [first, since, now] = [0, 1, 2];
/** For how long its state was known, that times how busy it was, and for how long none was free. */
const [known, busy, noneFree] = [3, 4, 5];

/** A slot says something if the status was known for at least this long of its hour, ms. */
const leastKnownMs = hourMs / 4;

/** One hour of all places. Only those whose status changes in it are followed; the others stand as they stood. */
export class HourTallies {
  /** Of each place its subjects, in their order. */
  private readonly touched = new Map<string, Tallies>();
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
    const began = this.beganAt(place.key);
    const tallies = foundOrMade(this.touched, place.key, () =>
      subjects.flatMap((subject) => blank(began, busyBefore(subject, event))),
    );
    for (const [index, subject] of subjects.entries()) {
      advance(tallies, index * width, Math.min(Math.max(event.receivedAt - this.start, began), hourMs));
      tallies[index * width + now] = busyNow(subject.counts) ?? Number.NaN;
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
    const later = next.touched.get(place.key);
    const began = this.beganAt(place.key);
    for (const [index, { name, counts }] of subjectsOf(place).entries()) {
      const at = index * width;
      const stood = later ? later[at + first] : busyNow(counts);
      const tallies = this.touched.get(place.key)?.slice(at, at + width) ?? blank(began, stood);
      advance(tallies, 0, hourMs);
      const slot = slotOf(tallies);
      if (slot !== unknownSlot) yield [name, slot];
    }
  }

  private beganAt(key: string): number {
    return this.rebuiltAt.get(key) ?? this.from - this.start;
  }
}

const blank = (began: number, stands: number | undefined): Tallies => {
  const share = stands ?? Number.NaN;
  return [share, began, share, 0, 0, 0];
};

function advance(tallies: Tallies, at: number, until: number): void {
  const of = (member: number): number => tallies[at + member] ?? Number.NaN;
  const passed = Math.max(0, until - of(since));
  const share = of(now);
  tallies[at + since] = Math.max(of(since), until);
  if (Number.isNaN(share)) return;
  tallies[at + known] = of(known) + passed;
  tallies[at + busy] = of(busy) + passed * share;
  if (share === 1) tallies[at + noneFree] = of(noneFree) + passed;
}

function slotOf(tallies: Tallies): number {
  const all = tallies[known] ?? 0;
  if (all < leastKnownMs) return unknownSlot;
  return packSlot({ busy: (tallies[busy] ?? 0) / all, noneFree: (tallies[noneFree] ?? 0) / all });
}
