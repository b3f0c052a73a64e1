import { findMember, itemsOf, memberTexts, stringMember, withMembers } from '../../kernel/json-text.js';
import { connectorSlot, evseSlot } from './location-document.js';

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
  return items.reduce(
    (merged, item) => {
      const slot = connectorSlot(merged, stringMember(item, 'id') ?? '');
      return slot.holding(slot.text === undefined ? item : mergeObject(slot.text, item, extensionKeys));
    },
    mergeObject(evse, head, extensionKeys),
  );
}

/** A PATCH of a Location; its `evses` merge by uid and none that is not named is dropped (L-19). */
export function mergeLocation(location: string, patch: string, extensionKeys: ReadonlySet<string>): string {
  const { head, items } = splitList(patch, 'evses');
  return items.reduce(
    (merged, item) => {
      const slot = evseSlot(merged, stringMember(item, 'uid') ?? '');
      return slot.holding(slot.text === undefined ? item : mergeEvse(slot.text, item, extensionKeys));
    },
    mergeObject(location, head, extensionKeys),
  );
}

function mergeExtension(object: string, key: string, patch: string): string {
  const present = memberTexts(object).get(key);
  const base = present?.startsWith('{') ? present : '{}';
  const values = new Map<string, string | undefined>();
  for (const [name, value] of memberTexts(patch)) values.set(name, value === 'null' ? undefined : value);
  return withMembers(base, values);
}

function splitList(patch: string, list: string): { head: string; items: string[] } {
  const member = findMember(patch, list);
  if (!member) return { head: patch, items: [] };
  const items = itemsOf(patch, member.start).map((item) => patch.slice(item.start, item.end));
  return { head: withMembers(patch, new Map([[list, undefined]])), items };
}
