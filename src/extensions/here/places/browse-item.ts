import type { ConnectorGroup } from '../groups/connector-group.js';
import type { LivePlace } from '../live/live-places.js';
import { placeIdOf } from '../model/place-id.js';
import { legacyIdOf } from './legacy-types.js';
import type { RankedPlace } from './nearest-places.js';
import { groupName, type PlaceDetails } from './place-row.js';

/** One place of an answer: who and where from the index, what is free from the live places. HERE section 13. */
export function browseItem(found: RankedPlace, place: LivePlace, details: PlaceDetails) {
  const { operator } = details;
  const modified = new Map(place.evses.map((evse) => [evse.uid, evse.modified]));
  return {
    id: placeIdOf(place.key),
    title: details.name ?? operator.name,
    location: { lat: place.latitude, lng: place.longitude },
    distance: Math.round(found.distance),
    operator,
    ...(details.address !== undefined && { address: { label: details.address } }),
    ...(details.supportedVehicles && { supportedVehicles: details.supportedVehicles }),
    connectorGroups: place.groups.map(groupOf),
    evStation: {
      totalNumberOfConnectors: details.connectors,
      access: details.restrictions ? 'restricted' : 'public',
      ...(details.providers && { eMobilityServiceProviders: details.providers }),
      ...(details.paymentMethods && { paymentMethods: details.paymentMethods }),
      connectors: place.groups.map((group) => stationConnector(group, operator.name, modified, details)),
    },
  };
}

const groupOf = (group: ConnectorGroup) => ({
  standard: group.standard,
  maxPower: group.maxPower,
  ...(group.powerDerived && { powerDerived: true }),
  connectorCount: group.connectorCount,
  ...(group.availableConnectorCount !== undefined && { availableConnectorCount: group.availableConnectorCount }),
  statusCounts: group.statusCounts,
});

function stationConnector(
  group: ConnectorGroup,
  supplierName: string,
  modified: ReadonlyMap<string, number>,
  details: PlaceDetails,
) {
  const { available = 0, charging = 0, reserved = 0, outOfOrder = 0, inoperative = 0 } = group.statusCounts;
  const { fixedCable, phases, voltsRange } = details.groups[groupName(group.standard, group.maxPower)] ?? {};
  const legacyId = legacyIdOf(group.standard);
  const updated = group.connectors.reduce((latest, { evseUid }) => Math.max(latest, modified.get(evseUid) ?? 0), 0);
  return {
    supplierName,
    connectorType: { ...(legacyId !== undefined && { id: legacyId }), name: group.standard },
    ...(fixedCable !== undefined && { fixedCable }),
    maxPowerLevel: group.maxPower / 1_000,
    chargingPoint: {
      numberOfConnectors: group.connectorCount,
      numberOfAvailable: available,
      numberOfInUse: charging,
      numberOfOutOfService: outOfOrder + inoperative,
      numberOfReserved: reserved,
      ...(voltsRange !== undefined && { voltsRange }),
      ...(phases !== undefined && { phases }),
      ...(updated > 0 && { lastUpdateTimestamp: new Date(updated).toISOString() }),
    },
  };
}
