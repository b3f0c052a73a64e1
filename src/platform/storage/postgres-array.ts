const textOid = 25;

/**
 * An array of texts in PostgreSQL's binary form. Documents are full of quotes, each of which the textual form would escape here
 * and the server unescape again.
 */
export function textArray(values: readonly (string | null)[]): Buffer {
  let size = 20;
  const lengths = values.map((value) => {
    const length = value === null ? -1 : Buffer.byteLength(value);
    size += 4 + Math.max(length, 0);
    return length;
  });
  const buffer = Buffer.allocUnsafe(size);
  // Dimensions, whether there are nulls, element type; then the length and lower bound of the one dimension.
  let at = buffer.writeInt32BE(values.length === 0 ? 0 : 1, 0);
  at = buffer.writeInt32BE(lengths.includes(-1) ? 1 : 0, at);
  at = buffer.writeInt32BE(textOid, at);
  if (values.length === 0) return buffer.subarray(0, at);
  at = buffer.writeInt32BE(values.length, at);
  at = buffer.writeInt32BE(1, at);
  for (const [index, value] of values.entries()) {
    at = buffer.writeInt32BE(lengths[index] ?? -1, at);
    if (value !== null) at += buffer.write(value, at);
  }
  return buffer;
}

/** An array of numbers or truth values in PostgreSQL's textual form. */
export function plainArray(values: readonly (number | boolean | null)[]): string {
  return `{${values.map((value) => value ?? 'NULL').join(',')}}`;
}
