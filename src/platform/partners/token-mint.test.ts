import { describe, expect, it } from '@jest/globals';
import { isCredentialsToken } from '../../kernel/credentials-token.js';
import { TokenMint, tokenId } from './token-mint.js';

const mint = new TokenMint(Buffer.alloc(32, 1));

describe('TokenMint', () => {
  it('T-08 T-09 T5 makes tokens of the allowed alphabet with 256 random bits, never the same', () => {
    const minted = Array.from({ length: 1_000 }, () => mint.mint());
    for (const { id, token } of minted) {
      expect(token).toMatch(/^[a-z2-9]{8}\.[A-Za-z0-9_-]{43}$/);
      expect(isCredentialsToken(token)).toBe(true);
      expect(tokenId(token)).toBe(id);
    }
    expect(new Set(minted.map(({ token }) => token.slice(9))).size).toBe(1_000);
  });

  it('T-07 tells a token from one that differs in one character or in its case', () => {
    const { token, digest } = mint.mint();
    expect(mint.matches(token, digest)).toBe(true);
    const last = token.endsWith('A') ? 'B' : 'A';
    expect(mint.matches(token.slice(0, -1) + last, digest)).toBe(false);
    expect(mint.matches(token.toUpperCase(), digest)).toBe(false);
    expect(mint.matches('', digest)).toBe(false);
  });

  it('C-30 keeps a hash that is worth nothing without the pepper', () => {
    const { token, digest } = mint.mint();
    expect(new TokenMint(Buffer.alloc(32, 2)).matches(token, digest)).toBe(false);
    expect(digest).toHaveLength(32);
  });

  it('finds no id in what is no token of ours', () => {
    for (const text of ['', 'abc', 'abcdefghi', 'ebf3b399-779f-4497-9b9d-ac6ad3cc44d2'])
      expect(tokenId(text)).toBeUndefined();
  });
});
