/** A stretch of JSON text: `start` inclusive, `end` exclusive. */
export interface Span {
  start: number;
  end: number;
}

/** One member of an object: its decoded key and where its value stands. */
export interface Member extends Span {
  key: string;
}

const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const BACKSLASH = 92;
const OPEN_ARRAY = 91;
const CLOSE_ARRAY = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

/** Index of the first character at or behind `at` that is not white space. */
export function skipSpace(text: string, at: number): number {
  let i = at;
  for (let code = text.charCodeAt(i); code === 32 || code === 10 || code === 13 || code === 9; ) {
    i += 1;
    code = text.charCodeAt(i);
  }
  return i;
}

/** Index behind the string that opens at `at`. */
export function skipString(text: string, at: number): number {
  let from = at + 1;
  for (;;) {
    const quote = text.indexOf('"', from);
    if (quote < 0) throw new SyntaxError('unterminated string in JSON text');
    let slashes = 0;
    while (text.charCodeAt(quote - 1 - slashes) === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return quote + 1;
    from = quote + 1;
  }
}

/** Index behind the value that starts at `at`. The text must be valid JSON (see {@link isJson}). */
export function skipValue(text: string, at: number): number {
  const first = text.charCodeAt(at);
  if (first === QUOTE) return skipString(text, at);
  let i = at;
  if (first !== OPEN_OBJECT && first !== OPEN_ARRAY) {
    for (let code = first; i < text.length; code = text.charCodeAt(i)) {
      if (code === COMMA || code === CLOSE_OBJECT || code === CLOSE_ARRAY || code <= 32) break;
      i += 1;
    }
    return i;
  }
  let depth = 0;
  while (i < text.length) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) {
      i = skipString(text, i);
      continue;
    }
    if (code === OPEN_OBJECT || code === OPEN_ARRAY) depth += 1;
    else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) {
      depth -= 1;
      if (depth === 0) return i + 1;
    }
    i += 1;
  }
  throw new SyntaxError('unterminated value in JSON text');
}

/** The members of the object that starts at `at`, in order; undefined if the value there is no object. */
export function membersAt(text: string, at: number): Member[] | undefined {
  if (text.charCodeAt(at) !== OPEN_OBJECT) return undefined;
  const found: Member[] = [];
  let i = skipSpace(text, at + 1);
  while (text.charCodeAt(i) === QUOTE) {
    const keyEnd = skipString(text, i);
    const raw = text.slice(i + 1, keyEnd - 1);
    const key: string = raw.includes('\\') ? JSON.parse(`"${raw}"`) : raw;
    i = skipSpace(text, keyEnd);
    if (text.charCodeAt(i) !== COLON) throw new SyntaxError('expected ":" in JSON text');
    const start = skipSpace(text, i + 1);
    const end = skipValue(text, start);
    found.push({ key, start, end });
    i = skipSpace(text, end);
    if (text.charCodeAt(i) === COMMA) i = skipSpace(text, i + 1);
  }
  return found;
}

/** The items of the array that starts at `at`, in order; undefined if the value there is no array. */
export function itemsAt(text: string, at: number): Span[] | undefined {
  if (text.charCodeAt(at) !== OPEN_ARRAY) return undefined;
  const found: Span[] = [];
  let i = skipSpace(text, at + 1);
  while (i < text.length && text.charCodeAt(i) !== CLOSE_ARRAY) {
    const end = skipValue(text, i);
    if (end === i) throw new SyntaxError('expected a value in JSON text');
    found.push({ start: i, end });
    i = skipSpace(text, end);
    if (text.charCodeAt(i) === COMMA) i = skipSpace(text, i + 1);
  }
  return found;
}

/** The last member with this key (as `JSON.parse` would choose), or undefined. */
export function memberOf(members: readonly Member[], key: string): Member | undefined {
  for (let i = members.length - 1; i >= 0; i -= 1) {
    const member = members[i];
    if (member?.key === key) return member;
  }
  return undefined;
}

/** The value of a string member, decoded; undefined if it is absent or no string. */
export function stringMember(text: string, members: readonly Member[], key: string): string | undefined {
  const member = memberOf(members, key);
  if (member === undefined || text.charCodeAt(member.start) !== QUOTE) return undefined;
  const raw = text.slice(member.start + 1, member.end - 1);
  return raw.includes('\\') ? (JSON.parse(`"${raw}"`) as string) : raw;
}

/** True if the text is one valid JSON value. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
