import { createHash } from 'node:crypto';
import { ciKey, type PartyRef } from '../../kernel/party-ref.js';

/** What a Token is where nobody says (TK-01). */
export const defaultType = 'RFID';

/** What names a Token: its owner, its uid and its type, in the caller's spelling; compared without case (TK-02). */
export interface TokenKey extends PartyRef {
  readonly uid: string;
  readonly type: string;
}

const digestLength = 32;

/**
 * What stands for uid and type of a Token in keys. Keys are shown to operators and written to logs, to the change sequence and
 * to reports; the uid of a card opens chargers and must not be (T20, T21).
 *
 * Who knows the uid can compute it: the first 32 hexadecimal digits, in capitals, of SHA-256 over uid, line feed and type, both
 * upper case.
 */
export function tokenDigest(uid: string, type: string): string {
  const digest = createHash('sha256')
    .update(`${ciKey(uid)}\n${ciKey(type)}`)
    .digest('hex');
  return digest.slice(0, digestLength).toUpperCase();
}
