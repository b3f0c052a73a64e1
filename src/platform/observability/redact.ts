/**
 * What may be written to a log. Fields are judged by their name, at any depth, whatever the case or the punctuation
 * (`auth_id`, `authId`, `Auth-Id`); text is searched for what looks like a credential, so that an error message that quotes one
 * does no harm either (threat T20).
 */
const secretNames = new Set(['authorization', 'uid', 'tokenuid', 'contractid', 'authid', 'visualnumber']);
const mark = '[redacted]';

/** Nothing deeper, longer or larger is written. */
const maxDepth = 8;
const maxText = 4_000;
const maxItems = 50;

const headerValue = /\b(token|bearer|basic)\s+[\w+/=.~-]{6,}/gi;
const mintedToken = /\b[\w-]{8}\.[\w-]{43}\b/g;
const mintedLength = 52;
const urlCredentials = /(:\/\/)[^/@\s"']+@/g;

/** A copy of log fields without secrets. The names of tokens (`token`, `outboundToken`) are secret, their ids are not. */
export function redact(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return redactObject(fields, 0);
}

/** A text without what looks like a credential. */
export function scrub(text: string): string {
  const kept = text.length > maxText ? `${text.slice(0, maxText)}…` : text;
  // Every field of every line comes by here, and most are too short or too plain for the last two.
  const plain = kept.replace(headerValue, `$1 ${mark}`);
  const unminted = plain.length < mintedLength ? plain : plain.replace(mintedToken, mark);
  return unminted.includes('@') ? unminted.replace(urlCredentials, `$1${mark}@`) : unminted;
}

function redactObject(object: object, depth: number): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(object)) copy[name] = redactField(name, value, depth);
  return copy;
}

function redactField(name: string, value: unknown, depth: number): unknown {
  if (value === undefined || value === null || typeof value === 'boolean') return value;
  const plain = name.toLowerCase().replace(/[_-]/g, '');
  if (secretNames.has(plain) || plain.endsWith('token')) return mark;
  if (plain === 'responseurl' && typeof value === 'string') return withoutQuery(scrub(value));
  return redactValue(value, depth);
}

function redactValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return scrub(value);
  if (typeof value !== 'object' || value === null) return typeof value === 'bigint' ? value.toString() : value;
  if (depth >= maxDepth) return '[deeper]';
  if (value instanceof Error) return redactError(value, depth);
  if (value instanceof Date) return value;
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) return value.slice(0, maxItems).map((item) => redactValue(item, depth + 1));
  return redactObject(value, depth + 1);
}

function redactError(error: Error, depth: number): Record<string, unknown> {
  const { name, message, stack, cause, ...own } = error as Error & Record<string, unknown>;
  return {
    name,
    message: scrub(message),
    ...(stack === undefined ? {} : { stack: scrub(stack) }),
    ...redactObject(own, depth + 1),
    ...(cause === undefined ? {} : { cause: redactValue(cause, depth + 1) }),
  };
}

function withoutQuery(url: string): string {
  const at = url.search(/[?#]/);
  return at < 0 ? url : `${url.slice(0, at)}?${mark}`;
}
