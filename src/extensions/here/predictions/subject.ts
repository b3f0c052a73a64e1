import type { LivePlace, StatusEvent } from '../live/live-places.js';
import { type HereStatus, hereStatuses, isLiveStatus } from '../model/status.js';

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

/**
 * The share of the chargers that cannot be used by somebody who arrives, 0…1; 1: none is free. Undefined: of none of its EVSEs the
 * live status is known.
 */
export function busyNow(counts: Subject['counts']): number | undefined {
  let known = 0;
  for (const status of hereStatuses) if (isLiveStatus(status)) known += counts[status] ?? 0;
  return known === 0 ? undefined : 1 - (counts.available ?? 0) / known;
}

/** The same before a status event that its counts have taken in. */
export function busyBefore(subject: Subject, event: StatusEvent): number | undefined {
  if (!subject.holds(event.evseUid)) return busyNow(subject.counts);
  const counts = { ...subject.counts };
  const { status, previousStatus } = event;
  if (status) counts[status] = Math.max(0, (counts[status] ?? 0) - 1);
  if (previousStatus) counts[previousStatus] = (counts[previousStatus] ?? 0) + 1;
  return busyNow(counts);
}
