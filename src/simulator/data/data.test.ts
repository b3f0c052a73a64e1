import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from '@jest/globals';
import { CpoSimulator } from '../cpo-simulator.js';
import { fromWire } from '../wire/wire-text.js';
import { LocationGenerator } from './generate-locations.js';
import { generateTariffs } from './generate-tariffs.js';
import { ndjsonLines, ownersInFile } from './ndjson.js';

const folder = mkdtempSync(path.join(os.tmpdir(), 'simulator-data-'));
afterAll(() => rmSync(folder, { recursive: true }));

const owner = { country_code: 'BE', party_id: 'CP9' };
const base = Date.UTC(2026, 0, 1);

function locations(seed: number, count: number): string[] {
  const generator = new LocationGenerator(owner, seed, generateTariffs(owner, seed, base).ids, base);
  return Array.from({ length: count }, (_, i) => generator.next(i + 1));
}

describe('invented data', () => {
  it('is repeatable by seed', () => {
    expect(locations(3, 40)).toEqual(locations(3, 40));
    expect(locations(3, 40)).not.toEqual(locations(4, 40));
  });

  it('has what the rules require of a Location (L-22, L-23, L-26, D-14)', () => {
    for (const text of locations(1, 200)) {
      const value = JSON.parse(fromWire(text));
      for (const field of ['country_code', 'party_id', 'id', 'publish', 'address', 'city', 'country', 'time_zone']) {
        expect(value).toHaveProperty(field);
      }
      expect(value.coordinates.latitude).toMatch(/^-?\d{1,2}\.\d{5,7}$/);
      expect(value.opening_times.twentyfourseven || value.opening_times.regular_hours.length > 0).toBe(true);
      for (const evse of value.evses) {
        expect(evse.connectors.length).toBeGreaterThan(0);
        expect(value.last_updated >= evse.last_updated).toBe(true);
      }
      expect(Date.parse(value.last_updated)).toBeLessThan(base);
    }
  });

  it('has vendor objects, unknown fields, private sites and numbers as a printer would not write them', () => {
    const all = locations(1, 200).join('\n');
    for (const piece of ['"here_ext"', '"x_asset"', '"publish":false', '"loss":0.0250', '37.50']) {
      expect(all).toContain(piece);
    }
    expect(generateTariffs(owner, 1, base).texts.join()).toContain('1.00000000000000000001');
  });
});

describe('NDJSON files', () => {
  const text =
    '{"country_code":"NL","party_id":"AAA","id":"1","n":1.50}\n\n{"id":"2","party_id":"BBB","country_code":"NL"}';

  it.each([
    ['plain.ndjson', Buffer.from(text)],
    ['packed.ndjson.gz', gzipSync(text)],
  ])('%s is read line by line', async (name, content) => {
    const file = path.join(folder, name);
    writeFileSync(file, content);
    const found: string[] = [];
    for await (const line of ndjsonLines(file)) found.push(line);
    expect(found).toEqual(text.split('\n').filter((line) => line !== ''));
    expect(await ownersInFile(file)).toEqual(
      new Map([
        ['NL/AAA', 1],
        ['NL/BBB', 1],
      ]),
    );
  });

  it('a CPO takes only what its parties own', async () => {
    const file = path.join(folder, 'both.ndjson');
    writeFileSync(file, text);
    const cpo = new CpoSimulator({ parties: [{ country_code: 'nl', party_id: 'aaa', role: 'CPO' }] });
    expect(await cpo.load('locations', file)).toBe(1);
    expect(cpo.object('locations/NL/AAA/1')).toContain('1.50');
  });

  it('a missing file is an error', async () => {
    await expect(ownersInFile(path.join(folder, 'none.ndjson.gz'))).rejects.toThrow('ENOENT');
  });
});
