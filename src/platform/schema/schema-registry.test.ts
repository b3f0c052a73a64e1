import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { schemaDirectory } from './schema-files.js';
import { SchemaRegistry } from './schema-registry.js';

const point = { latitude: '52.37021', longitude: '4.89516' };

describe('SchemaRegistry.load', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'roamhub-schemas-'));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  function overlay(content: object): void {
    cpSync(schemaDirectory(), directory, { recursive: true });
    mkdirSync(path.join(directory, 'extensions', 'acme'), { recursive: true });
    const file = path.join(directory, 'extensions', 'acme', 'point.schema.json');
    writeFileSync(
      file,
      JSON.stringify({ $id: 'https://roamhub.example/ocpi-schemas/extensions/acme/point', ...content }),
    );
  }
  const base = 'https://roamhub.example/ocpi-schemas/2.2.1/locations/geo-location.schema.json';

  it('names a schema that is missing', () => {
    expect(() => SchemaRegistry.load(directory)).toThrow('The schema locations/location is missing.');
  });

  it('lays an overlay over the object that it extends, wherever that object stands', () => {
    overlay({ 'x-extends': base, properties: { acme: { type: 'integer' } } });
    const registry = SchemaRegistry.load(directory);
    expect(registry.validate('locations/geo-location', { ...point, acme: 1 })).toBeUndefined();
    expect(
      registry.validatePatch('locations/location', { coordinates: { ...point, acme: 'x' }, last_updated: 'now' }),
    ).toEqual({ pointer: '/coordinates/acme', message: 'must be a whole number' });
  });

  it('does not let an overlay change what OCPI defines', () => {
    overlay({ 'x-extends': base, properties: { latitude: { type: 'integer' } } });
    expect(SchemaRegistry.load(directory).validate('locations/geo-location', point)).toBeUndefined();
  });

  it('refuses an overlay of something that does not exist', () => {
    overlay({ 'x-extends': 'https://roamhub.example/nothing', properties: {} });
    expect(() => SchemaRegistry.load(directory)).toThrow('point.schema.json extends a schema that does not exist.');
  });

  it('refuses keywords that nobody declared, so that a slip of the pen is seen', () => {
    overlay({ 'x-extends': base, properties: { acme: { typ: 'integer' } } });
    expect(() => SchemaRegistry.load(directory)).toThrow('unknown keyword: "typ"');
  });
});

describe('SchemaRegistry', () => {
  const registry = SchemaRegistry.load();

  it('changes nothing in the value that it judges', () => {
    const value = Object.freeze({ excl_vat: 1, extra: Object.freeze({ a: 'b' }) });
    expect(registry.validate('common/price', value)).toBeUndefined();
    expect(JSON.stringify(value)).toBe('{"excl_vat":1,"extra":{"a":"b"}}');
  });

  it.each([undefined, null, 'x', 7, true, []])('refuses %p in place of an object', (value) => {
    expect(registry.validate('common/price', value)).toEqual({
      pointer: '',
      message: value === null ? 'must not be null' : 'must be an object',
    });
  });

  it('judges one value after another, each by itself', () => {
    expect(registry.validate('common/price', {})).toEqual({ pointer: '/excl_vat', message: 'is required' });
    expect(registry.validate('common/price', { excl_vat: 1 })).toBeUndefined();
  });

  it('does not take a __proto__ in the body for fields of the object', () => {
    expect(registry.validate('common/price', JSON.parse('{"__proto__":{"excl_vat":1}}'))).toEqual({
      pointer: '/excl_vat',
      message: 'is required',
    });
  });
});
