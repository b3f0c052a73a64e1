import { connectorStandards, type PaymentSupport, partnerIdPattern, paymentSupports } from '../carriage/vocabulary.js';
import { badRequest } from '../http/ev-error.js';
import { kindOf, typeNumber } from './facets.js';
import { type Box, centreOf, farthestOf, halfTurn, type Point } from './geo.js';
import { typesOfLegacyId } from './legacy-types.js';
import type { Position } from './nearest-places.js';
import { maskOf } from './place-row.js';

/** A question to `/browse`, checked. */
export interface BrowseQuery {
  readonly centre: Point;
  /** m */
  readonly maxDistance: number;
  readonly box: Box | undefined;
  /** HERE's names. */
  readonly connectorTypes: ReadonlySet<string> | undefined;
  /** W; 0: any */
  readonly minPower: number;
  readonly current: 'AC' | 'DC' | undefined;
  /** Names or partner ids, as they were sent. */
  readonly operators: readonly string[] | undefined;
  readonly providers: readonly string[] | undefined;
  /** Bit by bit, in the order of `paymentSupports`. */
  readonly payments: number | undefined;
  readonly onlyAvailable: boolean;
  readonly limit: number;
  readonly after: Position | undefined;
}

export const defaultRadius = 5_000;
export const maxRadius = 100_000;
export const defaultLimit = 20;
export const maxLimit = 100;
const maxValues = 50;

export const browseParameters = {
  at: 'Middle of the search, from which distances are measured: latitude,longitude. Required without bbox; with it, its middle unless given.',
  radius: `Metres from at, 1 to ${maxRadius}; ${defaultRadius} unless given. Not together with bbox.`,
  bbox: 'west,south,east,north in degrees, borders included. West greater than east: across the date line.',
  connectorTypes: 'Connector types, by HERE name or number, separated by commas: one of them.',
  minPower: 'Least power of a connector, kW.',
  current: 'AC or DC.',
  operator: 'Partner id or name of the operator; may be given several times: one of them.',
  eMobilityServiceProviders: 'Partner ids of eMSPs, separated by commas: one of them.',
  paymentMethods: 'Payment methods, separated by commas: one of them.',
  available: 'true: only places where a connector that fits is free now.',
  limit: `Places on a page, 1 to ${maxLimit}; ${defaultLimit} unless given.`,
  page: 'nextPage of the answer before, with the same question.',
} as const;
type Name = keyof typeof browseParameters;

/** @throws EvError 400 that names the parameter */
export function parseBrowse(query: URLSearchParams): BrowseQuery {
  const box = parsed(query, 'bbox', boxOf);
  const at = parsed(query, 'at', pointOf);
  const radius = parsed(query, 'radius', (text) => wholeOf(text, 1, maxRadius));
  if (!box && !at) throw refused('at', 'or bbox must be given');
  if (box && radius !== undefined) throw refused('radius', 'must not be given together with bbox');
  const centre = at ?? (box && centreOf(box)) ?? { latitude: 0, longitude: 0 };
  return {
    centre,
    maxDistance: box ? farthestOf(box, centre) + 1 : (radius ?? defaultRadius),
    box,
    connectorTypes: parsed(query, 'connectorTypes', typesOf),
    minPower: parsed(query, 'minPower', wattsOf) ?? 0,
    current: parsed(query, 'current', (text) => (text === 'AC' || text === 'DC' ? text : undefined)),
    operators: operatorsOf(query),
    providers: parsed(query, 'eMobilityServiceProviders', (text) =>
      listOf(text, (one) => (partnerIdPattern.test(one) ? one : undefined)),
    ),
    payments: parsed(query, 'paymentMethods', paymentsOf),
    onlyAvailable: parsed(query, 'available', flagOf) === 'true',
    limit: parsed(query, 'limit', (text) => wholeOf(text, 1, maxLimit)) ?? defaultLimit,
    after: parsed(query, 'page', positionOf),
  };
}

/** Types and current together, as the index has them; undefined: any. */
export function kindsOf({ connectorTypes, current }: BrowseQuery): number[] | undefined {
  if (!connectorTypes && !current) return undefined;
  const types = connectorTypes ? [...connectorTypes].flatMap((name) => typeNumber(name) ?? []) : allTypes;
  return types.flatMap((type) => [
    ...(current === 'DC' ? [] : [kindOf(type, false)]),
    ...(current === 'AC' ? [] : [kindOf(type, true)]),
  ]);
}

const refused = (name: Name, reason: string) => badRequest(`query ${name} ${reason}`);

function parsed<T>(query: URLSearchParams, name: Name, read: (text: string) => T | undefined): T | undefined {
  const [text, second] = query.getAll(name);
  if (text === undefined) return undefined;
  if (second !== undefined) throw refused(name, 'is given more than once');
  const value = read(text);
  if (value === undefined) throw refused(name, 'is not an allowed value');
  return value;
}

const decimal = /^-?\d{1,6}(?:\.\d{1,20})?$/;
const numberOf = (text: string): number | undefined => (decimal.test(text) ? Number(text) : undefined);

function wholeOf(text: string, least: number, most: number): number | undefined {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  return value >= least && value <= most ? value : undefined;
}

function numbersOf(text: string, count: number): number[] | undefined {
  const numbers = text.split(',').map(numberOf);
  return numbers.length === count && numbers.every((number) => number !== undefined) ? numbers : undefined;
}

const isLatitude = (value: number): boolean => value >= -90 && value <= 90;
const isLongitude = (value: number): boolean => value >= -180 && value <= 180;

function pointOf(text: string): Point | undefined {
  const [latitude = Number.NaN, longitude = Number.NaN] = numbersOf(text, 2) ?? [];
  return isLatitude(latitude) && isLongitude(longitude) ? { latitude, longitude } : undefined;
}

function boxOf(text: string): Box | undefined {
  const [west = Number.NaN, south = Number.NaN, east = Number.NaN, north = Number.NaN] = numbersOf(text, 4) ?? [];
  if (!isLongitude(west) || !isLongitude(east) || !isLatitude(south) || !isLatitude(north)) return undefined;
  return south <= north ? { south, west, north, east } : undefined;
}

function wattsOf(text: string): number | undefined {
  const kilowatts = numberOf(text);
  return kilowatts !== undefined && kilowatts >= 0 && kilowatts <= 10_000 ? Math.round(kilowatts * 1_000) : undefined;
}

function listOf<T>(text: string, read: (one: string) => T | undefined): T[] | undefined {
  const parts = text.split(',');
  const values = parts.flatMap((part) => read(part) ?? []);
  return values.length === parts.length && parts.length <= maxValues ? values : undefined;
}

function typesOf(text: string): ReadonlySet<string> | undefined {
  const names = listOf(text, (one) => (typeNumber(one) === undefined ? typesOfLegacyId(one) : [one]));
  return names && new Set(names.flat());
}

function operatorsOf(query: URLSearchParams): readonly string[] | undefined {
  const texts = query.getAll('operator');
  if (texts.length === 0) return undefined;
  if (texts.length > maxValues || texts.some((text) => text.trim() === '' || text.length > 200))
    throw refused('operator', 'is not an allowed value');
  return texts;
}

function paymentsOf(text: string): number | undefined {
  const known: ReadonlySet<string> = new Set(paymentSupports);
  const methods = listOf(text, (one) => (known.has(one) ? (one as PaymentSupport) : undefined));
  return methods && maskOf(methods);
}

const flagOf = (text: string): string | undefined => (text === 'true' || text === 'false' ? text : undefined);

const allTypes = Array.from({ length: connectorStandards.length }, (_, type) => type);

/** Opaque to callers: where the page before ended. */
export const pageToken = ({ distance, key }: Position): string =>
  Buffer.from(JSON.stringify([distance, key]), 'utf8').toString('base64url');

function positionOf(token: string): Position | undefined {
  if (!/^[A-Za-z0-9_-]{1,600}$/.test(token)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
  if (!Array.isArray(value) || value.length !== 2) return undefined;
  const [distance, key] = value as [unknown, unknown];
  const isPosition = typeof distance === 'number' && distance >= 0 && distance <= halfTurn && typeof key === 'string';
  return isPosition ? { distance, key } : undefined;
}
