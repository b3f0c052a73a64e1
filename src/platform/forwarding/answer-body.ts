import { isUtf8 } from 'node:buffer';
import { readEnvelope, startsLikeEnvelope } from '../outbound/index.js';

/** Whether an answer is OCPI, as far as can be told. */
export type BodyVerdict =
  | { readonly kind: 'envelope'; readonly statusCode: number | undefined }
  | { readonly kind: 'other' };

const other: BodyVerdict = { kind: 'other' };

/** Judges a whole answer: UTF-8, a JSON object, and an integer `status_code` in it. */
export function judgeWhole(bytes: Buffer): BodyVerdict {
  if (!isUtf8(bytes)) return other;
  const head = readEnvelope(withoutMark(bytes).toString('utf8'));
  return head ? { kind: 'envelope', statusCode: head.statusCode } : other;
}

/** Judges a long answer by its first part: it begins as an envelope does. The code may stand behind the part. */
export function judgeStart(bytes: Buffer): BodyVerdict {
  if (!isUtf8(bytes.subarray(0, wholeCharacters(bytes)))) return other;
  const head = startsLikeEnvelope(bytes.toString('utf8'));
  return head ? { kind: 'envelope', statusCode: head.statusCode } : other;
}

function withoutMark(bytes: Buffer): Buffer {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}

/** Up to where a part that was cut anywhere holds whole characters. */
function wholeCharacters(bytes: Buffer): number {
  let at = bytes.length - 1;
  while (at > 0 && bytes.length - at < 4 && ((bytes[at] ?? 0) & 0xc0) === 0x80) at--;
  return (bytes[at] ?? 0) >= 0xc0 ? at : bytes.length;
}
