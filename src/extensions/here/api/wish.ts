import { connectorStandards } from '../carriage/vocabulary.js';
import { badRequest, forbidden } from '../http/ev-error.js';
import type { EvKey, EvScope } from '../http/ev-route.js';
import { parseTariffFilter, type TariffFilter } from '../tariffs/tariff-filter.js';

/** The sets of fields that can be asked for. HERE section 4.2. */
export const fieldSets = [
  'address',
  'evses',
  'truckRestrictions',
  'locationInfo',
  'emsps',
  'connectorGroups',
  'predictions',
  'reliability',
  'tariffs',
  'nearby',
] as const;
export type FieldSet = (typeof fieldSets)[number];

const restricted: Readonly<Partial<Record<FieldSet, EvScope>>> = {
  truckRestrictions: 'truckRestrictions',
  predictions: 'predictions',
  reliability: 'reliability',
};

/** What a look-up is to show. */
export interface Wish {
  /** Those that have an effect. */
  readonly fields: ReadonlySet<FieldSet>;
  /** Days of predictions, today included. */
  readonly days: number;
  readonly tariff: TariffFilter;
  /** Only EVSEs and groups with one of these; undefined: all. */
  readonly connectorTypes: ReadonlySet<string> | undefined;
  /** The same wish has the same text. */
  readonly text: string;
}

const carried = ['tariffs', 'reliability'] as const satisfies readonly FieldSet[];

const standards: ReadonlySet<string> = new Set<string>(connectorStandards);
const maxIds = 100;
const maxConnectorTypes = 5;

/**
 * Reads what a look-up asks for. HERE section 4.1.
 *
 * @throws EvError 400 for what is not documented, 403 for what the key may not read
 */
export function wishOf(query: URLSearchParams, key: EvKey): Wish {
  const fields = new Set(listOf(query, 'fields', fieldSets));
  for (const field of fields) {
    const scope = restricted[field];
    if (scope !== undefined && !key.scopes.has(scope)) throw forbidden(`this key has no right to read ${field}`);
  }
  // Without something that carries them they have no place in the answer. HERE section 4.2.
  if (!fields.has('evses') && !fields.has('connectorGroups')) for (const field of carried) fields.delete(field);
  const days = single(query, 'days') ?? '2';
  if (!/^[1-7]$/.test(days)) throw badRequest('query days is not a whole number from 1 to 7');
  const tariff = parseTariffFilter(query.getAll('tariff'));
  const types = query.has('connectorTypes') ? listOf(query, 'connectorTypes', [...standards]) : undefined;
  if (types && types.length > maxConnectorTypes)
    throw badRequest(`query connectorTypes has more than ${maxConnectorTypes} values`);
  const has = (field: FieldSet): boolean => fields.has(field);
  return {
    fields,
    days: Number(days),
    tariff,
    connectorTypes: types && new Set(types),
    text: JSON.stringify([
      fieldSets.filter(has),
      has('predictions') ? days : '',
      has('tariffs') ? tariff.key : '',
      types ? [...types].sort() : '',
    ]),
  };
}

/** The ids of a look-up of several, as they were sent, each once. @throws EvError 400 */
export function idsOf(query: URLSearchParams): readonly string[] {
  const text = single(query, 'ids');
  if (text === undefined || text === '') throw badRequest('query ids is missing');
  const ids = text.split(',');
  if (ids.length > maxIds)
    throw badRequest(`query ids has more than ${maxIds} values`, 'Ask for 1 to 100 ids at a time.');
  const empty = ids.indexOf('');
  if (empty >= 0) throw badRequest(`query ids[${empty}] is empty`);
  return [...new Set(ids)];
}

/** A parameter that may stand once. @throws EvError 400 */
export function single(query: URLSearchParams, name: string): string | undefined {
  const [value, ...others] = query.getAll(name);
  if (others.length > 0) throw badRequest(`query ${name} stands more than once`);
  return value;
}

/** A comma list of distinct known values. @throws EvError 400 that names the place of the first wrong one */
export function listOf<T extends string>(query: URLSearchParams, name: string, allowed: readonly T[]): readonly T[] {
  const text = single(query, name);
  if (text === undefined) return [];
  const values = text.split(',');
  for (const [at, value] of values.entries()) {
    if (!allowed.includes(value as T)) throw badRequest(`query ${name}[${at}] is not an allowed value`);
    if (values.indexOf(value) < at) throw badRequest(`query ${name}[${at}] stands more than once`);
  }
  return values as T[];
}
