/**
 * Reading and changing JSON *text* without re-printing it.
 *
 * A hub carries numbers such as `150000.0`, 20-digit decimals and fields that it does not know. Parsing and printing
 * would lose them, so documents are kept as text and only what a PATCH names is spliced (T-36, R-07, D-08).
 *
 * Every function here but {@link inspectJson} and {@link compactJson} expects text that JSON.parse accepts, without
 * insignificant white space (what those two return); positions are UTF-16 offsets.
 */

/** A half-open stretch of text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** One `"key":value` of an object; `start` and `end` are those of the value, `keyStart` is at the key's quote. */
export interface Member extends Span {
  readonly key: string;
  readonly keyStart: number;
}

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;

/** The offset behind the string that opens at `start`. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1) {
    let before = end - 1;
    while (text.charCodeAt(before) === backslash) before--;
    if ((end - before) % 2 === 1) return end + 1;
    end = text.indexOf('"', end + 1);
  }
  throw new SyntaxError('unterminated string');
}

/** The offset behind the value that starts at `start`. */
export function endOfValue(text: string, start: number): number {
  const first = text.charCodeAt(start);
  if (first === quote) return endOfString(text, start);
  if (first === openBrace || first === openBracket) {
    let depth = 1;
    let at = start + 1;
    while (depth > 0) {
      const code = text.charCodeAt(at);
      if (code === quote) {
        at = endOfString(text, at);
        continue;
      }
      if (code === openBrace || code === openBracket) depth++;
      else if (code === closeBrace || code === closeBracket) depth--;
      else if (Number.isNaN(code)) throw new SyntaxError('unterminated value');
      at++;
    }
    return at;
  }
  let at = start;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === comma || code === closeBrace || code === closeBracket) break;
    at++;
  }
  return at;
}

function decodeKey(text: string, start: number, end: number): string {
  const inner = text.slice(start + 1, end - 1);
  return inner.includes('\\') ? (JSON.parse(text.slice(start, end)) as string) : inner;
}

/** The members of the object that opens at `start`, in their order. */
export function membersOf(text: string, start = 0): Member[] {
  const members: Member[] = [];
  let at = start + 1;
  while (text.charCodeAt(at) === quote) {
    const keyEnd = endOfString(text, at);
    const end = endOfValue(text, keyEnd + 1);
    members.push({ key: decodeKey(text, at, keyEnd), keyStart: at, start: keyEnd + 1, end });
    at = text.charCodeAt(end) === comma ? end + 1 : end;
  }
  return members;
}

/** The member called `key` of the object that opens at `start`; stops reading as soon as it is found. */
export function findMember(text: string, key: string, start = 0): Member | undefined {
  let at = start + 1;
  while (text.charCodeAt(at) === quote) {
    const keyEnd = endOfString(text, at);
    const end = endOfValue(text, keyEnd + 1);
    if (decodeKey(text, at, keyEnd) === key) return { key, keyStart: at, start: keyEnd + 1, end };
    at = text.charCodeAt(end) === comma ? end + 1 : end;
  }
  return undefined;
}

/** The items of the array that opens at `start`; none if what stands there is no array (`null`). */
export function itemsOf(text: string, start = 0): Span[] {
  const items: Span[] = [];
  if (text.charCodeAt(start) !== openBracket) return items;
  let at = start + 1;
  while (text.charCodeAt(at) !== closeBracket) {
    const end = endOfValue(text, at);
    items.push({ start: at, end });
    at = text.charCodeAt(end) === comma ? end + 1 : end;
  }
  return items;
}

/** The first item of the array that opens at `start` for which `matches` says yes; looks no further than that. */
export function firstItem(text: string, start: number, matches: (itemStart: number) => boolean): Span | undefined {
  if (text.charCodeAt(start) !== openBracket) return undefined;
  let at = start + 1;
  while (text.charCodeAt(at) !== closeBracket) {
    const end = endOfValue(text, at);
    if (matches(at)) return { start: at, end };
    at = text.charCodeAt(end) === comma ? end + 1 : end;
  }
  return undefined;
}

/** The string value of a member, or `undefined` if the member is absent or no string. */
export function stringMember(text: string, key: string, start = 0): string | undefined {
  const member = findMember(text, key, start);
  if (!member || text.charCodeAt(member.start) !== quote) return undefined;
  return decodeKey(text, member.start, member.end);
}

/**
 * The object text with members set: each value in place where the key exists, at the end where it does not.
 * All other members keep their text and their order. A value of `undefined` takes the member out.
 */
export function withMembers(text: string, values: ReadonlyMap<string, string | undefined>): string {
  const pending = new Map(values);
  let result = '{';
  for (const member of membersOf(text)) {
    const replaced = pending.has(member.key);
    const value = replaced ? pending.get(member.key) : text.slice(member.start, member.end);
    pending.delete(member.key);
    if (value === undefined) continue;
    result += `${result.length > 1 ? ',' : ''}${text.slice(member.keyStart, member.start)}${value}`;
  }
  for (const [key, value] of pending) {
    if (value !== undefined) result += `${result.length > 1 ? ',' : ''}${JSON.stringify(key)}:${value}`;
  }
  return `${result}}`;
}

/**
 * The object text without the members of these names, and without them in the objects of the arrays called `nested`, however deep
 * those stand in one another: a Location with its EVSEs and their Connectors. What else is inside of a value stays. The very text
 * that was given if there is nothing to take out.
 */
export function withoutMembers(text: string, names: readonly string[], nested: readonly string[] = []): string {
  if (names.length === 0) return text;
  // Most texts do not hold them; a key may be written with escapes.
  if (!text.includes('\\') && !names.some((name) => text.includes(`"${name}"`))) return text;
  const cuts: Span[] = [];
  collectMembers(text, 0, names, nested, cuts);
  let result = '';
  let copied = 0;
  for (const { start, end } of cuts) {
    result += text.slice(copied, start);
    copied = end;
  }
  return copied === 0 ? text : result + text.slice(copied);
}

/** Adds the stretches to be cut out of the object that opens at `start`, in their order, each with one comma where there is one. */
function collectMembers(
  text: string,
  start: number,
  names: readonly string[],
  nested: readonly string[],
  cuts: Span[],
): void {
  if (text.charCodeAt(start) !== openBrace) return;
  let isFirstKept = true;
  for (const member of membersOf(text, start)) {
    if (names.includes(member.key)) {
      const isFollowed = text.charCodeAt(member.end) === comma;
      // The first that is kept must have no comma before it, any other one has to keep its own.
      if (isFirstKept && isFollowed) cuts.push({ start: member.keyStart, end: member.end + 1 });
      else cuts.push({ start: isFirstKept ? member.keyStart : member.keyStart - 1, end: member.end });
      continue;
    }
    isFirstKept = false;
    if (!nested.includes(member.key)) continue;
    for (const item of itemsOf(text, member.start)) collectMembers(text, item.start, names, nested, cuts);
  }
}

/** The members of an object as key → text of the value. */
export function memberTexts(text: string, start = 0): Map<string, string> {
  return new Map(membersOf(text, start).map((member) => [member.key, text.slice(member.start, member.end)]));
}

/** The array text with one more item at its end; `null` and absent count as empty. */
export function withItem(array: string | undefined, item: string): string {
  if (array === undefined || array === 'null' || array === '[]') return `[${item}]`;
  return `${array.slice(0, -1)},${item}]`;
}

export interface JsonLimits {
  /** How deep arrays and objects may nest. */
  readonly depth: number;
  /** How many values there may be in all. */
  readonly nodes: number;
}

export const defaultJsonLimits: JsonLimits = { depth: 20, nodes: 50_000 };

export type JsonInspection =
  | { readonly kind: 'fine'; readonly text: string }
  | { readonly kind: 'too-deep' | 'too-many-values' }
  | { readonly kind: 'poisoned-key' | 'duplicate-key'; readonly key: string };

const poisonedKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Looks a received text over once, after JSON.parse accepted it: depth, number of values, keys that poison naive merges,
 * keys given twice (two readers could disagree on which one counts). Returns it without insignificant white space.
 *
 * Threat T13.
 */
export function inspectJson(text: string, limits: JsonLimits = defaultJsonLimits): JsonInspection {
  const keysByDepth: (Set<string> | undefined)[] = [];
  let nodes = 0;
  let depth = 0;
  let compacted = '';
  let copied = 0;
  let at = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) {
      compacted += text.slice(copied, at);
      do at++;
      while (isWhiteSpace(text.charCodeAt(at)));
      copied = at;
      continue;
    }
    if (code === quote) {
      const end = endOfString(text, at);
      let next = end;
      while (isWhiteSpace(text.charCodeAt(next))) next++;
      if (text.charCodeAt(next) === 0x3a) {
        const key = decodeKey(text, at, end);
        if (poisonedKeys.has(key)) return { kind: 'poisoned-key', key };
        const keys = keysByDepth[depth] ?? new Set<string>();
        if (keys.has(key)) return { kind: 'duplicate-key', key };
        keys.add(key);
        keysByDepth[depth] = keys;
      } else nodes++;
      at = end;
      continue;
    }
    if (code === openBrace || code === openBracket) {
      nodes++;
      depth++;
      if (depth > limits.depth) return { kind: 'too-deep' };
      keysByDepth[depth]?.clear();
    } else if (code === closeBrace || code === closeBracket) depth--;
    else if (code !== comma && code !== 0x3a) {
      nodes++;
      at = endOfValue(text, at);
      // A scalar may be followed by white space, which is not part of it.
      let end = at;
      while (isWhiteSpace(text.charCodeAt(end - 1))) end--;
      if (end < at) {
        compacted += text.slice(copied, end);
        copied = at;
      }
      continue;
    }
    if (nodes > limits.nodes) return { kind: 'too-many-values' };
    at++;
  }
  if (nodes > limits.nodes) return { kind: 'too-many-values' };
  return { kind: 'fine', text: copied === 0 ? text : compacted + text.slice(copied) };
}

/** A text that JSON.parse accepts, without its insignificant white space and otherwise as it was. */
export function compactJson(text: string): string {
  let compacted = '';
  let copied = 0;
  let at = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === quote) at = endOfString(text, at);
    else if (isWhiteSpace(code)) {
      compacted += text.slice(copied, at);
      do at++;
      while (isWhiteSpace(text.charCodeAt(at)));
      copied = at;
    } else at++;
  }
  return copied === 0 ? text : compacted + text.slice(copied);
}

function isWhiteSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}
