import { createHash } from 'node:crypto';
import type { EVSE, Location, Connector as OcpiConnector } from '../../../generated/ocpi.js';
import { formatDateTime, parseDateTime } from '../../../kernel/date-time.js';
import { ciKey, keySegment, objectKey } from '../../../kernel/party-ref.js';
import { type HereEvseExtension, hereEvse, type ParkingSpace, type Point } from '../carriage/extension.js';
import { compact, numberOf, textOf } from '../carriage/lenient.js';
import type { AccessRestriction, ParkingCondition, PaymentSupport } from '../carriage/vocabulary.js';
import { formatOf, hereStandardOf, type PowerType, powerTypeOf } from './connector.js';
import { capabilities, mobilePayments, payments, translated } from './enums.js';
import { pointOf, restrictionsOf, shownEvses } from './place-parts.js';
import { type HereStatus, hereStatusOf } from './status.js';

/** HERE section 2.9. */
export interface Connector {
  readonly id: string;
  readonly standard: string;
  readonly format: 'socket' | 'cable';
  readonly powerType: PowerType;
  /** V */
  readonly maxVoltage: number;
  /** A */
  readonly maxCurrent: number;
  /** W */
  readonly maxPower?: number;
  readonly termsAndConditionsUrl?: string;
  readonly tariffIndexes?: readonly number[];
}

/** HERE section 2.2. */
export interface Evse {
  readonly id: string;
  readonly uid: string;
  readonly evseId?: string;
  /** Absent in data without live status, as `modified` is. */
  readonly status?: HereStatus;
  readonly modified?: string;
  readonly capabilities?: readonly string[];
  readonly paymentSupports?: readonly PaymentSupport[];
  readonly location?: Point;
  readonly floorLevel?: string;
  readonly physicalReference?: string;
  readonly parking?: ParkingSpace;
  readonly connectors: readonly Connector[];
}

export interface EvseOptions {
  /** Object key of the Location; made from it unless given. */
  readonly key?: string;
  /** With what belongs to `truckRestrictions`: vehicle types, limits and clearance of the parking spaces. */
  readonly withTruck?: boolean;
  /** Statuses as they stand now; without them those of the document count. */
  readonly live?: {
    readonly evses: readonly { readonly uid: string; readonly status: HereStatus; readonly modified: number }[];
  };
  /** Without `status` and `modified`. */
  readonly static?: boolean;
  /** Positions in the answer's list of tariffs; without it connectors have none. */
  readonly tariffIndexes?: (tariffIds: readonly string[]) => readonly number[];
}

/** Id of an EVSE in the whole world: the same on every node, and however its owner spells it. HERE section 2.2. */
export function evseIdOf(key: string, uid: string): string {
  return `here:evcp:evse:${createHash('sha256')
    .update(`${key}/${keySegment(uid)}`)
    .digest('hex')}`;
}

/**
 * `fields=evses`. Left out are EVSEs that are removed or planned, connectors for which HERE has no word, and EVSEs of which none is
 * left. Of EVSEs with the same uid, which OCPI forbids, the first counts. HERE section 2.2.
 */
export function evsesOf(location: Location, options: EvseOptions = {}): { readonly evses?: readonly Evse[] } {
  const key = options.key ?? objectKey(location, String(location.id));
  const restrictions = restrictionsOf(location);
  const evses: Evse[] = [];
  const uids = new Set<string>();
  for (const evse of shownEvses(location)) {
    const uid = ciKey(String(evse.uid));
    if (uids.has(uid)) continue;
    uids.add(uid);
    const connectors = connectorsOf(evse, options.tariffIndexes);
    if (connectors.length === 0) continue;
    evses.push(shown(evse, key, uids.size - 1, connectors, restrictions, options));
  }
  return evses.length > 0 ? { evses } : {};
}

function shown(
  evse: EVSE,
  key: string,
  position: number,
  connectors: readonly Connector[],
  ofLocation: readonly AccessRestriction[],
  options: EvseOptions,
): Evse {
  const ext = hereEvse(evse);
  const supports = paymentSupportsOf(evse, ext);
  const able = translated(capabilities, evse.capabilities);
  const live = options.static ? undefined : liveOf(options.live?.evses, evse, position);
  return compact<Evse>({
    id: evseIdOf(key, String(evse.uid)),
    uid: String(evse.uid),
    evseId: textOf(evse.evse_id),
    status: options.static ? undefined : (live?.status ?? hereStatusOf(evse.status)),
    modified: options.static ? undefined : live ? formatDateTime(live.modified) : dateTimeOf(evse.last_updated),
    capabilities: able.length > 0 ? able : undefined,
    paymentSupports: supports.length > 0 ? supports : undefined,
    location: evse.coordinates ? pointOf(evse.coordinates) : undefined,
    floorLevel: textOf(evse.floor_level),
    physicalReference: textOf(evse.physical_reference),
    parking: parkingOf(evse, ext, ofLocation, options.withTruck === true),
    connectors,
  });
}

/** Mostly both lists have the same EVSEs in the same order. */
function liveOf(
  evses: NonNullable<EvseOptions['live']>['evses'] | undefined,
  evse: EVSE,
  position: number,
): NonNullable<EvseOptions['live']>['evses'][number] | undefined {
  const there = evses?.[position];
  if (!evses || there?.uid === evse.uid) return there;
  const uid = ciKey(String(evse.uid));
  return evses.find((one) => ciKey(one.uid) === uid);
}

/** OCPI lets a DateTime be written in several ways; here each has its `Z`. */
function dateTimeOf(text: unknown): string | undefined {
  if (typeof text !== 'string') return undefined;
  if (text.length === 20 && text.endsWith('Z')) return text;
  const ms = parseDateTime(text);
  return ms === undefined ? undefined : formatDateTime(ms);
}

/** HERE section 3.5. */
function paymentSupportsOf(evse: EVSE, ext: HereEvseExtension): readonly PaymentSupport[] {
  const supports = translated(payments, evse.capabilities);
  for (const one of ext.paymentSupports ?? []) if (!supports.includes(one)) supports.push(one);
  if (!supports.includes('mobilePayment') && supports.some((one) => mobilePayments.has(one)))
    supports.push('mobilePayment');
  return supports;
}

/** HERE sections 2.3 and 3.6. */
function parkingOf(
  evse: EVSE,
  { parking }: HereEvseExtension,
  ofLocation: readonly AccessRestriction[],
  withTruck: boolean,
): ParkingSpace | undefined {
  const restrictions = evse.parking_restrictions;
  if (!parking && !restrictions?.length) return undefined;
  const found = new Set<ParkingCondition>(parking?.conditions);
  if (restrictions?.includes('DISABLED')) found.add('disabled');
  if (restrictions?.includes('CUSTOMERS')) found.add('customers');
  if (restrictions?.includes('TAXIS')) found.add('taxis');
  // What holds for all is said once, at the Location.
  if (ofLocation.includes('customersOnly')) found.delete('customers');
  if (ofLocation.includes('taxisOnly')) found.delete('taxis');
  const space = compact<ParkingSpace>({
    conditions: found.size > 0 ? [...found] : undefined,
    vehicleTypes: withTruck && parking?.vehicleTypes?.length ? parking.vehicleTypes : undefined,
    vehicleLimitations: withTruck ? limitsOf(parking) : undefined,
    noClearanceHeight: withTruck ? parking?.noClearanceHeight : undefined,
    evsePosition: parking?.evsePosition,
    parkingDirection: parking?.parkingDirection,
    reservationRequired: parking?.reservationRequired,
  });
  return Object.keys(space).length > 0 ? space : undefined;
}

/** Trailers are told by vehicle types at an EVSE. HERE section 2.7. */
function limitsOf(parking: ParkingSpace | undefined): ParkingSpace['vehicleLimitations'] {
  if (!parking?.vehicleLimitations) return undefined;
  const { permittedTrailers: _, ...limits } = parking.vehicleLimitations;
  return Object.keys(limits).length > 0 ? limits : undefined;
}

function connectorsOf(evse: EVSE, tariffIndexes: EvseOptions['tariffIndexes']): readonly Connector[] {
  const connectors: Connector[] = [];
  if (!Array.isArray(evse.connectors)) return connectors;
  for (const connector of evse.connectors) {
    const standard = hereStandardOf(connector);
    const format = formatOf(connector);
    const powerType = powerTypeOf(connector);
    const maxVoltage = whole(connector.max_voltage);
    const maxCurrent = whole(connector.max_amperage);
    // HERE requires all of these.
    if (!standard || !format || !powerType || maxVoltage === undefined || maxCurrent === undefined) continue;
    connectors.push(
      withOptional(
        { id: String(connector.id), standard, format, powerType, maxVoltage, maxCurrent },
        connector,
        tariffIndexes,
      ),
    );
  }
  return connectors;
}

function withOptional(
  required: Connector,
  connector: OcpiConnector,
  tariffIndexes: EvseOptions['tariffIndexes'],
): Connector {
  const { tariff_ids: tariffIds } = connector;
  const maxPower = whole(connector.max_electric_power);
  const termsAndConditionsUrl = textOf(connector.terms_and_conditions);
  const indexes = tariffIndexes && tariffIds?.length ? tariffIndexes(tariffIds) : undefined;
  return {
    ...required,
    ...(maxPower !== undefined && maxPower >= 1 && { maxPower }),
    ...(termsAndConditionsUrl !== undefined && { termsAndConditionsUrl }),
    ...(indexes?.length && { tariffIndexes: indexes }),
  };
}

/** HERE counts volts, amperes and watts in whole numbers. */
function whole(value: unknown): number | undefined {
  const number = numberOf(value);
  return number === undefined || number < 0 ? undefined : Math.round(number);
}
