import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/** A sealed text does not open: wrong key, wrong owner, or changed. */
export class SealBroken extends Error {
  constructor(sentence: string) {
    super(sentence);
    this.name = 'SealBroken';
  }
}

/** What a sealed text belongs to; opening it for anything else fails. */
export interface SealContext {
  /** Id of the partner or registration. */
  readonly owner: string;
  /** What the text is for, such as `outbound`. */
  readonly purpose: string;
}

const nonceBytes = 12;
const tagBytes = 16;
const keyBytes = 32;
const scheme = 's1';
const noncesInAdvance = 128;
const compactScheme = 2;
const compactText = /^[A-Za-z0-9_-]{40,4096}$/;

/**
 * Seals what the hub must be able to read again: the tokens that it shows to partners (threat T4).
 *
 * AES-256-GCM with a fresh 96-bit nonce. The owner, the purpose and the key's id are authenticated along, so a sealed
 * token that is copied to another partner's row does not open. Keys have ids: new texts are sealed with the active
 * key, older ones open as long as their key is in the ring.
 */
export class SealingKeyRing {
  private readonly compactKeys = new Map<string, Buffer>();
  private nonces = Buffer.alloc(0);
  private nonceAt = 0;

  /** @throws RangeError if the active key is missing or a key is not 32 bytes long. */
  constructor(
    private readonly keys: ReadonlyMap<string, Buffer>,
    private readonly activeId: string,
  ) {
    if (!keys.has(activeId)) throw new RangeError(`The sealing key "${activeId}" is not in the key ring.`);
    for (const [id, key] of keys) {
      if (key.length !== keyBytes) throw new RangeError(`The sealing key "${id}" is not ${keyBytes} bytes long.`);
    }
  }

  seal(clear: string, context: SealContext): string {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv('aes-256-gcm', this.key(this.activeId), nonce);
    cipher.setAAD(additionalData(context, this.activeId));
    const sealed = Buffer.concat([cipher.update(clear, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return [scheme, this.activeId, nonce.toString('base64url'), sealed.toString('base64url')].join('.');
  }

  /** @throws SealBroken if the text was changed, belongs to something else, or its key is not in the ring. */
  open(text: string, context: SealContext): string {
    const [usedScheme, keyId, nonce, body] = text.split('.');
    if (usedScheme !== scheme || !keyId || !nonce || !body) throw new SealBroken('This is no sealed text.');
    const bytes = Buffer.from(body, 'base64url');
    const key = this.key(keyId);
    try {
      const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(nonce, 'base64url'), {
        authTagLength: tagBytes,
      });
      decipher.setAAD(additionalData(context, keyId));
      decipher.setAuthTag(bytes.subarray(-tagBytes));
      return decipher.update(bytes.subarray(0, -tagBytes), undefined, 'utf8') + decipher.final('utf8');
    } catch {
      throw new SealBroken('The sealed text was changed or belongs to something else.');
    }
  }

  /**
   * Seals bytes into a short text that can stand in a URL, for what is given out and not kept. It has a key of its own, derived from
   * the active one: many more such texts are made than tokens are sealed, and a nonce that struck twice would open none of those.
   */
  sealCompact(clear: Uint8Array, context: SealContext): string {
    const id = Buffer.from(this.activeId, 'latin1');
    const nonce = this.nextNonce();
    const cipher = createCipheriv('aes-256-gcm', this.compactKey(this.activeId), nonce);
    cipher.setAAD(additionalData(context, this.activeId));
    const head = Buffer.from([compactScheme, id.length]);
    return Buffer.concat([head, id, nonce, cipher.update(clear), cipher.final(), cipher.getAuthTag()]).toString(
      'base64url',
    );
  }

  /** @throws SealBroken like {@link open} */
  openCompact(text: string, context: SealContext): Buffer {
    if (!compactText.test(text)) throw new SealBroken('This is no sealed text.');
    const bytes = Buffer.from(text, 'base64url');
    const idEnd = 2 + (bytes[1] ?? 0);
    if (bytes[0] !== compactScheme || bytes.length < idEnd + nonceBytes + tagBytes)
      throw new SealBroken('This is no sealed text.');
    const keyId = bytes.toString('latin1', 2, idEnd);
    const key = this.compactKey(keyId);
    const nonce = bytes.subarray(idEnd, idEnd + nonceBytes);
    try {
      const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes });
      decipher.setAAD(additionalData(context, keyId));
      decipher.setAuthTag(bytes.subarray(-tagBytes));
      return Buffer.concat([decipher.update(bytes.subarray(idEnd + nonceBytes, -tagBytes)), decipher.final()]);
    } catch {
      throw new SealBroken('The sealed text was changed or belongs to something else.');
    }
  }

  /** Whether a text was sealed with the key that is active now. */
  isCurrent(text: string): boolean {
    return text.split('.')[1] === this.activeId;
  }

  /** Asking the system for random bytes costs more than the sealing, so they are asked for in advance. Each is used once. */
  private nextNonce(): Buffer {
    if (this.nonceAt === this.nonces.length) {
      this.nonces = randomBytes(nonceBytes * noncesInAdvance);
      this.nonceAt = 0;
    }
    const nonce = this.nonces.subarray(this.nonceAt, this.nonceAt + nonceBytes);
    this.nonceAt += nonceBytes;
    return nonce;
  }

  private compactKey(id: string): Buffer {
    let key = this.compactKeys.get(id);
    if (!key) {
      key = Buffer.from(hkdfSync('sha256', this.key(id), '', 'roamhub compact seal', keyBytes));
      this.compactKeys.set(id, key);
    }
    return key;
  }

  private key(id: string): Buffer {
    const key = this.keys.get(id);
    if (!key) throw new SealBroken(`The sealing key "${id}" is not in the key ring.`);
    return key;
  }
}

/** JSON keeps the three parts apart whatever characters they hold. */
function additionalData({ owner, purpose }: SealContext, keyId: string): Buffer {
  return Buffer.from(JSON.stringify([owner, purpose, keyId]));
}
