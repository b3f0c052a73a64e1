import { describe, expect, it } from '@jest/globals';
import { tokenDigest } from './token-key.js';

describe('tokenDigest', () => {
  it('stands for uid and type, compared without case (TK-02, D-01)', () => {
    expect(tokenDigest('04ab12cd', 'rfid')).toBe(tokenDigest('04AB12CD', 'RFID'));
    const digests = [
      tokenDigest('04AB12CD', 'RFID'),
      tokenDigest('04AB12CD', 'APP_USER'),
      tokenDigest('04AB12CE', 'RFID'),
      tokenDigest('04AB12CDR', 'FID'),
      tokenDigest('', '04AB12CDRFID'),
    ];
    expect(new Set(digests).size).toBe(digests.length);
  });

  it('is what an operator can compute: SHA-256 over uid, line feed, type', () => {
    // printf '04AB12CD\nRFID' | sha256sum
    expect(tokenDigest('04AB12CD', 'RFID')).toBe('9284470AFFEE0AE7C4198124E0DC717C');
  });

  it('shows nothing of the uid (T20)', () => {
    expect(tokenDigest('FACE', 'RFID')).toMatch(/^[0-9A-F]{32}$/);
    expect(tokenDigest('A'.repeat(36), 'RFID')).toHaveLength(32);
  });
});
