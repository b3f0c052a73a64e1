import { parseDateTime } from '../../kernel/date-time.js';
import {
  findMember,
  itemsOf,
  replaceSpan,
  type Span,
  stringMember,
  withItem,
  withMembers,
} from '../../kernel/json-text.js';
import { ciKey } from '../../kernel/party-ref.js';

/** The EVSE called `uid` in the text of a Location. */
export function evseSpan(location: string, uid: string): Span | undefined {
  return itemSpan(location, 0, 'evses', 'uid', uid);
}

/** The Connector called `id` in the text of an EVSE. */
export function connectorSpan(evse: string, id: string): Span | undefined {
  return itemSpan(evse, 0, 'connectors', 'id', id);
}

/** The text of a Location with this EVSE in place of the one of the same uid, or as its last one. */
export function withEvse(location: string, uid: string, evse: string): string {
  return withListItem(location, 'evses', evseSpan(location, uid), evse);
}

/** The text of an EVSE with this Connector in place of the one of the same id, or as its last one. */
export function withConnector(evse: string, id: string, connector: string): string {
  return withListItem(evse, 'connectors', connectorSpan(evse, id), connector);
}

/**
 * The text of an object whose `last_updated` is at least `stamp`: what a change of a child does to its parents (L-09, L-10).
 * It never moves backwards (L-12).
 */
export function lifted(object: string, stamp: string): string {
  const member = findMember(object, 'last_updated');
  if (!member) return object;
  return instantOf(object) >= instant(stamp) ? object : replaceSpan(object, member, JSON.stringify(stamp));
}

/** `last_updated` of an object as ms since the epoch; 0 if it has none. */
export function instantOf(object: string): number {
  return instant(stringMember(object, 'last_updated') ?? '');
}

function instant(stamp: string): number {
  return parseDateTime(stamp) ?? 0;
}

function itemSpan(object: string, start: number, list: string, idField: string, id: string): Span | undefined {
  const member = findMember(object, list, start);
  if (!member) return undefined;
  const wanted = ciKey(id);
  return itemsOf(object, member.start).find(
    (item) => ciKey(stringMember(object, idField, item.start) ?? '') === wanted,
  );
}

function withListItem(object: string, list: string, present: Span | undefined, item: string): string {
  if (present) return replaceSpan(object, present, item);
  const member = findMember(object, list);
  const items = member ? object.slice(member.start, member.end) : undefined;
  return withMembers(object, new Map([[list, withItem(items, item)]]));
}
