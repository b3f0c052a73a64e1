/**
 * A key as PostgreSQL can store it: no NUL, and half a surrogate pair becomes what UTF-8 makes of it, so that what is written
 * is what is found again. `%00` is in no key that `objectKey` makes, since it escapes every `%`.
 */
export function encodeKey(key: string): string {
  return wellFormed(key.includes('\0') ? key.replaceAll('\0', '%00') : key);
}

/** The key that {@link encodeKey} was given. */
export function decodeKey(stored: string): string {
  return stored.includes('%00') ? stored.replaceAll('%00', '\0') : stored;
}

/** The same for an id that stands alone, in which a `%` means itself. */
export function encodeId(id: string): string {
  return wellFormed(id.includes('\0') || id.includes('%') ? id.replaceAll('%', '%25').replaceAll('\0', '%00') : id);
}

/** The id that {@link encodeId} was given. */
export function decodeId(stored: string): string {
  return stored.includes('%') ? stored.replaceAll('%00', '\0').replaceAll('%25', '%') : stored;
}

/** Text that PostgreSQL's JSON functions take: without NUL and without half surrogate pairs. */
export function plainText(text: string): string {
  return wellFormed(text.replaceAll('\0', '\ufffd'));
}

function wellFormed(text: string): string {
  return /\p{Surrogate}/u.test(text) ? Buffer.from(text).toString() : text;
}
