import { stringMember } from '../../kernel/json-text.js';
import { objectPath } from '../../kernel/party-ref.js';
import type { PushItem, PushSource } from '../../platform/delivery/index.js';
import type { ChangeRow } from '../../platform/storage/index.js';
import { evseSlot } from './location-document.js';
import type { LocationStore } from './location-store.js';

/**
 * What partners are told of a change: the Location, or the EVSE of it, as it is now, below the owner's segments
 * (R-26, L-34). A Location that is gone has no DELETE in OCPI (L-06); there is nothing to say of it.
 */
export function locationPushSource(store: LocationStore): PushSource {
  const locationOf = async (row: ChangeRow): Promise<string | undefined> => {
    const [country_code = '', party_id = '', location_id = ''] = row.laneKey.split('/').map(unescapeSegment);
    return store.find({ country_code, party_id, location_id });
  };
  return {
    module: 'locations',
    async read(row): Promise<PushItem | undefined> {
      const location = await locationOf(row);
      if (location === undefined) return undefined;
      if (row.object === row.laneKey) return { path: pathOf(location), body: location };
      const uid = unescapeSegment(row.object.slice(row.laneKey.length + 1));
      const evse = evseSlot(location, uid).text;
      if (evse === undefined) return undefined;
      return {
        path: `${pathOf(location)}/${encodeURIComponent(stringMember(evse, 'uid') ?? uid)}`,
        body: evse,
        parent: async () => {
          const present = await locationOf(row);
          return present === undefined ? undefined : { path: pathOf(present), body: present };
        },
      };
    },
  };
}

function pathOf(location: string): string {
  const owner = {
    country_code: stringMember(location, 'country_code') ?? '',
    party_id: stringMember(location, 'party_id') ?? '',
  };
  return objectPath(owner, stringMember(location, 'id') ?? '');
}

function unescapeSegment(segment: string): string {
  return segment.replaceAll('%2F', '/').replaceAll('%25', '%');
}
