import { itemsOf, memberTexts, stringMember, withMembers } from '../../kernel/json-text.js';
import { connectorSpan, evseSpan, withConnector, withEvse } from './location-document.js';

/**
 * The text of an object after a PATCH, with everything that the PATCH does not name as it was (O-09).
 *
 * A null takes an optional field away (O-13). Plain lists and nested objects are replaced as a whole (O-14, O-19); a vendor's
 * extension object merges one level deep.
 */
export function mergeObject(object: string, patch: string, extensionKeys: ReadonlySet<string>): string {
  const values = new Map<string, string | undefined>();
  for (const [key, value] of memberTexts(patch)) {
    if (value === 'null') values.set(key, undefined);
    else if (extensionKeys.has(key) && value.startsWith('{')) values.set(key, mergeExtension(object, key, value));
    else values.set(key, value);
  }
  return withMembers(object, values);
}

/** A PATCH of an EVSE; its `connectors` merge by id. */
export function mergeEvse(evse: string, patch: string, extensionKeys: ReadonlySet<string>): string {
  const { head, items } = splitList(patch, 'connectors');
  let merged = mergeObject(evse, head, extensionKeys);
  for (const item of items) {
    const id = stringMember(item, 'id') ?? '';
    const span = connectorSpan(merged, id);
    const connector = span ? mergeObject(merged.slice(span.start, span.end), item, extensionKeys) : item;
    merged = withConnector(merged, id, connector);
  }
  return merged;
}

/** A PATCH of a Location; its `evses` merge by uid and none that is not named is dropped (L-19). */
export function mergeLocation(location: string, patch: string, extensionKeys: ReadonlySet<string>): string {
  const { head, items } = splitList(patch, 'evses');
  let merged = mergeObject(location, head, extensionKeys);
  for (const item of items) {
    const uid = stringMember(item, 'uid') ?? '';
    const span = evseSpan(merged, uid);
    const evse = span ? mergeEvse(merged.slice(span.start, span.end), item, extensionKeys) : item;
    merged = withEvse(merged, uid, evse);
  }
  return merged;
}

function mergeExtension(object: string, key: string, patch: string): string {
  const present = memberTexts(object).get(key);
  const base = present?.startsWith('{') ? present : '{}';
  const values = new Map<string, string | undefined>();
  for (const [name, value] of memberTexts(patch)) values.set(name, value === 'null' ? undefined : value);
  return withMembers(base, values);
}

function splitList(patch: string, list: string): { head: string; items: string[] } {
  const value = memberTexts(patch).get(list);
  if (value === undefined) return { head: patch, items: [] };
  const items = itemsOf(value).map((item) => value.slice(item.start, item.end));
  return { head: withMembers(patch, new Map([[list, undefined]])), items };
}
