import { knownOf, type Members, membersOf } from './lenient.js';
import { evsePositions, limitNames, parkingDirections, parkingVehicles } from './vocabulary.js';

/** What OCPI 2.3.0 says with a field or two for one member of `here_ext`. */
export interface StandardisedField {
  /** Where the member stands. */
  readonly on: 'Location' | 'EVSE' | 'Connector';
  /** Path of the member inside `here_ext`. */
  readonly here: string;
  /** The fields of OCPI 2.3.0, by object. */
  readonly ocpi: string;
  /** The fields of that object; undefined if OCPI has no word for the value. */
  readonly toOcpi: (value: unknown) => Members | undefined;
  /** The member; undefined if the object does not say. */
  readonly fromOcpi: (fields: Members) => unknown;
}

/** One to one, under another name. */
function renamed(name: string, isValid: (value: unknown) => boolean): Pick<StandardisedField, 'toOcpi' | 'fromOcpi'> {
  return {
    toOcpi: (value) => (isValid(value) ? { [name]: value } : undefined),
    fromOcpi: (fields) => (isValid(fields[name]) ? fields[name] : undefined),
  };
}

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';
const isFlag = (value: unknown): boolean => typeof value === 'boolean';

/** `truckWithTrailer` and `TRUCK_WITH_TRAILER` */
const capitals = (word: string): string => word.replace(/[A-Z]/g, '_$&').toUpperCase();

const words = (
  known: readonly string[],
): { readonly there: Map<string, string>; readonly back: Map<string, string> } => ({
  there: new Map(known.map((word) => [word, capitals(word)])),
  back: new Map(known.map((word) => [capitals(word), word])),
});

/** One word of an enumeration. */
function oneWord(name: string, known: readonly string[]): Pick<StandardisedField, 'toOcpi' | 'fromOcpi'> {
  const { there, back } = words(known);
  return {
    toOcpi: (value) => {
      const word = there.get(value as string);
      return word === undefined ? undefined : { [name]: word };
    },
    fromOcpi: (fields) => back.get(fields[name] as string),
  };
}

/** Several words; in OCPI they stand among others that are not of HERE. */
function wordList(
  name: string,
  known: readonly string[],
  ocpiWords = words(known),
): Pick<StandardisedField, 'toOcpi' | 'fromOcpi'> {
  const { there, back } = ocpiWords;
  return {
    toOcpi: (value) => {
      const list = knownOf(known, value)?.map((word) => there.get(word));
      return list && list.length > 0 ? { [name]: list } : undefined;
    },
    fromOcpi: (fields) => {
      const listed = fields[name];
      if (!Array.isArray(listed)) return undefined;
      const list = [...new Set(listed.flatMap((word) => back.get(word) ?? []))];
      return list.length > 0 ? list : undefined;
    },
  };
}

/** HERE's restriction, and whether OCPI 2.3.0 has it as a restriction of each EVSE of the Location. HERE section 3.6. */
const restrictionWords = {
  there: new Map([
    ['customersOnly', 'CUSTOMERS'],
    ['taxisOnly', 'TAXIS'],
  ]),
  back: new Map([
    ['CUSTOMERS', 'customersOnly'],
    ['TAXIS', 'taxisOnly'],
  ]),
};

const direction = oneWord(
  'direction',
  parkingDirections.filter((one) => one !== 'pullThrough'),
);

const limitFields: Readonly<Record<string, string>> = {
  weight: 'max_vehicle_weight',
  height: 'max_vehicle_height',
  length: 'max_vehicle_length',
  width: 'max_vehicle_width',
};

/**
 * Members of `here_ext` that OCPI 2.3.0 made fields of its own, both ways, so that one day they need only be renamed. Towards OCPI
 * 2.2.1 nothing of this is applied: there `here_ext` travels as it is. HERE section 2, column 2.3.0.
 */
export const standardisedFields: readonly StandardisedField[] = [
  { on: 'Location', here: 'supportPhoneNumber', ocpi: 'Location.help_phone', ...renamed('help_phone', isText) },
  {
    on: 'Location',
    here: 'restrictions',
    ocpi: 'EVSE.parking_restrictions, on every EVSE',
    ...wordList('parking_restrictions', ['customersOnly', 'taxisOnly'], restrictionWords),
  },
  {
    on: 'Location',
    here: 'eMobilityServiceProviders',
    // Names are all that OCPI has; ids do not survive the way back.
    ocpi: 'EVSE.accepted_service_providers, on every EVSE',
    toOcpi: (value) => {
      if (!Array.isArray(value)) return undefined;
      const names = value.flatMap((one) => (isText(membersOf(one)?.name) ? [membersOf(one)?.name] : []));
      return names.length > 0 ? { accepted_service_providers: names } : undefined;
    },
    fromOcpi: ({ accepted_service_providers: names }) =>
      Array.isArray(names) && names.length > 0 ? names.filter(isText).map((name) => ({ name })) : undefined,
  },
  {
    on: 'Location',
    here: 'truckRestrictions.hazardousGoodsRestricted',
    ocpi: 'Parking.dangerous_goods_allowed, the other way round',
    toOcpi: (value) => (typeof value === 'boolean' ? { dangerous_goods_allowed: !value } : undefined),
    fromOcpi: ({ dangerous_goods_allowed: allowed }) => (typeof allowed === 'boolean' ? !allowed : undefined),
  },
  {
    on: 'EVSE',
    here: 'parking.conditions',
    ocpi: 'EVSE.parking_restrictions',
    ...wordList('parking_restrictions', ['disabled', 'customers', 'taxis']),
  },
  {
    on: 'EVSE',
    here: 'parking.vehicleTypes',
    ocpi: 'Parking.vehicle_types',
    ...wordList('vehicle_types', parkingVehicles),
  },
  {
    on: 'EVSE',
    here: 'parking.vehicleLimitations',
    ocpi: 'Parking.max_vehicle_weight, max_vehicle_height, max_vehicle_length, max_vehicle_width',
    toOcpi: (value) => mapped(membersOf(value), (name) => limitFields[name], limitNames),
    fromOcpi: (fields) =>
      mapped(fields, (name) => limitNames.find((one) => limitFields[one] === name), Object.values(limitFields)),
  },
  {
    on: 'EVSE',
    here: 'parking.evsePosition',
    ocpi: 'EVSEParking.evse_position',
    ...oneWord('evse_position', evsePositions),
  },
  {
    on: 'EVSE',
    here: 'parking.parkingDirection',
    ocpi: 'Parking.direction, Parking.drive_through',
    // Who can drive through need not know how the space lies to the road.
    toOcpi: (value) => (value === 'pullThrough' ? { drive_through: true } : direction.toOcpi(value)),
    fromOcpi: (fields) => (fields.drive_through === true ? 'pullThrough' : direction.fromOcpi(fields)),
  },
  {
    on: 'EVSE',
    here: 'parking.reservationRequired',
    ocpi: 'Parking.reservation_required',
    ...renamed('reservation_required', isFlag),
  },
  {
    on: 'Connector',
    here: 'standard',
    ocpi: 'Connector.standard',
    toOcpi: (value) => (value === 'MCS' || value === 'SAE_J3400' ? { standard: value } : undefined),
    fromOcpi: ({ standard }) => (standard === 'MCS' || standard === 'SAE_J3400' ? standard : undefined),
  },
];

function mapped(
  from: Members | undefined,
  nameOf: (name: string) => string | undefined,
  names: readonly string[],
): Members | undefined {
  const out: Record<string, unknown> = {};
  for (const name of names) {
    const target = nameOf(name);
    const value = from?.[name];
    if (target !== undefined && typeof value === 'number') out[target] = value;
  }
  return Object.keys(out).length > 0 ? out : undefined;
}
