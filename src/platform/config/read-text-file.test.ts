import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from '@jest/globals';
import { readTextFile } from './read-text-file.js';

it('tells a missing file from one that cannot be read', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'config-'));
  const file = path.join(folder, 'x.json');
  expect(readTextFile(file)).toBeUndefined();
  writeFileSync(file, '{"ä":1}');
  expect(readTextFile(file)).toBe('{"ä":1}');
  expect(() => readTextFile(folder)).toThrow('EISDIR');
  rmSync(folder, { recursive: true });
});
