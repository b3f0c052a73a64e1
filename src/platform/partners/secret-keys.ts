import { hkdfSync, randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { ConfigRefusal } from '../config/index.js';
import { SealingKeyRing } from './sealing-key-ring.js';

export interface SecretKeys {
  /** For the keyed hashes of tokens. */
  readonly pepper: Buffer;
  /** For the chain of audit rows. */
  readonly auditKey: Buffer;
  readonly ring: SealingKeyRing;
}

export interface SecretKeyOptions {
  readonly dataDirectory: string;
  /** `ROAMHUB_SECRET_KEY_FILE`. Left out: `secret-keys.json` in the data directory, made there in development. */
  readonly keyFile?: string;
  readonly development: boolean;
}

/** The file's content: keys as Base64 of 32 bytes. New keys are added under new ids; `active` seals from then on. */
interface KeyFile {
  readonly pepper: string;
  readonly active: string;
  readonly keys: Readonly<Record<string, string>>;
}

const keyBytes = 32;
const keyId = /^[A-Za-z0-9_-]{1,32}$/;

/**
 * Reads the pepper and the sealing keys from their file; in development a missing file is made.
 *
 * @throws ConfigRefusal if the file is missing outside development, or is not what {@link newKeyFile} writes.
 */
export function loadSecretKeys(options: SecretKeyOptions): SecretKeys {
  const file = options.keyFile ?? path.join(options.dataDirectory, 'secret-keys.json');
  if (!existsSync(file)) {
    if (!options.development)
      throw new ConfigRefusal([
        `The secret key file ${file} is missing; restore it or, for a new hub, make one and name it in ROAMHUB_SECRET_KEY_FILE.`,
      ]);
    writeKeyFile(file);
  }
  const content = readKeyFile(file);
  const keys = new Map(Object.entries(content.keys).map(([id, text]) => [id, keyOf(text, file)]));
  if (!keys.has(content.active))
    throw new ConfigRefusal([`The secret key file ${file} names an active key that it does not hold.`]);
  const pepper = keyOf(content.pepper, file);
  const auditKey = Buffer.from(hkdfSync('sha256', pepper, '', 'roamhub audit chain', keyBytes));
  return { pepper, auditKey, ring: new SealingKeyRing(keys, content.active) };
}

/** The text of a new key file. */
export function newKeyFile(): string {
  const fresh = (): string => randomBytes(keyBytes).toString('base64');
  return `${JSON.stringify({ pepper: fresh(), active: 'k1', keys: { k1: fresh() } }, null, 2)}\n`;
}

/** On disk before anything is sealed with it: a key lost with the power would leave the partners' tokens closed. */
function writeKeyFile(file: string): void {
  try {
    const handle = openSync(file, 'wx', 0o600);
    try {
      writeSync(handle, newKeyFile());
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigRefusal([`The secret key file ${file} is missing and cannot be made (${code}).`]);
  }
}

function readKeyFile(file: string): KeyFile {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    throw new ConfigRefusal([`The secret key file ${file} cannot be read as JSON.`]);
  }
  if (!isKeyFile(content))
    throw new ConfigRefusal([`The secret key file ${file} lacks "pepper", "active" or "keys" in their right form.`]);
  return content;
}

function isKeyFile(content: unknown): content is KeyFile {
  if (typeof content !== 'object' || content === null) return false;
  const { pepper, active, keys } = content as Partial<Record<keyof KeyFile, unknown>>;
  if (typeof pepper !== 'string' || typeof active !== 'string' || typeof keys !== 'object' || keys === null)
    return false;
  return Object.entries(keys).every(([id, key]) => keyId.test(id) && typeof key === 'string');
}

function keyOf(text: string, file: string): Buffer {
  const key = Buffer.from(text, 'base64');
  if (key.length !== keyBytes)
    throw new ConfigRefusal([`The secret key file ${file} holds a key that is not ${keyBytes} bytes in Base64.`]);
  return key;
}
