import type { EVSE, Location, EnergyMix as OcpiEnergyMix } from '../../../generated/ocpi.js';
import {
  type AddressDetails,
  type HereEvseExtension,
  type HereLocationExtension,
  hereEvse,
  hereLocation,
  type Point,
  type TruckRestrictions,
  type VehicleLimitations,
} from '../carriage/extension.js';
import { compact, flagOf, numberOf, textOf } from '../carriage/lenient.js';
import {
  type AccessRestriction,
  type FacilityType,
  limitNames,
  phonePattern,
  type TruckClass,
  type VehicleKind,
} from '../carriage/vocabulary.js';
import { type BusinessDetails, companyOf, providerOf } from './company.js';
import { alpha3Of } from './countries.js';
import { energySources, environmentalImpacts, facilities, parkingTypes, translated } from './enums.js';
import { type OpeningHours, openingHoursOf } from './opening-hours.js';
import { placeIdOf } from './place-id.js';
import { hereStatusOf } from './status.js';

/** What every answer holds. HERE section 4.2. */
export interface PlaceBase {
  readonly id: string;
  /** Absent if the coordinates are none. */
  readonly location?: Point;
  readonly supportedVehicles: readonly VehicleKind[];
  readonly name?: string;
  readonly operator: BusinessDetails;
  readonly suboperator?: BusinessDetails;
  readonly restrictions?: readonly AccessRestriction[];
}

/** HERE section 2.10. */
export interface EnergyMix {
  readonly isGreenEnergy: boolean;
  readonly energySources?: readonly { readonly source: string; readonly percentage: number }[];
  /** g/kWh */
  readonly environmentalImpacts?: readonly { readonly category: string; readonly amount: number }[];
  readonly supplier?: string;
  readonly energyProduct?: string;
}

/** `fields=locationInfo`. HERE section 4.2. */
export interface LocationInfo {
  readonly accessPoints?: readonly Point[];
  readonly parkingType?: string;
  readonly supportPhoneNumber?: string;
  readonly timeZone?: string;
  readonly cpoLocationId?: string;
  readonly isPullThrough?: boolean;
  readonly reservationRequired?: boolean;
  readonly openingHours?: OpeningHours;
  readonly energyMix?: EnergyMix;
}

/** `fields=truckRestrictions`. HERE section 4.2. */
export interface TruckPart {
  readonly isPullThrough?: boolean;
  readonly truckRestrictions?: TruckRestrictions;
  readonly vehicleLimitations?: VehicleLimitations;
}

/** EVSEs that HERE shows; a Location without one is not shown at all. HERE section 3.1. */
export function shownEvses(location: Location): readonly EVSE[] {
  const evses = location.evses;
  return Array.isArray(evses) ? evses.filter((evse) => hereStatusOf(evse?.status) !== undefined) : [];
}

/** @param key object key of the Location, `DE/CP1/LOC1` */
export function baseOf(location: Location, key: string): PlaceBase {
  const ext = hereLocation(location);
  const restrictions = restrictionsOf(location, ext);
  return compact<PlaceBase>({
    id: placeIdOf(key),
    location: pointOf(location.coordinates),
    supportedVehicles: supportedVehiclesOf(location, ext),
    name: textOf(location.name),
    operator: companyOf(location, 'operator', ext),
    suboperator: location.suboperator ? companyOf(location, 'suboperator', ext) : undefined,
    restrictions: restrictions.length > 0 ? restrictions : undefined,
  });
}

/** Coordinates as numbers; undefined if they are none on earth. */
export function pointOf(coordinates: unknown): Point | undefined {
  const { latitude, longitude } = (coordinates ?? {}) as { latitude?: unknown; longitude?: unknown };
  const lat = degrees(latitude, 90);
  const lng = degrees(longitude, 180);
  return lat !== undefined && lng !== undefined ? { lat, lng } : undefined;
}

function degrees(value: unknown, limit: number): number | undefined {
  if (typeof value !== 'number' && (typeof value !== 'string' || value.trim() === '')) return undefined;
  const number = Number(value);
  return Math.abs(number) <= limit ? number : undefined;
}

/** Cars unless something else is known. HERE sections 2.1, 2.6 and 3.6. */
function supportedVehiclesOf(location: Location, ext: HereLocationExtension): readonly VehicleKind[] {
  if (ext.supportedVehicles && ext.supportedVehicles.length > 0) return ext.supportedVehicles;
  if (isOnEvery(location, 'MOTORCYCLES')) return ['twoWheeler'];
  const isForTrucks = ext.truckRestrictions?.truckAccess?.some((access) => access !== 'light');
  return isForTrucks ? ['car', 'truck'] : ['car'];
}

/**
 * Why access to the whole Location is limited: what the extension says and what every EVSE says; several are alternatives. HERE
 * section 3.6.
 */
export function restrictionsOf(
  location: Location,
  ext: HereLocationExtension = hereLocation(location),
): readonly AccessRestriction[] {
  const found = new Set<AccessRestriction>(ext.restrictions);
  if (isOnEvery(location, 'CUSTOMERS')) found.add('customersOnly');
  if (isOnEvery(location, 'TAXIS')) found.add('taxisOnly');
  if (isOnEvery(location, 'EMPLOYEES') || isOnEvery(location, 'TENANTS')) found.add('other');
  return [...found];
}

function isOnEvery(location: Location, restriction: string): boolean {
  const evses = shownEvses(location);
  return evses.length > 0 && evses.every((evse) => evse.parking_restrictions?.includes(restriction));
}

/** `fields=address`: the parts that the extension gives, else those that OCPI has. HERE section 2.4. */
export function addressOf(location: Location): { readonly address?: AddressDetails } {
  const { addressDetails } = hereLocation(location);
  const country = alpha3Of(location.country);
  const street = textOf(location.address);
  const postalCode = textOf(location.postal_code);
  const city = textOf(location.city);
  const place = [postalCode, city].filter((part) => part !== undefined).join(' ');
  const label = [street, place, country].filter((part) => part !== undefined && part !== '').join(', ');
  const derived = compact<AddressDetails>({
    label: label === '' ? undefined : label,
    state: textOf(location.state),
    city,
    countryCode: country,
    postalCode,
  });
  const address = addressDetails ? { ...derived, ...addressDetails } : derived;
  if (addressDetails?.countryCode !== undefined) {
    return {
      address: {
        ...address,
        countryCode: alpha3Of(addressDetails.countryCode) ?? country ?? addressDetails.countryCode,
      },
    };
  }
  return Object.keys(address).length > 0 ? { address } : {};
}

/** `fields=locationInfo`. @param now days before it are no exceptions of the opening hours any more */
export function locationInfoOf(location: Location, { now }: { readonly now?: number } = {}): LocationInfo {
  const ext = hereLocation(location);
  const parkings = parkingsOf(location);
  return compact<LocationInfo>({
    accessPoints: accessPointsOf(location, ext),
    parkingType: parkingTypes.get(location.parking_type ?? ''),
    supportPhoneNumber: phoneOf(ext.supportPhoneNumber) ?? phoneOf(location.help_phone),
    timeZone: textOf(location.time_zone),
    cpoLocationId: textOf(location.id),
    isPullThrough: pullThroughOf(ext, parkings),
    reservationRequired: ext.reservationRequired ?? anyOf(parkings.map((parking) => parking?.reservationRequired)),
    openingHours: openingHoursOf(location, now),
    energyMix: energyMixOf(location.energy_mix),
  });
}

/** Digits that somebody grouped for the eye are the same number. */
function phoneOf(value: unknown): string | undefined {
  const digits = textOf(value)?.replace(/[\s().-]/g, '');
  return digits !== undefined && phonePattern.test(digits) ? digits : undefined;
}

function accessPointsOf(location: Location, ext: HereLocationExtension): readonly Point[] | undefined {
  const points = ext.accessPoints ?? (location.related_locations ?? []).flatMap((point) => pointOf(point) ?? []);
  return points.length > 0 ? points : undefined;
}

type Parking = HereEvseExtension['parking'];

const parkingsOf = (location: Location): readonly Parking[] =>
  shownEvses(location).map((evse) => hereEvse(evse).parking);

/** True if of one it is true, false if of each it is false, else not known. */
function anyOf(flags: readonly (boolean | undefined)[]): boolean | undefined {
  if (flags.includes(true)) return true;
  return flags.length > 0 && flags.every((flag) => flag === false) ? false : undefined;
}

function pullThroughOf(ext: HereLocationExtension, parkings: readonly Parking[]): boolean | undefined {
  return (
    ext.isPullThrough ??
    anyOf(
      parkings.map((parking) => (parking?.parkingDirection ? parking.parkingDirection === 'pullThrough' : undefined)),
    )
  );
}

function energyMixOf(mix: OcpiEnergyMix | null | undefined): EnergyMix | undefined {
  const isGreenEnergy = flagOf(mix?.is_green_energy);
  if (!mix || isGreenEnergy === undefined) return undefined;
  const sources = (mix.energy_sources ?? []).flatMap(({ source, percentage }) => {
    const word = energySources.get(source);
    return word === undefined || numberOf(percentage) === undefined ? [] : [{ source: word, percentage }];
  });
  const impacts = (mix.environ_impact ?? []).flatMap(({ category, amount }) => {
    const word = environmentalImpacts.get(category);
    return word === undefined || numberOf(amount) === undefined ? [] : [{ category: word, amount }];
  });
  return compact<EnergyMix>({
    isGreenEnergy,
    energySources: sources.length > 0 ? sources : undefined,
    environmentalImpacts: impacts.length > 0 ? impacts : undefined,
    supplier: textOf(mix.supplier_name),
    energyProduct: textOf(mix.energy_product_name),
  });
}

/** `fields=truckRestrictions` of the Location; its EVSEs have more. HERE sections 2.6 and 2.7. */
export function truckOf(location: Location): TruckPart {
  const ext = hereLocation(location);
  const parkings = parkingsOf(location);
  const truckRestrictions = compact<TruckRestrictions>({
    ...ext.truckRestrictions,
    truckAccess: truckAccessOf(location, ext, parkings),
    noClearanceHeight: ext.truckRestrictions?.noClearanceHeight ?? clearanceOf(parkings),
  });
  const limits = largestLimits([ext.vehicleLimitations, ...parkings.map((parking) => parking?.vehicleLimitations)]);
  return compact<TruckPart>({
    isPullThrough: pullThroughOf(ext, parkings),
    truckRestrictions: Object.keys(truckRestrictions).length > 0 ? truckRestrictions : undefined,
    vehicleLimitations: Object.keys(limits).length > 0 ? limits : undefined,
  });
}

/** Light trucks are a kind of car; the other classes go with trucks only. HERE section 2.6. */
function truckAccessOf(
  location: Location,
  ext: HereLocationExtension,
  parkings: readonly Parking[],
): readonly TruckClass[] | undefined {
  const vehicles = supportedVehiclesOf(location, ext);
  const access = ext.truckRestrictions?.truckAccess ?? classesOf(parkings);
  const shown = access.filter((one) => vehicles.includes(one === 'light' ? 'car' : 'truck'));
  return shown.length > 0 ? shown : undefined;
}

/** Vehicles over 12 t are heavy. HERE section 2.6. */
const heavyFrom = 12_000;

function classesOf(parkings: readonly Parking[]): readonly TruckClass[] {
  const found = new Set<TruckClass>();
  for (const parking of parkings) {
    for (const vehicle of parking?.vehicleTypes ?? []) {
      const isHeavy = (parking?.vehicleLimitations?.weight ?? 0) > heavyFrom;
      if (vehicle === 'semiTractor') found.add('medium');
      if (vehicle === 'rigid') found.add(isHeavy ? 'heavy' : 'medium');
      if (vehicle === 'truckWithTrailer') found.add('heavy');
    }
  }
  return [...found];
}

/** True if one EVSE has no limit of height, false if of any it is known that it has one. HERE section 2.6. */
function clearanceOf(parkings: readonly Parking[]): boolean | undefined {
  const flags = parkings.map((parking) => parking?.noClearanceHeight);
  if (flags.includes(true)) return true;
  return flags.includes(false) ? false : undefined;
}

/** Of each size the largest that any of them gives. HERE section 2.7. */
function largestLimits(all: readonly (VehicleLimitations | undefined)[]): VehicleLimitations {
  const largest: { -readonly [name in keyof VehicleLimitations]: VehicleLimitations[name] } = {};
  for (const limits of all) {
    if (!limits) continue;
    for (const name of limitNames) {
      const limit = limits[name];
      if (limit !== undefined && limit > (largest[name] ?? -1)) largest[name] = limit;
    }
  }
  return largest;
}

/** `fields=emsps`. HERE section 2.1. */
export function emspsOf(location: Location): { readonly eMobilityServiceProviders?: readonly BusinessDetails[] } {
  const { eMobilityServiceProviders: providers } = hereLocation(location);
  return providers && providers.length > 0 ? { eMobilityServiceProviders: providers.map(providerOf) } : {};
}

/** `fields=nearby`, as far as it is known without a data set of places. HERE section 10. */
export function nearbyOf(location: Location): { readonly facilityTypes?: readonly FacilityType[] } {
  const found = new Set<FacilityType>([
    ...translated(facilities, location.facilities),
    ...(hereLocation(location).facilityTypes ?? []),
  ]);
  return found.size > 0 ? { facilityTypes: [...found] } : {};
}
