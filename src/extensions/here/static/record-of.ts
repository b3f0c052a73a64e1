import { type ShownLocation, shownLocation } from '../live/shown-location.js';
import { companyOf } from '../model/company.js';
import { evsesOf } from '../model/evse-parts.js';
import { addressOf, baseOf, emspsOf, locationInfoOf, nearbyOf, truckOf } from '../model/place-parts.js';
import type { RecordOf } from './static-record.js';

/**
 * The record of a Location: every attribute of HERE section 2 that lasts, with the groups that the live API shows and, as HERE's
 * static layer has it, the owner.
 *
 * All members are named, those that are not known too: an object put together by spreading is several times as large, and there are
 * as many as Locations. What is undefined is not written.
 *
 * @param derivedPower whether connectors without a stated power are grouped by volts, amperes and phases
 */
export function recordMaker(derivedPower: boolean): RecordOf {
  return (location, at) => {
    const shown = shownLocation(location, derivedPower);
    if (!shown) return undefined;
    const base = baseOf(location, shown.key);
    const { evses } = evsesOf(location, { key: shown.key, withTruck: true, static: true });
    if (!base.location || !evses) return undefined;
    const info = locationInfoOf(location, { now: at });
    const truck = truckOf(location);
    return {
      id: base.id,
      location: base.location,
      supportedVehicles: base.supportedVehicles,
      name: base.name,
      operator: base.operator,
      suboperator: base.suboperator,
      owner: companyOf(location, 'owner'),
      restrictions: base.restrictions,
      address: addressOf(location).address,
      accessPoints: info.accessPoints,
      parkingType: info.parkingType,
      supportPhoneNumber: info.supportPhoneNumber,
      timeZone: info.timeZone,
      cpoLocationId: info.cpoLocationId,
      isPullThrough: info.isPullThrough,
      reservationRequired: info.reservationRequired,
      openingHours: info.openingHours,
      energyMix: info.energyMix,
      truckRestrictions: truck.truckRestrictions,
      vehicleLimitations: truck.vehicleLimitations,
      eMobilityServiceProviders: emspsOf(location).eMobilityServiceProviders,
      facilityTypes: nearbyOf(location).facilityTypes,
      evses,
      connectorGroups: groupsOf(shown),
    };
  };
}

function groupsOf({ evses, plan }: ShownLocation) {
  if (plan.length === 0) return undefined;
  return plan.map(({ standard, maxPower, powerDerived, members, connectorIds }) => ({
    standard,
    maxPower,
    powerDerived: powerDerived || undefined,
    connectorCount: members.length,
    connectors: members.map((member, at) => ({ evseUid: evses[member]?.uid, connectorIds: connectorIds[at] })),
  }));
}
