import { parseDateTime } from '../../kernel/date-time.js';
import { invalidParameters } from '../../kernel/ocpi-error.js';
import { ciKey, isAddressable } from '../../kernel/party-ref.js';
import type { Body, OcpiRequest } from './define-module.js';

/** A path parameter; the route guarantees it. */
export function pathParam(request: OcpiRequest, name: string): string {
  const value = request.params[name] ?? '';
  if (!isAddressable(value)) throw invalidParameters(`${name} cannot stand in a URL.`);
  return value;
}

/** The body of an endpoint that declares one. */
export function requiredBody(request: OcpiRequest): Body {
  if (!request.body) throw invalidParameters('The body is missing.');
  return request.body;
}

/** The id in the body is that of the URL (O-04, L-08). */
export function checkSameId(value: unknown, idField: string, id: string): void {
  const given = fieldOf(value, idField);
  if (typeof given !== 'string' || ciKey(given) !== ciKey(id))
    throw invalidParameters(`${idField} differs from the one in the URL.`, `/${idField}`);
}

/** The owner in the body, where it is given, is that of the URL (O-03, O-12). */
export function checkSameOwner(value: unknown, request: OcpiRequest): void {
  for (const name of ['country_code', 'party_id'] as const) {
    const given = fieldOf(value, name);
    if (typeof given === 'string' && ciKey(given) !== ciKey(pathParam(request, name)))
      throw invalidParameters(`${name} differs from the one in the URL.`, `/${name}`);
  }
}

/**
 * No `last_updated` of the object or of the objects in `lists` below it lies after `latest` (ms): a stamp far in the future
 * would freeze its object (T25).
 */
export function checkNotAhead(value: unknown, latest: number, lists: readonly string[] = [], pointer = ''): void {
  const stamp = fieldOf(value, 'last_updated');
  if (typeof stamp === 'string' && (parseDateTime(stamp) ?? 0) > latest)
    throw invalidParameters('last_updated lies in the future.', `${pointer}/last_updated`);
  for (const list of lists) {
    const items = fieldOf(value, list);
    if (!Array.isArray(items)) continue;
    for (const [index, item] of items.entries()) checkNotAhead(item, latest, lists, `${pointer}/${list}/${index}`);
  }
}

/** A field of a parsed body, whatever that body is. */
export function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
