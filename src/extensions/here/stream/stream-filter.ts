import { ciKey } from '../../../kernel/party-ref.js';
import { badRequest } from '../http/ev-error.js';
import type { LivePlace, StatusEvent } from '../live/live-places.js';
import { placeKeyOf } from '../model/place-id.js';

interface Box {
  readonly west: number;
  readonly south: number;
  readonly east: number;
  readonly north: number;
}

/** Where an event comes from, as a filter looks at it. */
export type Origin = Pick<StatusEvent & LivePlace, 'key' | 'owner' | 'country' | 'latitude' | 'longitude'>;

/** Which EVSEs a consumer wants; undefined: of all. All that are given must hold. */
export interface StreamFilter {
  /** Object keys of Locations. */
  readonly keys: ReadonlySet<string> | undefined;
  /** Party keys, `DE/CP1`. */
  readonly parties: ReadonlySet<string> | undefined;
  /** Alpha-3 of where the Location is, or alpha-2 of its party. */
  readonly countries: ReadonlySet<string> | undefined;
  readonly box: Box | undefined;
}

/** Query parameters that {@link streamFilterOf} reads. */
export const filterParameters = {
  ids: 'Comma list of up to 100 place ids',
  parties: 'Comma list of up to 100 parties such as NL-VLT',
  countryCodes: 'Comma list of up to 50 countries: alpha-3 of the place, or alpha-2 of its party',
  bbox: 'west,south,east,north in degrees; west greater than east: across the date line',
} as const;

/** @throws EvError 400 that names the parameter */
export function streamFilterOf(query: URLSearchParams): StreamFilter {
  const ids = listOf(query, 'ids', 100)?.map((id) => placeKeyOf(id) ?? '');
  const parties = listOf(query, 'parties', 100)?.map((party, at) => {
    const [, country, id] = /^([A-Za-z]{2})[-*/]([A-Za-z0-9]{3})$/.exec(party) ?? [];
    if (country === undefined || id === undefined) throw badRequest(`query parties[${at}] is no party such as NL-VLT`);
    return ciKey(`${country}/${id}`);
  });
  const countries = listOf(query, 'countryCodes', 50)?.map((code, at) => {
    if (!/^[A-Za-z]{2,3}$/.test(code)) throw badRequest(`query countryCodes[${at}] is no country code`);
    return ciKey(code);
  });
  return {
    keys: ids && new Set(ids),
    parties: parties && new Set(parties),
    countries: countries && new Set(countries),
    box: boxOf(query),
  };
}

/** Whether a consumer wants what comes from there. */
export function wants({ keys, parties, countries, box }: StreamFilter, origin: Origin): boolean {
  if (keys && !keys.has(origin.key)) return false;
  if (parties && !parties.has(origin.owner)) return false;
  if (countries && !countries.has(origin.country) && !countries.has(origin.owner.slice(0, 2))) return false;
  return box === undefined || isInside(box, origin);
}

function isInside({ west, south, east, north }: Box, { latitude, longitude }: Origin): boolean {
  if (!(latitude >= south && latitude <= north)) return false;
  return west <= east ? longitude >= west && longitude <= east : longitude >= west || longitude <= east;
}

function boxOf(query: URLSearchParams): Box | undefined {
  const text = one(query, 'bbox');
  if (text === undefined) return undefined;
  const parts = text.split(',');
  const [west, south, east, north] = parts.map((part) => (/^-?\d{1,3}(\.\d{1,15})?$/.test(part) ? Number(part) : NaN));
  if (parts.length !== 4 || west === undefined || south === undefined || east === undefined || north === undefined)
    throw badRequest('query bbox is not west,south,east,north');
  const fits = Math.abs(west) <= 180 && Math.abs(east) <= 180 && Math.abs(south) <= 90 && Math.abs(north) <= 90;
  if (!fits) throw badRequest('query bbox is not in degrees');
  if (south > north) throw badRequest('query bbox has its south above its north');
  return { west, south, east, north };
}

function listOf(query: URLSearchParams, name: string, most: number): readonly string[] | undefined {
  const text = one(query, name);
  if (text === undefined) return undefined;
  const values = text.split(',');
  if (values.includes('')) throw badRequest(`query ${name} has an empty value`);
  if (values.length > most) throw badRequest(`query ${name} has more than ${most} values`);
  return values;
}

function one(query: URLSearchParams, name: string): string | undefined {
  const [value, ...others] = query.getAll(name);
  if (others.length > 0) throw badRequest(`query ${name} stands more than once`);
  return value;
}
