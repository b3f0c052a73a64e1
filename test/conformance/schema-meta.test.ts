import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { isSchema, type JsonSchema, part, schemaDirectory, text } from '../../src/platform/schema/schema-files.js';
import { schemaNames } from '../../src/platform/schema/schema-names.js';
import { plainPatterns } from '../../src/platform/schema/violation.js';

const directory = schemaDirectory();
const files = readdirSync(directory, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.json'))
  .sort();

function read(file: string): JsonSchema {
  const schema: unknown = JSON.parse(readFileSync(path.join(directory, file), 'utf8'));
  return isSchema(schema) ? schema : {};
}

const list = (value: unknown): JsonSchema[] => (Array.isArray(value) ? value.filter(isSchema) : []);
const types = (schema: JsonSchema): unknown[] => [schema.type].flat();

/** A schema and everything under it that judges a value and is no condition between fields. */
function withParts(schema: JsonSchema): JsonSchema[] {
  const branches = text(schema, 'x-message') === undefined ? list(schema.anyOf) : [];
  const below = [...Object.values(part(schema, 'properties')), schema.items, ...branches].filter(isSchema);
  return [schema, ...below.flatMap(withParts)];
}

const strings = (file: string): JsonSchema[] =>
  withParts(read(file)).filter((schema) => types(schema).includes('string'));

describe.each(files)('ocpi-schemas/%s', (file) => {
  const schema = read(file);

  it('says what it is and where it belongs', () => {
    expect(text(schema, '$schema')).toBe('https://json-schema.org/draft/2020-12/schema');
    expect(text(schema, '$id')).toBe(`https://roamhub.example/ocpi-schemas/${file}`);
    expect(text(schema, 'title')).toMatch(/^[A-Z][A-Za-z]+$/);
    expect(text(schema, 'description')).toMatch(/\.$/);
  });

  it('anchors every property in its specification', () => {
    for (const [name, property] of Object.entries(part(schema, 'properties'))) {
      expect([name, isSchema(property) && text(property, 'x-spec')]).toEqual([
        name,
        expect.stringMatching(/^(2\.2\.1 §\d+(\.\d+)+|HERE EV Charge Points API v3)$/),
      ]);
      expect([name, isSchema(property) && text(property, 'description')]).toEqual([name, expect.stringMatching(/\.$/)]);
    }
  });

  it('lets unknown properties through (T-36)', () => {
    for (const part of withParts(schema)) {
      expect(part).not.toHaveProperty('additionalProperties');
      expect(part).not.toHaveProperty('unevaluatedProperties');
    }
  });

  it('bounds every string and every list', () => {
    for (const string of strings(file)) {
      if (string.enum === undefined) expect(string).toHaveProperty('maxLength', expect.any(Number));
    }
    for (const array of withParts(schema).filter((part) => types(part).includes('array'))) {
      expect(array).toHaveProperty('maxItems', expect.any(Number));
      expect(array).toHaveProperty('items');
    }
  });

  it('can explain every pattern, and none repeats within a repetition', () => {
    for (const string of strings(file)) {
      const pattern = text(string, 'pattern');
      if (pattern === undefined) continue;
      if (!(pattern in plainPatterns)) expect(text(string, 'x-message')).toMatch(/^must /);
      expect(pattern).toMatch(/^\^.*\$$/);
      expect(pattern).not.toMatch(/[*+}]\??\)[*+{]/);
      const hostile = `${'0'.repeat(50_000)}\n`;
      const started = process.cpuUsage();
      expect(new RegExp(pattern, 'u').test(hostile)).toBe(false);
      expect(process.cpuUsage(started).user).toBeLessThan(100_000);
    }
  });
});

describe('the names of the schemas', () => {
  it('are the files of OCPI 2.2.1', () => {
    const names = files
      .filter((file) => file.startsWith('2.2.1/'))
      .map((file) => file.slice(6, -'.schema.json'.length));
    expect([...schemaNames].sort()).toEqual(names.sort());
  });
});
