import type { Connector, EVSE, Location, Tariff } from '../../../generated/ocpi.js';
import { hereKey } from './here-key.js';
import { compact, flagOf, knownOf, listOf, type Members, membersOf, numberOf, oneOf, textOf } from './lenient.js';
import {
  type AccessRestriction,
  type AddressPart,
  accessRestrictions,
  addressParts,
  type EvsePosition,
  eMobilityIdPattern,
  evsePositions,
  type FacilityType,
  facilityTypes,
  type LimitName,
  limitNames,
  type ParkingCondition,
  type ParkingDirection,
  type ParkingVehicle,
  type PaymentSupport,
  parkingConditions,
  parkingDirections,
  parkingVehicles,
  partnerIdPattern,
  paymentSupports,
  type TariffKind,
  type TruckAmenity,
  type TruckClass,
  tariffKinds,
  truckAmenities,
  truckClasses,
  type VehicleKind,
  vehicleKinds,
} from './vocabulary.js';

export interface Point {
  readonly lat: number;
  readonly lng: number;
}

/** kg, cm, and how many trailers; what is absent is not known. HERE section 2.7. */
export type VehicleLimitations = { readonly [name in LimitName]?: number };

/** HERE section 2.4. */
export type AddressDetails = { readonly [part in AddressPart]?: string };

/** A company with those of its ids that are well formed. HERE section 2.5. */
export interface NamedCompany {
  readonly name: string;
  readonly partnerId?: string;
  readonly eMobilityIds?: readonly string[];
}

/** HERE section 2.6. */
export interface TruckRestrictions {
  readonly truckAccess?: readonly TruckClass[];
  readonly hazardousGoodsRestricted?: boolean;
  readonly noClearanceHeight?: boolean;
  readonly trailerParking?: boolean;
  readonly overnightParking?: boolean;
  readonly amenities?: readonly TruckAmenity[];
}

/** The parking space of an EVSE. HERE section 2.3. */
export interface ParkingSpace {
  readonly conditions?: readonly ParkingCondition[];
  readonly vehicleTypes?: readonly ParkingVehicle[];
  readonly vehicleLimitations?: VehicleLimitations;
  readonly noClearanceHeight?: boolean;
  readonly evsePosition?: EvsePosition;
  readonly parkingDirection?: ParkingDirection;
  readonly reservationRequired?: boolean;
}

/** `here_ext` of a Location. HERE section 14. */
export interface HereLocationExtension {
  readonly supportedVehicles?: readonly VehicleKind[];
  readonly accessPoints?: readonly Point[];
  readonly restrictions?: readonly AccessRestriction[];
  readonly supportPhoneNumber?: string;
  readonly isPullThrough?: boolean;
  readonly reservationRequired?: boolean;
  readonly truckRestrictions?: TruckRestrictions;
  readonly vehicleLimitations?: VehicleLimitations;
  readonly facilityTypes?: readonly FacilityType[];
  readonly addressDetails?: AddressDetails;
  readonly eMobilityServiceProviders?: readonly NamedCompany[];
  readonly operatorPartnerId?: string;
  readonly suboperatorPartnerId?: string;
  readonly ownerPartnerId?: string;
  /** Of the operator. */
  readonly eMobilityIds?: readonly string[];
}

/** `here_ext` of an EVSE. */
export interface HereEvseExtension {
  readonly paymentSupports?: readonly PaymentSupport[];
  readonly parking?: ParkingSpace;
}

/** `here_ext` of a Connector. */
export interface HereConnectorExtension {
  /** As it was written. */
  readonly standard?: string;
}

/** `here_ext` of a Tariff. */
export interface HereTariffExtension {
  readonly kind?: TariffKind;
  readonly name?: string;
  readonly partnerId?: string;
  /** True: these are prices for consumers. */
  readonly retail?: boolean;
  /** By position of the element, %. */
  readonly overstayBatteryLevels: readonly (number | undefined)[];
}

const noLocation: HereLocationExtension = {};
const noEvse: HereEvseExtension = {};
const noConnector: HereConnectorExtension = {};
const noTariff: HereTariffExtension = { overstayBatteryLevels: [] };

/** The vendor object itself, whatever is in it. */
export function extensionOf(object: { readonly [k: string]: unknown }): Members | undefined {
  const value = object[hereKey];
  return value === undefined ? undefined : membersOf(value);
}

/**
 * What `here_ext` of a Location says. A member of a wrong type reads as absent, and so does a value that HERE does not know: the
 * stored document keeps both. HERE section 14.
 */
export function hereLocation(location: Location): HereLocationExtension {
  const ext = extensionOf(location);
  if (!ext) return noLocation;
  return compact<HereLocationExtension>({
    supportedVehicles: knownOf(vehicleKinds, ext.supportedVehicles),
    accessPoints: pointsOf(ext.accessPoints),
    restrictions: knownOf(accessRestrictions, ext.restrictions),
    supportPhoneNumber: textOf(ext.supportPhoneNumber),
    isPullThrough: flagOf(ext.isPullThrough),
    reservationRequired: flagOf(ext.reservationRequired),
    truckRestrictions: trucksOf(ext.truckRestrictions),
    vehicleLimitations: limitsOf(ext.vehicleLimitations),
    facilityTypes: knownOf(facilityTypes, ext.facilityTypes),
    addressDetails: addressOf(ext.addressDetails),
    eMobilityServiceProviders: companiesOf(ext.eMobilityServiceProviders),
    operatorPartnerId: partnerIdOf(ext.operatorPartnerId),
    suboperatorPartnerId: partnerIdOf(ext.suboperatorPartnerId),
    ownerPartnerId: partnerIdOf(ext.ownerPartnerId),
    eMobilityIds: eMobilityIdsOf(ext.eMobilityIds),
  });
}

/** What `here_ext` of an EVSE says, read as {@link hereLocation} does. */
export function hereEvse(evse: EVSE): HereEvseExtension {
  const ext = extensionOf(evse);
  if (!ext) return noEvse;
  return compact<HereEvseExtension>({
    paymentSupports: knownOf(paymentSupports, ext.paymentSupports),
    parking: parkingOf(ext.parking),
  });
}

/** What `here_ext` of a Connector says, read as {@link hereLocation} does. */
export function hereConnector(connector: Connector): HereConnectorExtension {
  const standard = textOf(extensionOf(connector)?.standard);
  return standard === undefined ? noConnector : { standard };
}

/**
 * What `here_ext` of a Tariff says, read as {@link hereLocation} does. A battery level stands in the extension's list of elements,
 * by position, or in the `here_ext` of the element itself.
 */
export function hereTariff(tariff: Tariff): HereTariffExtension {
  const ext = extensionOf(tariff);
  const listed = listOf(ext?.elements);
  const levels = (Array.isArray(tariff.elements) ? tariff.elements : []).map((element, index) =>
    levelOf(
      membersOf(listed[index])?.overstayBatteryLevel ?? extensionOf(membersOf(element) ?? {})?.overstayBatteryLevel,
    ),
  );
  if (!ext && !levels.some((level) => level !== undefined)) return noTariff;
  return {
    ...compact<Omit<HereTariffExtension, 'overstayBatteryLevels'>>({
      kind: oneOf(tariffKinds, ext?.kind),
      name: textOf(ext?.name),
      partnerId: partnerIdOf(ext?.partnerId),
      retail: flagOf(ext?.retail),
    }),
    overstayBatteryLevels: levels,
  };
}

function levelOf(value: unknown): number | undefined {
  const level = numberOf(value);
  return level !== undefined && Number.isInteger(level) && level >= 0 && level <= 100 ? level : undefined;
}

function pointsOf(value: unknown): readonly Point[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.flatMap((one) => {
    const point = membersOf(one);
    const lat = numberOf(point?.lat);
    const lng = numberOf(point?.lng);
    return lat !== undefined && lng !== undefined && Math.abs(lat) <= 90 && Math.abs(lng) <= 180 ? [{ lat, lng }] : [];
  });
}

function trucksOf(value: unknown): TruckRestrictions | undefined {
  const members = membersOf(value);
  return (
    members &&
    compact<TruckRestrictions>({
      truckAccess: knownOf(truckClasses, members.truckAccess),
      hazardousGoodsRestricted: flagOf(members.hazardousGoodsRestricted),
      noClearanceHeight: flagOf(members.noClearanceHeight),
      trailerParking: flagOf(members.trailerParking),
      overnightParking: flagOf(members.overnightParking),
      amenities: knownOf(truckAmenities, members.amenities),
    })
  );
}

function parkingOf(value: unknown): ParkingSpace | undefined {
  const members = membersOf(value);
  return (
    members &&
    compact<ParkingSpace>({
      conditions: knownOf(parkingConditions, members.conditions),
      vehicleTypes: knownOf(parkingVehicles, members.vehicleTypes),
      vehicleLimitations: limitsOf(members.vehicleLimitations),
      noClearanceHeight: flagOf(members.noClearanceHeight),
      evsePosition: oneOf(evsePositions, members.evsePosition),
      parkingDirection: oneOf(parkingDirections, members.parkingDirection),
      reservationRequired: flagOf(members.reservationRequired),
    })
  );
}

/** Negative sizes say nothing. */
function limitsOf(value: unknown): VehicleLimitations | undefined {
  const members = membersOf(value);
  if (!members) return undefined;
  const limits: { [name in LimitName]?: number } = {};
  for (const name of limitNames) {
    const limit = numberOf(members[name]);
    if (limit !== undefined && limit >= 0) limits[name] = limit;
  }
  return limits;
}

function addressOf(value: unknown): AddressDetails | undefined {
  const members = membersOf(value);
  if (!members) return undefined;
  const address: { [part in AddressPart]?: string } = {};
  for (const part of addressParts) {
    const text = textOf(members[part]);
    if (text !== undefined) address[part] = text;
  }
  return address;
}

function companiesOf(value: unknown): readonly NamedCompany[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.flatMap((one) => {
    const members = membersOf(one);
    const name = textOf(members?.name);
    if (!members || name === undefined) return [];
    return [
      compact<NamedCompany>({
        name,
        partnerId: partnerIdOf(members.partnerId),
        eMobilityIds: eMobilityIdsOf(members.eMobilityIds),
      }),
    ];
  });
}

/** In lower case, so that one company has one id. */
function partnerIdOf(value: unknown): string | undefined {
  return typeof value === 'string' && partnerIdPattern.test(value) ? value.toLowerCase() : undefined;
}

/** Those that are well formed, in capitals, each once. */
function eMobilityIdsOf(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const ids = value.flatMap((one) => (typeof one === 'string' ? [one.toUpperCase()] : []));
  return [...new Set(ids.filter((id) => eMobilityIdPattern.test(id)))];
}
