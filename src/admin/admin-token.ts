import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { chmodSync, closeSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { type AdminTokenSource, ConfigRefusal } from '../platform/config/index.js';

/** Opens the admin API to whoever presents the token; keeps only its digest. */
export class AdminTokenCheck {
  private readonly digest: Buffer;

  constructor(token: string) {
    this.digest = digestOf(token);
  }

  /** In constant time, also for texts of other lengths: digests are compared. A partner's `Token …` never fits. */
  allows(authorization: string | undefined): boolean {
    const presented = /^Bearer +([\x21-\x7e]+) *$/i.exec(authorization ?? '')?.[1];
    return timingSafeEqual(digestOf(presented ?? ''), this.digest) && presented !== undefined;
  }
}

export interface AdminTokenFile {
  readonly check: AdminTokenCheck;
  /** Where the operator finds the token; undefined if the operator gave it. */
  readonly file: string | undefined;
  /** Whether the file was made just now. */
  readonly made: boolean;
}

/**
 * The token that the operator gave, or the one that is kept in the data directory, made there on first start so that only the
 * owner of the file can read it.
 * @throws ConfigRefusal if the file cannot be read or made, or holds no token
 */
export function loadAdminToken(source: AdminTokenSource, given: string | undefined): AdminTokenFile {
  if (source.kind === 'given') {
    if (given === undefined) throw new ConfigRefusal(['The admin token is missing.']);
    return { check: new AdminTokenCheck(given), file: undefined, made: false };
  }
  const { file } = source;
  try {
    const made = makeTokenFile(file);
    const token = readFileSync(file, 'utf8').trim();
    if (!/^[\x21-\x7e]{16,512}$/.test(token))
      throw new ConfigRefusal([`${file} holds no usable admin token; delete it to have one made.`]);
    return { check: new AdminTokenCheck(token), file, made };
  } catch (error) {
    if (error instanceof ConfigRefusal) throw error;
    throw new ConfigRefusal([`The admin token cannot be kept in ${file}: ${(error as Error).message}.`]);
  }
}

function makeTokenFile(file: string): boolean {
  mkdirSync(path.dirname(file), { recursive: true });
  let handle: number;
  try {
    handle = openSync(file, 'wx', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    chmodSync(file, 0o600);
    return false;
  }
  try {
    writeSync(handle, `${randomBytes(32).toString('base64url')}\n`);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  return true;
}

const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest();
