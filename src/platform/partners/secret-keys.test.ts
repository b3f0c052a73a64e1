import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ConfigRefusal } from '../config/index.js';
import { loadSecretKeys, newKeyFile } from './secret-keys.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'roamhub-keys-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const context = { owner: 'p', purpose: 'outbound' };
const load = (options: { development?: boolean; keyFile?: string } = {}) =>
  loadSecretKeys({ dataDirectory: directory, development: false, ...options });

describe('loadSecretKeys', () => {
  it('makes a file in development, for its owner only, and reads the same keys from it ever after', () => {
    const first = load({ development: true });
    const again = load();
    expect(again.pepper).toEqual(first.pepper);
    expect(again.auditKey).toEqual(first.auditKey);
    expect(again.auditKey).not.toEqual(again.pepper);
    expect(again.ring.open(first.ring.seal('x', context), context)).toBe('x');
    expect(statSync(path.join(directory, 'secret-keys.json')).mode & 0o777).toBe(0o600);
  });

  it('refuses to start without a file outside development, in one sentence', () => {
    expect(() => load()).toThrow(ConfigRefusal);
    expect(() => load({ keyFile: '/nowhere/keys' })).toThrow(
      /^The secret key file \/nowhere\/keys is missing; [^.]*\.$/,
    );
  });

  it('takes the file that it is told', () => {
    const keyFile = path.join(directory, 'elsewhere.json');
    writeFileSync(keyFile, newKeyFile());
    const { pepper } = JSON.parse(readFileSync(keyFile, 'utf8')) as { pepper: string };
    expect(load({ keyFile }).pepper.toString('base64')).toBe(pepper);
  });

  it.each([
    ['no JSON', '{'],
    ['a list', '[]'],
    ['no pepper', '{"active":"k1","keys":{}}'],
    ['a short key', newKeyFile().replace(/"k1": "[^"]*"/, '"k1": "c2hvcnQ="')],
    ['a short pepper', newKeyFile().replace(/"pepper": "[^"]*"/, '"pepper": "c2hvcnQ="')],
    ['an active key that is not there', newKeyFile().replace('"active": "k1"', '"active": "k2"')],
    ['an id with a dot', newKeyFile().replaceAll('k1', 'k.1')],
  ])('refuses %s', (_name, text) => {
    writeFileSync(path.join(directory, 'secret-keys.json'), text);
    expect(() => load({ development: true })).toThrow(ConfigRefusal);
  });
});
