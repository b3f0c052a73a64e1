import { itemsAt, type Member, memberOf, membersAt, type Span, stringMember } from './json-scan.js';
import { stampOf } from './stamp.js';

/**
 * How a partner changes its copy of an object: PATCH merges, PUT of a part replaces that part, and the parents' `last_updated`
 * follow. Everything works on the JSON text, so that numbers and unknown fields stay exactly as they were received.
 *
 * Spec: 2.2.1 §mod_locations_receiver (L-09 … L-19), O-09, O-14, O-19.
 */

/** Vendor objects whose members a PATCH merges one level deep instead of replacing the object (O-19). */
const VENDOR_OBJECTS: ReadonlySet<string> = new Set(['here_ext']);

interface Edit extends Span {
  text: string;
}

/**
 * Result of a change: the new document and the `last_updated` that the part had before, or `missing` if the part to be
 * changed (or its parent) does not exist.
 */
export type Change = { kind: 'updated' | 'created'; text: string; before: string | undefined } | { kind: 'missing' };

const missing: Change = { kind: 'missing' };

function applyEdits(text: string, edits: Edit[]): string {
  edits.sort((a, b) => a.start - b.start);
  let out = '';
  let from = 0;
  for (const edit of edits) {
    out += text.slice(from, edit.start) + edit.text;
    from = edit.end;
  }
  return out + text.slice(from);
}

function objectText(parts: ReadonlyMap<string, string>): string {
  return `{${[...parts].map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`;
}

/** Merges a vendor object one level deep; null removes a member. */
function mergeVendor(stored: string, patch: string): string {
  const before = membersAt(stored, 0);
  const changes = membersAt(patch, 0);
  if (before === undefined || changes === undefined) return patch;
  const parts = new Map(before.map((m) => [m.key, stored.slice(m.start, m.end)]));
  for (const m of changes) {
    const value = patch.slice(m.start, m.end);
    if (value === 'null') parts.delete(m.key);
    else parts.set(m.key, value);
  }
  return objectText(parts);
}

/** Merges the items of a list by their id (EVSEs by `uid`, Connectors by `id`); items not named stay as they are (L-19). */
function mergeList(stored: string, patch: string, idKey: string): string {
  const changes = itemsAt(patch, 0);
  const kept = itemsAt(stored, 0)?.map((item) => stored.slice(item.start, item.end));
  if (changes === undefined || kept === undefined) return patch;
  const ids = kept.map((item) => idOf(item, 0, idKey));
  for (const change of changes) {
    const text = patch.slice(change.start, change.end);
    const index = ids.indexOf(idOf(text, 0, idKey));
    const existing = kept[index];
    if (existing === undefined) kept.push(text);
    else kept[index] = mergeObject(existing, text);
  }
  return `[${kept.join(',')}]`;
}

function idOf(text: string, at: number, idKey: string): string | undefined {
  return stringMember(text, membersAt(text, at) ?? [], idKey)?.toUpperCase();
}

/** Edits that merge the object `patch` into the object at `target` of `text`. */
function mergeEdits(text: string, target: Span, patch: string): Edit[] {
  const members = membersAt(text, target.start) ?? [];
  const edits: Edit[] = [];
  let added = '';
  for (const change of membersAt(patch, 0) ?? []) {
    const value = patch.slice(change.start, change.end);
    const member = memberOf(members, change.key);
    if (member === undefined) {
      added += `,${JSON.stringify(change.key)}:${VENDOR_OBJECTS.has(change.key) ? mergeVendor('{}', value) : value}`;
      continue;
    }
    const stored = text.slice(member.start, member.end);
    edits.push({ start: member.start, end: member.end, text: mergedValue(change.key, stored, value) });
  }
  if (added !== '') {
    const at = target.end - 1;
    edits.push({ start: at, end: at, text: members.length === 0 ? added.slice(1) : added });
  }
  return edits;
}

function mergedValue(key: string, stored: string, value: string): string {
  if (VENDOR_OBJECTS.has(key)) return mergeVendor(stored, value);
  if (key === 'evses') return mergeList(stored, value, 'uid');
  if (key === 'connectors') return mergeList(stored, value, 'id');
  return value;
}

/** Merges a PATCH body into a whole object. */
export function mergeObject(text: string, patch: string): string {
  return applyEdits(text, mergeEdits(text, { start: 0, end: text.length }, patch));
}

/** Edits that lift an object's `last_updated` to `stamp` if that is newer (L-09, L-12). */
function liftEdits(text: string, members: readonly Member[], end: number, stamp: string): Edit[] {
  const member = memberOf(members, 'last_updated');
  if (member === undefined) return [{ start: end - 1, end: end - 1, text: `,"last_updated":"${stamp}"` }];
  const before = stampOf(text.slice(member.start + 1, member.end - 1));
  if (before !== undefined && before >= (stampOf(stamp) ?? 0)) return [];
  return [{ start: member.start, end: member.end, text: `"${stamp}"` }];
}

interface Part {
  members: Member[];
  span: Span;
}

interface Found {
  /** The parents, from the Location downwards. */
  parents: Part[];
  /** The part itself, undefined if its parent has none of that id. */
  part: Span | undefined;
  /** Where a list to append to stands; undefined if the parent has none. */
  list: Member | undefined;
  listKey: string;
}

/** Finds an EVSE (`path` = [uid]) or a Connector ([uid, id]) in a Location; undefined if a parent is missing. */
function find(text: string, path: readonly string[]): Found | undefined {
  const parents: Part[] = [];
  let span: Span = { start: 0, end: text.length };
  for (let depth = 0; depth < path.length; depth += 1) {
    const members = membersAt(text, span.start) ?? [];
    parents.push({ members, span });
    const listKey = depth === 0 ? 'evses' : 'connectors';
    const idKey = depth === 0 ? 'uid' : 'id';
    const list = memberOf(members, listKey);
    const wanted = path[depth]?.toUpperCase();
    const items = list === undefined ? undefined : itemsAt(text, list.start);
    const part = items?.find((item) => idOf(text, item.start, idKey) === wanted);
    if (depth === path.length - 1) return { parents, part, list: items === undefined ? undefined : list, listKey };
    if (part === undefined) return undefined;
    span = part;
  }
  return undefined;
}

const stampIn = (text: string, part: Span): string | undefined =>
  stringMember(text, membersAt(text, part.start) ?? [], 'last_updated');

/** The text of an EVSE or Connector of a Location, or undefined. */
export function partOf(text: string, path: readonly string[]): string | undefined {
  const part = find(text, path)?.part;
  return part === undefined ? undefined : text.slice(part.start, part.end);
}

/** Merges a PATCH body into an EVSE or Connector and lifts the parents' `last_updated`. */
export function patchPart(text: string, path: readonly string[], patch: string, stamp: string): Change {
  const found = find(text, path);
  if (found?.part === undefined) return missing;
  const edits = mergeEdits(text, found.part, patch);
  for (const parent of found.parents) edits.push(...liftEdits(text, parent.members, parent.span.end, stamp));
  return { kind: 'updated', text: applyEdits(text, edits), before: stampIn(text, found.part) };
}

/** Replaces or adds an EVSE or Connector and lifts the parents' `last_updated`. */
export function putPart(text: string, path: readonly string[], body: string, stamp: string): Change {
  const found = find(text, path);
  if (found === undefined) return missing;
  const { part, list, listKey, parents } = found;
  const edits: Edit[] = [];
  const parent = parents[parents.length - 1];
  if (part !== undefined) edits.push({ start: part.start, end: part.end, text: body });
  else if (list !== undefined) {
    const empty = (itemsAt(text, list.start)?.length ?? 0) === 0;
    edits.push({ start: list.end - 1, end: list.end - 1, text: empty ? body : `,${body}` });
  } else if (parent !== undefined) {
    const absent = memberOf(parent.members, listKey);
    const at = absent ?? { start: parent.span.end - 1, end: parent.span.end - 1 };
    edits.push({ ...at, text: absent === undefined ? `,"${listKey}":[${body}]` : `[${body}]` });
  }
  for (const p of parents) edits.push(...liftEdits(text, p.members, p.span.end, stamp));
  const before = part === undefined ? undefined : stampIn(text, part);
  return { kind: part === undefined ? 'created' : 'updated', text: applyEdits(text, edits), before };
}
