import type { LivePlace, StatusEvent } from '../live/live-places.js';
import { type HereStatus, isLiveStatus } from '../model/status.js';

/**
 * Something whose status has a history: a place as a whole, and those of its groups that do not hold all of its EVSEs. Its name is
 * the Location's id; for groups followed by standard and power, behind signs that no id contains.
 */
export interface Subject {
  readonly name: string;
  /** How many EVSEs have each status. */
  readonly counts: Readonly<Partial<Record<HereStatus, number>>>;
  /** Whether it holds this EVSE. */
  holds(evseUid: string): boolean;
}

/** How a subject stands at one moment. */
export interface Moment {
  /** Share of the chargers that cannot be used by somebody who arrives, 0…1. */
  readonly busy: number;
  readonly noneFree: boolean;
}

export const placeIdOf = ({ key, owner }: Pick<LivePlace, 'key' | 'owner'>): string => key.slice(owner.length + 1);

export const groupSubject = (placeId: string, standard: string, maxPower: number): string =>
  `${placeId}\n${standard}\n${maxPower}`;

export const placeOfSubject = (name: string): string => name.split('\n', 1)[0] ?? name;

export function subjectsOf(place: LivePlace): readonly Subject[] {
  const { evses } = place;
  const id = placeIdOf(place);
  const counts: Partial<Record<HereStatus, number>> = {};
  for (const { status } of evses) counts[status] = (counts[status] ?? 0) + 1;
  const subjects: Subject[] = [{ name: id, counts, holds: () => true }];
  for (const { standard, maxPower, connectorCount, statusCounts, connectors } of place.groups) {
    if (connectorCount === evses.length) continue;
    subjects.push({
      name: groupSubject(id, standard, maxPower),
      counts: statusCounts,
      holds: (uid) => connectors.some(({ evseUid }) => evseUid === uid),
    });
  }
  return subjects;
}

/** How a subject stands; undefined: of none of its EVSEs the live status is known. */
export function momentOf(counts: Subject['counts']): Moment | undefined {
  let known = 0;
  for (const [status, count] of Object.entries(counts)) if (isLiveStatus(status as HereStatus)) known += count;
  if (known === 0) return undefined;
  const free = counts.available ?? 0;
  return { busy: 1 - free / known, noneFree: free === 0 };
}

/** How a subject stood before a status event that its counts have taken in. */
export function momentBefore(subject: Subject, event: StatusEvent): Moment | undefined {
  if (!subject.holds(event.evseUid)) return momentOf(subject.counts);
  const counts = { ...subject.counts };
  const { status, previousStatus } = event;
  if (status) counts[status] = Math.max(0, (counts[status] ?? 0) - 1);
  if (previousStatus) counts[previousStatus] = (counts[previousStatus] ?? 0) + 1;
  return momentOf(counts);
}
