import type { Location } from '../../../generated/ocpi.js';
import type { ConnectorGroup, GroupMember } from '../groups/connector-group.js';
import { countStatuses, groupViews, shapeOf } from '../groups/group-shape.js';
import type { LiveEvse } from '../live/live-places.js';
import { shownLocation } from '../live/shown-location.js';
import { type Evse, evsesOf } from '../model/evse-parts.js';
import { addressOf, baseOf, emspsOf, locationInfoOf, nearbyOf, truckOf } from '../model/place-parts.js';
import type { PlacePredictions } from '../predictions/prediction.js';
import type { PlaceReliability } from '../reliability/reliability.js';
import type { PlaceTariffs } from '../tariffs/tariff-source.js';
import type { Wish } from './wish.js';

/** What there is to say about a place, as far as it was asked for. */
export interface PlaceData {
  readonly key: string;
  readonly location: Location;
  readonly groups: readonly ConnectorGroup[];
  /** Statuses as they stand; undefined: those of the document. */
  readonly evses: readonly LiveEvse[] | undefined;
  readonly tariffs: PlaceTariffs | undefined;
  readonly predictions: PlacePredictions | undefined;
  readonly reliability: PlaceReliability | undefined;
  /** ms since the epoch */
  readonly now: number;
}

/** One place as it goes out; undefined if it has none of the connector types that are wanted. HERE sections 2 and 4.2. */
export function placeAnswer(data: PlaceData, { fields, connectorTypes: types }: Wish): object | undefined {
  const { key, location, tariffs, predictions } = data;
  const withEvses = fields.has('evses');
  const evses = withEvses || types ? evsesFor(data, types, fields.has('truckRestrictions')) : [];
  if (types && evses.length === 0) return undefined;
  const groups = fields.has('connectorGroups') ? groupsFor(data, types, withEvses ? evses : undefined) : [];
  return {
    ...baseOf(location, key),
    ...(fields.has('address') && addressOf(location)),
    ...(fields.has('emsps') && emspsOf(location)),
    ...(fields.has('locationInfo') && locationInfoOf(location, { now: data.now })),
    ...(fields.has('truckRestrictions') && truckOf(location)),
    ...(fields.has('nearby') && nearbyOf(location)),
    ...(withEvses && evses.length > 0 && { evses }),
    ...(groups.length > 0 && { connectorGroups: groups }),
    ...(predictions && predictions.place.length > 0 && { predictions: predictions.place }),
    ...(tariffs && tariffs.tariffs.length > 0 && { tariffs: tariffs.tariffs }),
  };
}

function evsesFor(
  { key, location, evses: live, tariffs, reliability }: PlaceData,
  types: ReadonlySet<string> | undefined,
  withTruck: boolean,
): readonly Evse[] {
  const { evses = [] } = evsesOf(location, {
    key,
    withTruck,
    ...(live && { live: { evses: live } }),
    ...(tariffs && { tariffIndexes: tariffs.indexesOf }),
  });
  const shown = types ? evses.filter(({ connectors }) => connectors.some((one) => types.has(one.standard))) : evses;
  if (!reliability) return shown;
  return shown.map((evse) => {
    const said = reliability.evse(evse.uid);
    return said === undefined ? evse : { ...evse, reliability: said };
  });
}

/** Members of a group, as far as they are among the EVSEs that are shown: HERE requires more of a connector than of a group. */
function referencesOf({ connectors }: ConnectorGroup, evses: readonly Evse[]): { connectors?: readonly GroupMember[] } {
  const members = connectors.flatMap((member) => {
    const shown = evses.find(({ uid }) => uid === member.evseUid)?.connectors;
    const connectorIds = member.connectorIds.filter((id) => shown?.some((connector) => connector.id === id));
    if (connectorIds.length === 0) return [];
    return [connectorIds.length === member.connectorIds.length ? member : { ...member, connectorIds }];
  });
  return members.length > 0 ? { connectors: members } : {};
}

/** With our own `powerDerived` and `statusCounts`. HERE section 1.1. */
function groupsFor(
  { groups, tariffs, predictions, reliability }: PlaceData,
  types: ReadonlySet<string> | undefined,
  referred: readonly Evse[] | undefined,
): readonly object[] {
  return groups
    .filter(({ standard }) => !types || types.has(standard))
    .map((group) => {
      const { standard, maxPower, connectorCount, availableConnectorCount } = group;
      const tariffIndexes = tariffs?.indexesOf(group.tariffIds) ?? [];
      const predicted = predictions?.group(standard, maxPower) ?? [];
      const said = reliability?.group(standard, maxPower);
      return {
        standard,
        maxPower,
        ...(group.powerDerived && { powerDerived: true }),
        connectorCount,
        ...(availableConnectorCount !== undefined && { availableConnectorCount }),
        statusCounts: group.statusCounts,
        ...(referred && referencesOf(group, referred)),
        ...(tariffIndexes.length > 0 && { tariffIndexes }),
        ...(predicted.length > 0 && { predictions: predicted }),
        ...(said !== undefined && { reliability: said }),
      };
    });
}

/** Groups of a document alone, while the live places are not all read yet; undefined if it is not shown. */
export function groupsOfDocument(location: Location, derivedPower: boolean): readonly ConnectorGroup[] | undefined {
  const shown = shownLocation(location, derivedPower);
  if (!shown) return undefined;
  const shape = shapeOf(shown.plan, shown.evses.length);
  return groupViews(
    shape,
    countStatuses(shape, (evse) => shown.evses[evse]?.status ?? 0),
    {
      uids: shown.evses.map(({ uid }) => uid),
      connectorIds: shown.plan.map(({ connectorIds }) => connectorIds),
      tariffIds: shown.plan.map(({ tariffIds }) => tariffIds),
    },
  );
}
