import type { PartyRef } from '../../kernel/party-ref.js';
import type { Catalogue } from '../sender/catalogue.js';
import { type JsonObject, objectIn, readObject, textIn } from '../wire/json-object.js';

/** Where somebody charges: a connector of one of our own Locations. */
export interface Place {
  location: JsonObject;
  evse: JsonObject;
  connector: JsonObject;
}

/** Finds a place; undefined if we have no such Location, EVSE or connector. Without EVSE or connector, the first. */
export function findPlace(
  catalogue: Catalogue,
  owner: PartyRef | undefined,
  locationId: string,
  evseUid?: string,
  connectorId?: string,
): Place | undefined {
  const location = readObject(catalogue.find('locations', locationId, owner)?.text);
  const evse = itemOf(location, 'evses', 'uid', evseUid);
  const connector = itemOf(evse, 'connectors', 'id', connectorId);
  if (location === undefined || evse === undefined || connector === undefined) return undefined;
  return { location, evse, connector };
}

/** The first place of an owner that has everything a CDR needs. */
export function anyPlace(catalogue: Catalogue, owner: PartyRef): Place | undefined {
  for (const { id } of catalogue.list('locations', owner)) {
    const place = findPlace(catalogue, owner, id);
    if (place !== undefined && textIn(place.evse, 'evse_id') !== undefined) return place;
  }
  return undefined;
}

function itemOf(parent: JsonObject | undefined, list: string, idKey: string, id?: string): JsonObject | undefined {
  const items = parent?.[list];
  if (!Array.isArray(items)) return undefined;
  const objects = items.map((_, index) => objectIn(items as unknown as JsonObject, String(index)));
  if (id === undefined) return objects[0];
  return objects.find((item) => textIn(item, idKey)?.toUpperCase() === id.toUpperCase());
}
