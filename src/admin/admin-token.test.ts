import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ConfigRefusal } from '../platform/config/index.js';
import { AdminTokenCheck, loadAdminToken } from './admin-token.js';

describe('AdminTokenCheck', () => {
  const check = new AdminTokenCheck('correct-token');

  it('opens for the token as a bearer, and for nothing else (T22)', () => {
    expect(check.allows('Bearer correct-token')).toBe(true);
    expect(check.allows('bearer  correct-token')).toBe(true);
    for (const wrong of [
      undefined,
      '',
      'Bearer',
      'Bearer ',
      'Bearer correct-toke',
      'Bearer correct-token2',
      'Bearer correct token',
      'Token correct-token',
      `Token ${Buffer.from('correct-token').toString('base64')}`,
      'correct-token',
      'Basic Y29ycmVjdC10b2tlbg==',
    ])
      expect([wrong, check.allows(wrong)]).toEqual([wrong, false]);
  });

  it('does not open for an absent token even if the token were empty', () => {
    expect(new AdminTokenCheck('').allows(undefined)).toBe(false);
  });
});

describe('loadAdminToken', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'admin-token-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const source = (): { kind: 'kept'; file: string } => ({
    kind: 'kept',
    file: path.join(folder, 'new', 'admin-token'),
  });

  it('makes a token on first start that only the owner can read, and keeps it', () => {
    const first = loadAdminToken(source(), undefined);
    expect(first).toMatchObject({ made: true, file: source().file });
    expect(statSync(source().file).mode & 0o777).toBe(0o600);
    const token = readFileSync(source().file, 'utf8').trim();
    expect(token).toMatch(/^[\w-]{43}$/);
    const second = loadAdminToken(source(), undefined);
    expect(second.made).toBe(false);
    expect([first, second].map(({ check }) => check.allows(`Bearer ${token}`))).toEqual([true, true]);
  });

  it('closes a file that others could read', () => {
    loadAdminToken(source(), undefined);
    chmodSync(source().file, 0o644);
    loadAdminToken(source(), undefined);
    expect(statSync(source().file).mode & 0o777).toBe(0o600);
  });

  it('refuses a file without a usable token, and a place that cannot be written', () => {
    loadAdminToken(source(), undefined);
    writeFileSync(source().file, '\n');
    expect(() => loadAdminToken(source(), undefined)).toThrow(ConfigRefusal);
    const inAFile = { kind: 'kept', file: path.join(source().file, 'token') } as const;
    expect(() => loadAdminToken(inAFile, undefined)).toThrow(ConfigRefusal);
  });

  it('takes the token of the operator and writes no file', () => {
    const { check, file } = loadAdminToken({ kind: 'given' }, 'given-token');
    expect([check.allows('Bearer given-token'), file]).toEqual([true, undefined]);
  });
});
