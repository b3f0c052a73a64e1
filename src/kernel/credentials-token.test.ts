import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeAuthorization, encodeAuthorization, isCredentialsToken, withoutTokens } from './credentials-token.js';

const token = fc
  .array(fc.integer({ min: 0x21, max: 0x7e }), { minLength: 1, maxLength: 64 })
  .map((codes) => String.fromCharCode(...codes));

describe('Authorization', () => {
  it.each([
    ['example-token', 'Token ZXhhbXBsZS10b2tlbg=='],
    ['ebf3b399-779f-4497-9b9d-ac6ad3cc44d2', 'Token ZWJmM2IzOTktNzc5Zi00NDk3LTliOWQtYWM2YWQzY2M0NGQy'],
    ['a?b>c~', 'Token YT9iPmN+'],
  ])('of %s is %s (T-02)', (clear, header) => {
    expect(encodeAuthorization(clear)).toBe(header);
    expect(decodeAuthorization(header)?.decoded).toBe(clear);
  });

  it('comes back as it went out, in both forms (T-02, T-05)', () => {
    fc.assert(
      fc.property(token, (clear) => {
        expect(decodeAuthorization(encodeAuthorization(clear))?.decoded).toBe(clear);
        expect(decodeAuthorization(encodeAuthorization(clear, 'raw'))?.raw).toBe(clear);
      }),
    );
  });

  it('is read with the line feed of the printed samples (T-06)', () => {
    expect(decodeAuthorization('Token ZXhhbXBsZS10b2tlbgo=')?.decoded).toBe('example-token');
  });

  it('has a scheme word without case, and no other scheme (T-07)', () => {
    expect(decodeAuthorization('tOkEn ZXhhbXBsZS10b2tlbg==')?.decoded).toBe('example-token');
    for (const header of [undefined, '', 'Token', 'Token ', 'Bearer ZXhhbXBsZS10b2tlbg==', 'Basic YTpi', 'Tokens YQ=='])
      expect(decodeAuthorization(header)).toBeUndefined();
  });

  it('is strict about the alphabet and the length (T-02, T-09)', () => {
    for (const loose of ['ZXhhbXBsZS10b2tlbg', 'YT9iPmN-', 'ZXhh=XBs', 'ZXhhbXBsZS10b2tlbg=='.replace('Z', '!')])
      expect(decodeAuthorization(`Token ${loose}`)?.decoded).toBeUndefined();
    expect(decodeAuthorization(`Token ${'A'.repeat(600)}`)).toBeUndefined();
    expect(decodeAuthorization(encodeAuthorization('a b'))?.decoded).toBeUndefined();
  });
});

it('a credentials token has 1 to 64 printable characters without blanks (T-09)', () => {
  expect(isCredentialsToken('~'.repeat(64))).toBe(true);
  for (const none of ['', ' ', 'a b', 'a\n', 'é', 'x'.repeat(65)]) expect(isCredentialsToken(none)).toBe(false);
});

describe("a partner's words", () => {
  it.each([
    ['in clear', 'unknown: secret-token-1!', 'unknown: …!'],
    ['in Base64', `unknown: ${encodeAuthorization('secret-token-1')}!`, 'unknown: Token …!'],
    ['often', 'secret-token-1, secret-token-1', '…, …'],
  ])('are kept without the token that they repeat %s (T4)', (_how, words, kept) => {
    expect(withoutTokens(words, ['secret-token-1']).replace(/…=*/g, '…')).toBe(kept);
  });
});
