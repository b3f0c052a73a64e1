import type { Location, Tariff } from '../../../generated/ocpi.js';
import type { Oddity } from '../../../kernel/oddity.js';
import { hereKey } from './here-key.js';
import { type Members, membersOf } from './lenient.js';
import {
  accessRestrictions,
  addressParts,
  connectorStandards,
  eMobilityIdPattern,
  evsePositions,
  facilityTypes,
  limitNames,
  parkingConditions,
  parkingDirections,
  parkingVehicles,
  partnerIdPattern,
  paymentSupports,
  phonePattern,
  tariffKinds,
  truckAmenities,
  truckClasses,
  vehicleKinds,
} from './vocabulary.js';

/** As many as are named of OCPI's own fields. */
const maxOddities = 50;

/** Where a value stands, and where to say so. Nothing is looked at any more once the list is full. */
interface Found {
  readonly oddities: Oddity[];
}

type Judge = (found: Found, rule: string, pointer: string, value: unknown) => void;

function add({ oddities }: Found, rule: string, pointer: string, message: string): void {
  if (oddities.length < maxOddities) oddities.push({ rule, pointer, message });
}

const kind =
  (isKind: (value: unknown) => boolean, message: string): Judge =>
  (found, rule, pointer, value) => {
    if (!isKind(value)) add(found, rule, pointer, message);
  };

const text = kind((value) => typeof value === 'string', 'must be a text; it counts as absent');
const flag = kind((value) => typeof value === 'boolean', 'must be true or false; it counts as absent');
const size = kind(
  (value) => typeof value === 'number' && value >= 0,
  'must be a number that is not negative; it counts as absent',
);
const partnerId = kind(
  (value) => typeof value === 'string' && partnerIdPattern.test(value),
  'is no partner id, a UUID of 36 characters; it counts as absent',
);
const eMobilityId = kind(
  (value) => typeof value === 'string' && eMobilityIdPattern.test(value),
  'is no id such as NL-ABC',
);
const phone = kind(
  (value) => typeof value === 'string' && phonePattern.test(value),
  'is no telephone number in the form of E.164, such as +31301234567',
);
const batteryLevel = kind(
  (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 100,
  'must be a whole number from 0 to 100; it counts as absent',
);

const word =
  (known: readonly string[]): Judge =>
  (found, rule, pointer, value) => {
    if (typeof value !== 'string') text(found, rule, pointer, value);
    // The value may be anything and long; it is stored, not repeated here whole.
    else if (!known.includes(value))
      add(found, rule, pointer, `has the value ${value.slice(0, 40)}, which HERE does not know`);
  };

const list =
  (judge: Judge): Judge =>
  (found, rule, pointer, value) => {
    if (!Array.isArray(value)) return add(found, rule, pointer, 'must be a list; it counts as absent');
    for (let index = 0; index < value.length && found.oddities.length < maxOddities; index++)
      judge(found, rule, `${pointer}/${index}`, value[index]);
  };

/** Members that are not listed are let through: they may be those of a later version. */
const object =
  (judges: Readonly<Record<string, Judge>>, required: readonly string[] = []): Judge =>
  (found, rule, pointer, value) => {
    const members = membersOf(value);
    if (!members) return add(found, rule, pointer, 'must be an object; it counts as absent');
    for (const name of required)
      if (members[name] == null) add(found, rule, pointer, `has no ${name}; it counts as absent`);
    for (const name in judges) judges[name]?.(found, rule, `${pointer}/${name}`, members[name] ?? undefined);
  };

/** Null is as good as absent, as it is in OCPI's own fields. */
const optional =
  (judge: Judge): Judge =>
  (found, rule, pointer, value) => {
    if (value != null) judge(found, rule, pointer, value);
  };

const all = (names: readonly string[], judge: Judge): Readonly<Record<string, Judge>> =>
  Object.fromEntries(names.map((name) => [name, optional(judge)]));

const degrees = (limit: number): Judge =>
  kind((value) => typeof value === 'number' && Math.abs(value) <= limit, `must be a number within ${limit} degrees`);

const limitations = object(all(limitNames, size));
const eMobilityIds = list(eMobilityId);

/** By name of the member: the section of the reference that describes it, and who judges it. */
type Rules = Readonly<Record<string, readonly [rule: string, judge: Judge]>>;

const locationRules: Rules = {
  supportedVehicles: ['HERE-2.1', list(word(vehicleKinds))],
  accessPoints: ['HERE-2.1', list(object({ lat: degrees(90), lng: degrees(180) }))],
  restrictions: ['HERE-2.1', list(word(accessRestrictions))],
  supportPhoneNumber: ['HERE-2.1', phone],
  isPullThrough: ['HERE-2.1', flag],
  reservationRequired: ['HERE-2.1', flag],
  truckRestrictions: [
    'HERE-2.6',
    object({
      truckAccess: optional(list(word(truckClasses))),
      ...all(['hazardousGoodsRestricted', 'noClearanceHeight', 'trailerParking', 'overnightParking'], flag),
      amenities: optional(list(word(truckAmenities))),
    }),
  ],
  vehicleLimitations: ['HERE-2.7', limitations],
  facilityTypes: ['HERE-3.7', list(word(facilityTypes))],
  addressDetails: ['HERE-2.4', object(all(addressParts, text))],
  eMobilityServiceProviders: [
    'HERE-2.5',
    list(
      object({ name: optional(text), partnerId: optional(partnerId), eMobilityIds: optional(eMobilityIds) }, ['name']),
    ),
  ],
  operatorPartnerId: ['HERE-2.5', partnerId],
  suboperatorPartnerId: ['HERE-2.5', partnerId],
  ownerPartnerId: ['HERE-2.5', partnerId],
  eMobilityIds: ['HERE-2.5', eMobilityIds],
};

const evseRules: Rules = {
  paymentSupports: ['HERE-3.5', list(word(paymentSupports))],
  parking: [
    'HERE-2.3',
    object({
      conditions: optional(list(word(parkingConditions))),
      vehicleTypes: optional(list(word(parkingVehicles))),
      vehicleLimitations: optional(limitations),
      noClearanceHeight: optional(flag),
      evsePosition: optional(word(evsePositions)),
      parkingDirection: optional(word(parkingDirections)),
      reservationRequired: optional(flag),
    }),
  ],
};

const connectorRules: Rules = { standard: ['HERE-3.2', word(connectorStandards)] };

const tariffRules: Rules = {
  kind: ['HERE-7.1', word(tariffKinds)],
  name: ['HERE-7.2', text],
  partnerId: ['HERE-2.5', partnerId],
  retail: ['HERE-7.6', flag],
  elements: ['HERE-7.3', list(optional(object({ overstayBatteryLevel: optional(batteryLevel) })))],
};

/** What the hub works out itself; from an owner it is kept and not used. HERE section 14. */
const computed = ['connectorGroups', 'predictions', 'reliability'];

function judge(found: Found, at: string, holder: { readonly [k: string]: unknown }, rules: Rules): void {
  const value = holder[hereKey];
  if (value == null) return;
  const pointer = `${at}/${hereKey}`;
  const ext: Members | undefined = membersOf(value);
  if (!ext) return;
  for (const name in rules) {
    const rule = rules[name];
    if (rule && ext[name] != null) rule[1](found, rule[0], `${pointer}/${name}`, ext[name]);
  }
  for (const name of computed)
    if (ext[name] != null)
      add(found, 'HERE-14', `${pointer}/${name}`, 'is worked out by the hub; what is sent is not used');
}

/**
 * What is strange in the vendor objects of a Location, its EVSEs and connectors. All of it is stored and passed on; the derived data
 * do without it. At most 50 are named; where no vendor object is there, nothing is looked at. HERE section 14.
 */
export function hereLocationOddities(location: Location): Oddity[] {
  const found: Found = { oddities: [] };
  judge(found, '', location, locationRules);
  const { evses } = location;
  if (!evses) return found.oddities;
  for (let index = 0; index < evses.length; index++) {
    const evse = evses[index];
    if (!evse) continue;
    if (evse[hereKey] != null) judge(found, `/evses/${index}`, evse, evseRules);
    const { connectors } = evse;
    for (let at = 0; at < connectors.length; at++) {
      const connector = connectors[at];
      if (connector?.[hereKey] != null) judge(found, `/evses/${index}/connectors/${at}`, connector, connectorRules);
    }
  }
  return found.oddities;
}

/** The same for a Tariff. */
export function hereTariffOddities(tariff: Tariff): Oddity[] {
  const found: Found = { oddities: [] };
  judge(found, '', tariff, tariffRules);
  return found.oddities;
}
