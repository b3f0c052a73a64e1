import { createHmac, createSecretKey, type KeyObject, randomBytes, timingSafeEqual } from 'node:crypto';

/** A fresh token of ours. `token` is shown once and kept nowhere. */
export interface MintedToken {
  /** The first part of the token: by it the credential is found. */
  readonly id: string;
  readonly token: string;
  readonly digest: Buffer;
}

const idLength = 8;
const secretBytes = 32;
/** Without look-alikes, so that an id can be read out on the telephone. */
const idAlphabet = 'abcdefghijkmnpqrstuvwxyz23456789';

/**
 * Makes and judges the tokens that partners show us: an 8-character id, a dot, and 32 random bytes as 43 characters.
 *
 * What is kept of a token is its id and an HMAC-SHA-256 under a server pepper (C-30, threats T4 and T5): neither the
 * database nor a backup of it opens anything.
 *
 * Spec: 2.2.1 §7.3.1 (T-09).
 */
export class TokenMint {
  private readonly pepper: KeyObject;

  constructor(pepper: Buffer) {
    this.pepper = createSecretKey(pepper);
  }

  mint(): MintedToken {
    // 32 letters, so a byte's low five bits pick one without bias.
    const id = Array.from(randomBytes(idLength), (byte) => idAlphabet[byte & 31]).join('');
    const token = `${id}.${randomBytes(secretBytes).toString('base64url')}`;
    return { id, token, digest: this.digest(token) };
  }

  /** The keyed hash of any token, also of one that is not ours. */
  digest(token: string): Buffer {
    return createHmac('sha256', this.pepper).update(token).digest();
  }

  /** Whether a token has this digest; takes the same time wherever they differ (T-07). */
  matches(token: string, digest: Buffer): boolean {
    return timingSafeEqual(this.digest(token), digest);
  }
}

/** The id within a token of ours, or `undefined` if it cannot be one. */
export function tokenId(token: string): string | undefined {
  return token.charAt(idLength) === '.' ? token.slice(0, idLength) : undefined;
}
