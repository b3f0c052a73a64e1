import { endOfValue, type Span } from '../../../kernel/json-text.js';
import { invalidParameters, type OcpiError } from '../../../kernel/ocpi-error.js';
import type { Outward } from '../forwarding-types.js';

/** Where a caller wants the result, and how its message looks with another URL in that place. */
export interface ResponseUrl {
  /** As the caller gave it. */
  readonly url: string;
  /** The message with another URL, all the rest of it as it was, byte for byte. */
  replaced(url: string): Pick<Outward, 'body' | 'query'>;
}

const missing = (): OcpiError => invalidParameters('response_url is missing or no URL.', '/response_url');

/**
 * The `response_url` of a body.
 * @param query of the same message: a second one in it would reach the receiver as it is (T10)
 * @throws OcpiError 200/2001 if there is none, or more than one (CMD-02, CP-02)
 */
export function responseUrlInBody(bytes: Buffer, query = ''): ResponseUrl {
  if (query.split('&').some((part) => decoded(part.split('=', 1)[0] ?? '') === 'response_url'))
    throw invalidParameters('response_url belongs into the body, once.');
  const text = bytes.toString('utf8');
  const span = memberIn(text, 'response_url');
  const url: unknown = span && JSON.parse(text.slice(span.start, span.end));
  if (!span || typeof url !== 'string' || url === '') throw missing();
  return {
    url,
    replaced: (other) => ({
      body: Buffer.from(text.slice(0, span.start) + JSON.stringify(other) + text.slice(span.end)),
    }),
  };
}

/**
 * The `response_url` of a query, where it stands percent-encoded and may have a query of its own (CP-08).
 * @throws OcpiError 200/2001 if there is none, or more than one (CP-01, CP-03)
 */
export function responseUrlInQuery(query: string): ResponseUrl {
  const parts = query.split('&');
  const places = parts.flatMap((part, index) =>
    decoded(part.split('=', 1)[0] ?? '') === 'response_url' ? [index] : [],
  );
  const [place] = places;
  if (place === undefined || places.length > 1) throw missing();
  const part = parts[place] ?? '';
  const name = part.split('=', 1)[0] ?? '';
  // A "+" is one: no URL holds a blank that it could stand for.
  const url = decoded(part.slice(name.length + 1));
  if (url === undefined || url === '') throw missing();
  return {
    url,
    replaced: (other) => ({ query: parts.with(place, `${name}=${encodeURIComponent(other)}`).join('&') }),
  };
}

/** Where the value of a member of the outer object stands in a text as received, white space and all. */
function memberIn(text: string, key: string): Span | undefined {
  let at = skipBlank(text, 0);
  if (text[at] !== '{') return undefined;
  at = skipBlank(text, at + 1);
  while (text[at] === '"') {
    const keyEnd = endOfValue(text, at);
    const start = skipBlank(text, skipBlank(text, keyEnd) + 1);
    const end = endOfValue(text, start);
    if (JSON.parse(text.slice(at, keyEnd)) === key) return { start, end };
    at = skipBlank(text, end);
    if (text[at] === ',') at = skipBlank(text, at + 1);
  }
  return undefined;
}

function skipBlank(text: string, from: number): number {
  let at = from;
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at++;
  return at;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
