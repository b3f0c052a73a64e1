import type { EVSE, Location } from '../../../generated/ocpi.js';
import { parseDateTime } from '../../../kernel/date-time.js';
import { ciKey, objectKey, partyKey } from '../../../kernel/party-ref.js';
import { type PlannedGroup, planGroups } from '../groups/group-plan.js';
import { hereStatuses, hereStatusOf } from '../model/status.js';

/** An EVSE as its Location's document has it. */
export interface ShownEvse {
  readonly uid: string;
  readonly evseId: string | undefined;
  /** Place in `hereStatuses`. */
  readonly status: number;
  /** ms since the epoch; 0 if it is not said. */
  readonly lastUpdated: number;
}

/** What is kept of a Location's document. */
export interface ShownLocation {
  readonly key: string;
  readonly owner: string;
  readonly latitude: number;
  readonly longitude: number;
  readonly country: string;
  readonly evses: readonly ShownEvse[];
  readonly plan: readonly PlannedGroup[];
  /** A uid stands there more than once: who names it may mean another entry than the one that is shown. */
  readonly isAmbiguous: boolean;
}

/**
 * What a Location shows of itself; undefined if it is not published or no EVSE of it is shown.
 *
 * Of EVSEs with the same uid, which OCPI forbids, the first that is shown counts: nobody could tell them apart.
 */
export function shownLocation(location: Location, derivedPower: boolean): ShownLocation | undefined {
  if (location.publish === false) return undefined;
  const all = location.evses ?? [];
  const shown = new Map<string, EVSE>();
  for (const evse of all) {
    const uid = ciKey(String(evse.uid));
    if (hereStatusOf(evse.status) !== undefined && !shown.has(uid)) shown.set(uid, evse);
  }
  if (shown.size === 0) return undefined;
  const evses = [...shown.values()];
  return {
    key: keyOf(location),
    owner: partyKey(location),
    latitude: Number(location.coordinates?.latitude),
    longitude: Number(location.coordinates?.longitude),
    country: ciKey(String(location.country ?? '')),
    evses: evses.map((evse) => ({
      uid: String(evse.uid),
      evseId: evse.evse_id ?? undefined,
      status: statusCode(evse.status) ?? 0,
      lastUpdated: parseDateTime(evse.last_updated ?? '') ?? 0,
    })),
    plan: planGroups(evses, derivedPower),
    isAmbiguous: new Set(all.map((evse) => ciKey(String(evse.uid)))).size < all.length,
  };
}

/** Object key of a Location, `DE/CP1/LOC1`. */
export function keyOf(location: Location): string {
  return objectKey(location, location.id);
}

/** Place in `hereStatuses` of an OCPI status; undefined where the EVSE is not shown. */
export function statusCode(ocpi: string): number | undefined {
  const status = hereStatusOf(ocpi);
  return status === undefined ? undefined : hereStatuses.indexOf(status);
}
