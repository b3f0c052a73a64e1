import { ciKey } from '../../../kernel/party-ref.js';
import type { ChangePlace } from './live-book.js';
import type { LivePlace, StatusEvent } from './live-places.js';
import { type EvseState, type Place, stateAt, statusAt } from './place.js';
import { unpackNames } from './place-text.js';

type StoredEvse = readonly [
  uid: string,
  evseId: string | null,
  status: number,
  previous: number | null,
  modified: number,
  offset: number,
  receivedAt: number,
];

/** What was stored of a Location and its EVSEs. */
export interface StoredPlace {
  readonly offset: number;
  readonly latitude: number;
  readonly longitude: number;
  readonly country: string;
  readonly evses: readonly StoredEvse[];
}

/** A Location's statuses as text for the store. */
export function storedText({ facts, offset, states }: Place): string {
  const { uids, evseIds } = unpackNames(facts.names);
  const evses = uids.map((uid, index): StoredEvse => {
    const { status, previous, modified, offset: at, receivedAt } = stateAt(states, index);
    return [uid, evseIds[index] ?? null, status, previous ?? null, modified, at, receivedAt];
  });
  return JSON.stringify([offset, facts.latitude, facts.longitude, facts.country, ...evses]);
}

/** The same, read; undefined if it is none of ours. */
export function storedPlace(text: string | undefined): StoredPlace | undefined {
  if (text === undefined) return undefined;
  const [offset, latitude, longitude, country, ...evses] = JSON.parse(text) as [
    number,
    number,
    number,
    string,
    ...StoredEvse[],
  ];
  return { offset, latitude, longitude, country, evses };
}

/** What was known of its EVSEs, by uid in upper case. */
export function knownStates(stored: StoredPlace): Map<string, EvseState> {
  return new Map(
    stored.evses.map(([uid, , status, previous, modified, offset, receivedAt]) => [
      ciKey(uid),
      { status, previous: previous ?? undefined, modified, offset, receivedAt },
    ]),
  );
}

/** Those of the stored EVSEs that are not there any more, as events at this place. */
export function vanished(
  key: string,
  stored: StoredPlace,
  shown: LivePlace | undefined,
  at: ChangePlace,
): readonly StatusEvent[] {
  const present = new Set((shown?.evses ?? []).map(({ uid }) => ciKey(uid)));
  return stored.evses
    .filter(([uid]) => !present.has(ciKey(uid)))
    .map(([uid, evseId, status]) => ({
      offset: at.seq,
      type: 'evseRemoved' as const,
      key,
      owner: key.slice(0, key.lastIndexOf('/')),
      evseUid: uid,
      evseId: evseId ?? undefined,
      status: undefined,
      previousStatus: statusAt(status),
      modified: at.receivedAt,
      receivedAt: at.receivedAt,
      latitude: stored.latitude,
      longitude: stored.longitude,
      country: stored.country,
    }));
}
