/** A part of a file, both ends included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The part a `Range` header asks for: `undefined` for the whole file, also where the header cannot be read or asks for several parts;
 * `unsatisfiable` where nothing of it lies in the file. RFC 9110 section 14.
 */
export function rangeOf(header: string | undefined, size: number): ByteRange | undefined | 'unsatisfiable' {
  const parts = /^bytes=(?:(\d{1,15})-(\d{1,15})?|-(\d{1,15}))$/i.exec(header?.trim() ?? '');
  if (!parts) return undefined;
  const [, from, to, last] = parts;
  if (from === undefined) {
    const length = Math.min(Number(last), size);
    return length === 0 ? 'unsatisfiable' : { start: size - length, end: size - 1 };
  }
  const start = Number(from);
  if (to !== undefined && Number(to) < start) return undefined;
  if (start >= size) return 'unsatisfiable';
  return { start, end: Math.min(to === undefined ? size - 1 : Number(to), size - 1) };
}

/** Whether the file that the caller has is this one. `If-None-Match`, RFC 9110 section 13.1.2. */
export function matchesAny(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.split(',').some((one) => one.trim() === '*' || one.trim().replace(/^W\//, '') === etag);
}
