import { endOfValue, type Span } from '../../kernel/json-text.js';
import type { Answered } from './outbound-types.js';

/** The parts of an answer's envelope that decide what becomes of a call. Spec: 2.2.1 §4.1.7, T-14. */
export interface EnvelopeHead {
  readonly statusCode: number;
  readonly statusMessage: string | undefined;
  /** Where `data` stands in the text; known only if the text was scanned instead of parsed. */
  readonly data?: Span;
}

/** Up to here a text is parsed whole; a push is answered with some 70 characters. */
const parsedWhole = 4_096;

/**
 * Reads the head of an envelope, or `undefined` if the text is none: no JSON object, or without an integer `status_code`.
 *
 * A long text is scanned for its top-level members and `data` is not looked into: whoever wants it parses it, once.
 */
export function readEnvelope(text: string): EnvelopeHead | undefined {
  try {
    return text.length <= parsedWhole ? parseEnvelope(text) : scanEnvelope(text);
  } catch {
    return undefined;
  }
}

/** The members of an envelope. Spec: 2.2.1 §4.1.7. */
const envelopeKeys: ReadonlySet<string> = new Set(['data', 'status_code', 'status_message', 'timestamp']);

/**
 * Judges a long text by its first part: whether it begins as an envelope does. `statusCode` is there if it stands in that part;
 * many write it behind `data`.
 */
export function startsLikeEnvelope(part: string): { readonly statusCode: number | undefined } | undefined {
  let isOne = false;
  try {
    let at = skipSpace(part, expect(part, skipSpace(part, part.charCodeAt(0) === byteOrderMark ? 1 : 0), '{'));
    for (;;) {
      if (at >= part.length) throw new SyntaxError('cut off');
      if (part.charCodeAt(at) !== quote) return undefined;
      const keyEnd = endOfValue(part, at);
      const key = JSON.parse(part.slice(at, keyEnd)) as string;
      isOne ||= envelopeKeys.has(key);
      const start = skipSpace(part, expect(part, skipSpace(part, keyEnd), ':'));
      const end = endOfValue(part, start);
      const next = skipSpace(part, end);
      // The number may be cut off.
      if (key === 'status_code' && next < part.length) {
        const statusCode = Number(part.slice(start, end));
        return Number.isInteger(statusCode) ? { statusCode } : undefined;
      }
      at = skipSpace(part, expect(part, next, ','));
    }
  } catch {
    return isOne ? { statusCode: undefined } : undefined;
  }
}

/** The text of an answer's `data`, or `undefined` if there is none (or the answer is no envelope). */
export function dataText(answer: Answered): string | undefined {
  const span = answer.data ?? spanOfData(answer.text);
  return span && answer.text.slice(span.start, span.end);
}

function parseEnvelope(text: string): EnvelopeHead | undefined {
  const parsed: unknown = JSON.parse(text);
  if (typeof parsed !== 'object' || parsed === null || !('status_code' in parsed)) return undefined;
  const { status_code: statusCode } = parsed;
  if (typeof statusCode !== 'number' || !Number.isInteger(statusCode)) return undefined;
  const message = 'status_message' in parsed ? parsed.status_message : undefined;
  return { statusCode, statusMessage: typeof message === 'string' ? message : undefined };
}

function scanEnvelope(text: string): EnvelopeHead | undefined {
  let statusCode: number | undefined;
  let statusMessage: string | undefined;
  let data: Span | undefined;
  for (const { key, start, end } of topLevelMembers(text)) {
    if (key === 'status_code') statusCode = Number(text.slice(start, end));
    else if (key === 'status_message' && text.charCodeAt(start) === quote) {
      statusMessage = JSON.parse(text.slice(start, end)) as string;
    } else if (key === 'data') data = { start, end };
  }
  if (statusCode === undefined || !Number.isInteger(statusCode)) return undefined;
  return { statusCode, statusMessage, ...(data ? { data } : {}) };
}

function spanOfData(text: string): Span | undefined {
  try {
    for (const member of topLevelMembers(text)) {
      if (member.key === 'data') return member;
    }
    return undefined;
  } catch {
    return undefined;
  }
}

const quote = 0x22;
const byteOrderMark = 0xfeff;

/** The members of the outermost object; other than the kernel's own reader this one tolerates white space. */
function* topLevelMembers(text: string): Generator<Span & { readonly key: string }> {
  let at = expect(text, skipSpace(text, 0), '{');
  at = skipSpace(text, at);
  if (text[at] === '}') return;
  for (;;) {
    at = skipSpace(text, at);
    if (text.charCodeAt(at) !== quote) throw new SyntaxError('a key was expected');
    const keyEnd = endOfValue(text, at);
    const key = JSON.parse(text.slice(at, keyEnd)) as string;
    const start = skipSpace(text, expect(text, skipSpace(text, keyEnd), ':'));
    // Of a number or word the kernel's reader counts the white space behind it as a part.
    let end = endOfValue(text, start);
    const next = skipSpace(text, end);
    while (isSpace(text.charCodeAt(end - 1))) end--;
    yield { key, start, end };
    if (text[next] === '}') {
      if (skipSpace(text, next + 1) !== text.length) throw new SyntaxError('text behind the object');
      return;
    }
    at = expect(text, next, ',');
  }
}

function expect(text: string, at: number, character: string): number {
  if (text[at] !== character) throw new SyntaxError(`"${character}" was expected`);
  return at + 1;
}

function skipSpace(text: string, start: number): number {
  let at = start;
  while (isSpace(text.charCodeAt(at))) at++;
  return at;
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}
