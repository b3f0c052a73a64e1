import { findMember, itemsOf, stringMember, withMembers } from '../../kernel/json-text.js';
import { mergeObject } from '../../kernel/merge-text.js';
import { connectorSlot, evseSlot } from './location-document.js';

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

function splitList(patch: string, list: string): { head: string; items: string[] } {
  const member = findMember(patch, list);
  if (!member) return { head: patch, items: [] };
  const items = itemsOf(patch, member.start).map((item) => patch.slice(item.start, item.end));
  return { head: withMembers(patch, new Map([[list, undefined]])), items };
}
