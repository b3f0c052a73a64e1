import type { Connector, EVSE, GeoLocation, Hours, Image, Location } from '../../generated/ocpi.js';
import type { Oddity } from '../../kernel/oddity.js';
import {
  addEnergyMixOddities,
  addForeignDateTime,
  addUnknownValue,
  isForeignDateTime,
  OddityList,
} from '../../platform/schema/common-oddities.js';

/** Values of the open enumerations of a location, by the field they stand in. Spec: 2.2.1 §8.4. */
export const locationVocabulary = {
  parking_type: new Set([
    'ALONG_MOTORWAY',
    'PARKING_GARAGE',
    'PARKING_LOT',
    'ON_DRIVEWAY',
    'ON_STREET',
    'UNDERGROUND_GARAGE',
  ]),
  facilities: new Set(
    (
      'HOTEL RESTAURANT CAFE MALL SUPERMARKET SPORT RECREATION_AREA NATURE MUSEUM BIKE_SHARING BUS_STOP TAXI_STAND ' +
      'TRAM_STOP METRO_STATION TRAIN_STATION AIRPORT PARKING_LOT CARPOOL_PARKING FUEL_STATION WIFI'
    ).split(' '),
  ),
  imageCategory: new Set(['CHARGER', 'ENTRANCE', 'LOCATION', 'NETWORK', 'OPERATOR', 'OTHER', 'OWNER']),
  tokenType: new Set(['AD_HOC_USER', 'APP_USER', 'OTHER', 'RFID']),
  status: new Set('AVAILABLE BLOCKED CHARGING INOPERATIVE OUTOFORDER PLANNED REMOVED RESERVED UNKNOWN'.split(' ')),
  capabilities: new Set(
    (
      'CHARGING_PROFILE_CAPABLE CHARGING_PREFERENCES_CAPABLE CHIP_CARD_SUPPORT CONTACTLESS_CARD_SUPPORT ' +
      'CREDIT_CARD_PAYABLE DEBIT_CARD_PAYABLE PED_TERMINAL REMOTE_START_STOP_CAPABLE RESERVABLE RFID_READER ' +
      'START_SESSION_CONNECTOR_REQUIRED TOKEN_GROUP_CAPABLE UNLOCK_CAPABLE'
    ).split(' '),
  ),
  parking_restrictions: new Set(['EV_ONLY', 'PLUGGED', 'DISABLED', 'CUSTOMERS', 'MOTORCYCLES']),
  standard: new Set(
    (
      'CHADEMO CHAOJI DOMESTIC_A DOMESTIC_B DOMESTIC_C DOMESTIC_D DOMESTIC_E DOMESTIC_F DOMESTIC_G DOMESTIC_H ' +
      'DOMESTIC_I DOMESTIC_J DOMESTIC_K DOMESTIC_L DOMESTIC_M DOMESTIC_N DOMESTIC_O GBT_AC GBT_DC ' +
      'IEC_60309_2_single_16 IEC_60309_2_three_16 IEC_60309_2_three_32 IEC_60309_2_three_64 IEC_62196_T1 ' +
      'IEC_62196_T1_COMBO IEC_62196_T2 IEC_62196_T2_COMBO IEC_62196_T3A IEC_62196_T3C NEMA_5_20 NEMA_6_30 NEMA_6_50 ' +
      'NEMA_10_30 NEMA_10_50 NEMA_14_30 NEMA_14_50 PANTOGRAPH_BOTTOM_UP PANTOGRAPH_TOP_DOWN TESLA_R TESLA_S'
    ).split(' '),
  ),
  format: new Set(['SOCKET', 'CABLE']),
  power_type: new Set(['AC_1_PHASE', 'AC_2_PHASE', 'AC_2_PHASE_SPLIT', 'AC_3_PHASE', 'DC']),
} as const satisfies Record<string, ReadonlySet<string>>;

/**
 * What is strange in a location that passed its schema (D-16, second class): it is stored and passed on all the same, and
 * reported. At most 50 are named. Pure but for a cache of time zones; a few microseconds for a usual location.
 */
export function locationOddities(location: Location): Oddity[] {
  const list = new OddityList();
  addHead(list, location);
  const evses = location.evses ?? [];
  const uids = new Set<string>();
  for (let index = 0; index < evses.length; index++) {
    const evse = evses[index];
    if (evse) addEvse(list, `/evses/${index}`, evse);
    if (!evse || evses.length === 1) continue;
    const uid = evse.uid.toUpperCase();
    if (uids.has(uid)) list.add('L-21', `/evses/${index}/uid`, 'occurs twice in this location');
    uids.add(uid);
  }
  addStaleParents(list, location, evses);
  return list.found;
}

function addHead(list: OddityList, location: Location): void {
  if (!/^[A-Z]{3}$/.test(location.country)) {
    list.add('D-13', '/country', 'is no ISO 3166-1 alpha-3 code in capitals');
  }
  if (!isTimeZone(location.time_zone)) list.add('L-36', '/time_zone', 'is no time zone of the IANA database');
  addCoordinates(list, '/coordinates', location.coordinates);
  const allowed = location.publish_allowed_to ?? [];
  if (location.publish && allowed.length > 0) {
    list.add('L-24', '/publish_allowed_to', 'is not to be used when publish is true');
  }
  for (const [index, { type }] of allowed.entries()) {
    if (type != null && !locationVocabulary.tokenType.has(type)) {
      addUnknownValue(list, `/publish_allowed_to/${index}/type`, type);
    }
  }
  for (const [index, point] of (location.related_locations ?? []).entries()) {
    addCoordinates(list, `/related_locations/${index}`, point);
  }
  const parking = location.parking_type;
  if (parking != null && !locationVocabulary.parking_type.has(parking)) addUnknownValue(list, '/parking_type', parking);
  addUnknownValues(list, '/facilities', location.facilities, locationVocabulary.facilities);
  addImages(list, '/images', location.images);
  if (location.opening_times) addHours(list, location.opening_times);
  if (location.energy_mix) addEnergyMixOddities(list, '/energy_mix', location.energy_mix);
  if (isForeignDateTime(location.last_updated)) addForeignDateTime(list, '/last_updated');
}

function addEvse(list: OddityList, pointer: string, evse: EVSE): void {
  addUnknownValues(list, `${pointer}/capabilities`, evse.capabilities, locationVocabulary.capabilities);
  addUnknownValues(
    list,
    `${pointer}/parking_restrictions`,
    evse.parking_restrictions,
    locationVocabulary.parking_restrictions,
  );
  for (const [index, { status }] of (evse.status_schedule ?? []).entries()) {
    if (!locationVocabulary.status.has(status)) {
      addUnknownValue(list, `${pointer}/status_schedule/${index}/status`, status);
    }
  }
  if (evse.coordinates) addCoordinates(list, `${pointer}/coordinates`, evse.coordinates);
  addImages(list, `${pointer}/images`, evse.images);
  if (isForeignDateTime(evse.last_updated)) addForeignDateTime(list, `${pointer}/last_updated`);
  const { connectors } = evse;
  for (let index = 0; index < connectors.length; index++) {
    const connector = connectors[index];
    if (!connector) continue;
    addConnector(list, `${pointer}/connectors/${index}`, connector);
    if (index > 0 && connectors.findIndex(({ id }) => sameId(id, connector.id)) < index) {
      list.add('L-22', `${pointer}/connectors/${index}/id`, 'occurs twice in this EVSE');
    }
  }
}

/** CiStrings compare without case (D-01). */
const sameId = (a: string, b: string): boolean => a === b || a.toUpperCase() === b.toUpperCase();

function addConnector(list: OddityList, pointer: string, connector: Connector): void {
  const { standard, format, power_type } = connector;
  if (!locationVocabulary.standard.has(standard)) addUnknownValue(list, `${pointer}/standard`, standard);
  if (!locationVocabulary.format.has(format)) addUnknownValue(list, `${pointer}/format`, format);
  if (!locationVocabulary.power_type.has(power_type)) addUnknownValue(list, `${pointer}/power_type`, power_type);
  if (isForeignDateTime(connector.last_updated)) addForeignDateTime(list, `${pointer}/last_updated`);
}

function addUnknownValues(
  list: OddityList,
  pointer: string,
  values: readonly string[] | null | undefined,
  known: ReadonlySet<string>,
): void {
  if (!values) return;
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (value !== undefined && !known.has(value)) addUnknownValue(list, `${pointer}/${index}`, value);
  }
}

function addImages(list: OddityList, pointer: string, images: readonly Image[] | null | undefined): void {
  for (const [index, { category }] of (images ?? []).entries()) {
    if (!locationVocabulary.imageCategory.has(category)) {
      addUnknownValue(list, `${pointer}/${index}/category`, category);
    }
  }
}

/** More than seven decimals are accepted and kept; a point that is not on the earth is at least not hidden. */
function addCoordinates(list: OddityList, pointer: string, point: Pick<GeoLocation, 'latitude' | 'longitude'>): void {
  addCoordinate(list, `${pointer}/latitude`, point.latitude, 90);
  addCoordinate(list, `${pointer}/longitude`, point.longitude, 180);
}

function addCoordinate(list: OddityList, pointer: string, degrees: string, limit: number): void {
  if (degrees.length - degrees.indexOf('.') > 8) list.add('D-14', pointer, 'has more than seven decimals');
  if (Math.abs(Number(degrees)) > limit) list.add('D-14', pointer, `is beyond ${limit} degrees`);
}

function addHours(list: OddityList, hours: Hours): void {
  const regular = hours.regular_hours ?? [];
  if (hours.twentyfourseven && regular.length > 0) {
    list.add('L-26', '/opening_times/regular_hours', 'is not to be used when twentyfourseven is true');
  }
  for (const [index, { period_begin, period_end }] of regular.entries()) {
    // Both are hh:mm, so they order as text.
    if (period_end <= period_begin) {
      list.add('L-26', `/opening_times/regular_hours/${index}/period_end`, 'is not later than period_begin');
    }
  }
}

/** A parent carries the time of its latest change below (L-11). Compared to the second and only where both are UTC. */
function addStaleParents(list: OddityList, location: Location, evses: readonly EVSE[]): void {
  const parent = seconds(location.last_updated);
  if (parent === undefined) return;
  for (const evse of evses) {
    const child = seconds(evse.last_updated);
    if (child !== undefined && child > parent) {
      list.add('L-11', '/last_updated', 'is older than the last_updated of one of its EVSEs');
      return;
    }
  }
}

const seconds = (value: string): string | undefined => (isForeignDateTime(value) ? undefined : value.slice(0, 19));

// The names come from partners, so the cache must not grow with what they invent.
const timeZones = new Map<string, boolean>();
const maxTimeZones = 1000;

function isTimeZone(name: string): boolean {
  const known = timeZones.get(name);
  if (known !== undefined) return known;
  const valid = canFormatIn(name);
  if (timeZones.size >= maxTimeZones) timeZones.clear();
  timeZones.set(name, valid);
  return valid;
}

function canFormatIn(timeZone: string): boolean {
  // Newer engines take offsets such as +01:00 for time zones; OCPI wants names.
  if (!/^[A-Za-z]/.test(timeZone)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone });
    return true;
  } catch {
    return false;
  }
}
