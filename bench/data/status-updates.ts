import type { RequestSpec } from '../load/load-client.js';
import { ownerRequest } from './requests.js';
import type { StoredHub, StoredLocation } from './stored-hub.js';

/** Makes status changes of EVSEs all over the data set, each newer than `last_updated` of those before. */
export function statusUpdates(
  { access, locations }: Pick<StoredHub, 'access' | 'locations'>,
  random: () => number,
): (lastUpdated: string) => RequestSpec {
  const evses = locations.flatMap((location) => location.uids.map((uid): [StoredLocation, string] => [location, uid]));
  return (last_updated) => {
    const [location, uid] = evses[Math.floor(random() * evses.length)] ?? [];
    if (!location) throw new Error('The hub holds no EVSE.');
    const status = random() < 0.5 ? 'CHARGING' : 'AVAILABLE';
    return ownerRequest(access, 'PATCH', location, uid, JSON.stringify({ status, last_updated }));
  };
}
