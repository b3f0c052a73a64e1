import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type FieldError, matches, readQuery } from './check.js';
import { boolean, choice, integer, list, map, nullable, object, partial, type Schema, string } from './schema.js';

function errorsOf(schema: Schema<unknown>, value: unknown): FieldError[] {
  const errors: FieldError[] = [];
  expect(matches(schema, value, errors)).toBe(errors.length === 0);
  return errors;
}

const person = object(
  { name: string({ minLength: 1, maxLength: 5 }), tags: list(choice(['a', 'b']), { minItems: 1, maxItems: 2 }) },
  { age: integer({ minimum: 0, maximum: 150 }), site: string({ format: 'origin' }) },
);

describe('matches', () => {
  it('takes what the schema describes', () => {
    expect(errorsOf(person, { name: 'Änn€😀', tags: ['a', 'b'], age: 0, site: 'https://[::1]:8443' })).toEqual([]);
  });

  it.each<[string, unknown, string, RegExp]>([
    ['the wrong type', [], '', /must be an object/],
    ['null', null, '', /must be an object/],
    ['a missing name', { tags: ['a'] }, '/name', /is missing/],
    ['an inherited name', Object.create({ name: 'x', tags: ['a'] }), '/name', /is missing/],
    ['an unknown name', { name: 'x', tags: ['a'], nmae: 1 }, '/nmae', /not known/],
    ['an unknown name with odd characters', { name: 'x', tags: ['a'], 'a/b~c': 1 }, '/a~1b~0c', /not known/],
    ['a poisoned name', JSON.parse('{"name":"x","tags":["a"],"__proto__":{}}'), '/__proto__', /not known/],
    ['text that is empty', { name: '', tags: ['a'] }, '/name', /must not be empty/],
    ['text that is too long', { name: 'abcdef', tags: ['a'] }, '/name', /at most 5/],
    ['an empty list', { name: 'x', tags: [] }, '/tags', /at least 1 entry/],
    ['a long list', { name: 'x', tags: ['a', 'a', 'a'] }, '/tags', /at most 2/],
    ['an item that is none of the choices', { name: 'x', tags: ['a', 'c'] }, '/tags/1', /one of a, b/],
    ['a fraction', { name: 'x', tags: ['a'], age: 1.5 }, '/age', /whole number/],
    ['a number as text', { name: 'x', tags: ['a'], age: '1' }, '/age', /whole number/],
    ['a number out of range', { name: 'x', tags: ['a'], age: 151 }, '/age', /greater than 150/],
    ['an origin with a path', { name: 'x', tags: ['a'], site: 'https://a.example/' }, '/site', /must be an origin/],
    ['an origin with a user', { name: 'x', tags: ['a'], site: 'https://u@a.example' }, '/site', /must be an origin/],
    ['an origin of another scheme', { name: 'x', tags: ['a'], site: 'ftp://a.example' }, '/site', /must be an origin/],
    ['an origin without scheme', { name: 'x', tags: ['a'], site: 'a.example:80' }, '/site', /must be an origin/],
    [
      'an origin with a bad port',
      { name: 'x', tags: ['a'], site: 'https://a.example:99999' },
      '/site',
      /must be an origin/,
    ],
  ])('refuses %s and says where', (_name, value, pointer, detail) => {
    const errors = errorsOf(person, value);
    expect(errors.find((error) => error.pointer === pointer)?.detail).toMatch(detail);
  });

  it('stops after fifty errors', () => {
    expect(errorsOf(list(integer()), Array(1000).fill('x')).length).toBe(50);
  });

  it('knows maps, null and changes that must change something', () => {
    expect(errorsOf(map(integer(), ''), { a: 1, b: 'x' })).toEqual([
      { pointer: '/b', detail: 'must be a whole number' },
    ]);
    expect(errorsOf(nullable(integer()), null)).toEqual([]);
    expect(errorsOf(partial(person), {})).toEqual([{ pointer: '', detail: 'must name at least one thing to change' }]);
    expect(errorsOf(partial(person), { age: 3 })).toEqual([]);
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.anything(), (value) => void errorsOf(person, value)));
  });
});

describe('readQuery', () => {
  const schema = object({}, { limit: integer({ default: 7 }), verify: boolean(), name: string() });
  const read = (query: string) => {
    const errors: FieldError[] = [];
    return { values: { ...readQuery(schema.json, new URLSearchParams(query), errors) }, errors };
  };

  it('reads numbers and flags, leaves text alone and fills in defaults', () => {
    expect(read('verify=false&name=12').values).toEqual({ verify: false, name: '12', limit: 7 });
    expect(read('limit=12').values).toEqual({ limit: 12 });
  });

  it('leaves what is no number for the check to refuse, and refuses what is given twice', () => {
    expect(read('limit=1e3').values).toEqual({ limit: '1e3' });
    expect(read('limit=1&limit=2').errors).toEqual([{ pointer: 'limit', detail: 'must be given once' }]);
  });
});
