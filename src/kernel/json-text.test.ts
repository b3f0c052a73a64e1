import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  defaultJsonLimits,
  findMember,
  inspectJson,
  itemsOf,
  membersOf,
  memberTexts,
  stringMember,
  withItem,
  withMembers,
} from './json-text.js';

const safeKey = fc.string().filter((key) => !['__proto__', 'constructor', 'prototype'].includes(key));
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter((n) => !Object.is(n, -0)),
    fc.string({ unit: 'binary' }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(safeKey, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;
const jsonObject = fc.dictionary(safeKey, json, { maxKeys: 6, noNullPrototype: true });

describe('inspectJson', () => {
  it('takes white space out of any JSON and changes nothing else', () => {
    fc.assert(
      fc.property(json, fc.constantFrom('', ' ', '\t', 2), (value, space) => {
        const inspection = inspectJson(JSON.stringify(value, null, space));
        expect(inspection).toEqual({ kind: 'fine', text: JSON.stringify(value) });
      }),
    );
  });

  it('keeps numbers as they were written', () => {
    expect(inspectJson('{ "a" : 150000.0 , "b": [ 12345678901234567890 , 1E2 ] }')).toEqual({
      kind: 'fine',
      text: '{"a":150000.0,"b":[12345678901234567890,1E2]}',
    });
  });

  it('refuses what nests too deep or holds too many values · T13', () => {
    expect(inspectJson('['.repeat(21) + ']'.repeat(21)).kind).toBe('too-deep');
    expect(inspectJson('['.repeat(20) + ']'.repeat(20)).kind).toBe('fine');
    expect(inspectJson(JSON.stringify(new Array(11).fill(1)), { ...defaultJsonLimits, nodes: 10 }).kind).toBe(
      'too-many-values',
    );
  });

  it('refuses poisoned keys, also escaped ones · T13', () => {
    expect(inspectJson('{"a":{"__proto__":1}}')).toEqual({ kind: 'poisoned-key', key: '__proto__' });
    expect(inspectJson('{"\\u005f_proto__":1}')).toEqual({ kind: 'poisoned-key', key: '__proto__' });
    expect(inspectJson('["__proto__"]').kind).toBe('fine');
  });

  it('refuses a key given twice in one object, not the same key in two objects · T13', () => {
    expect(inspectJson('{"a":1,"b":{"a":2},"a":3}')).toEqual({ kind: 'duplicate-key', key: 'a' });
    expect(inspectJson('[{"a":1},{"a":2}]').kind).toBe('fine');
  });
});

describe('members and items', () => {
  it('finds every member of any object', () => {
    fc.assert(
      fc.property(jsonObject, (object) => {
        const text = JSON.stringify(object);
        const read = membersOf(text).map((m) => [m.key, JSON.parse(text.slice(m.start, m.end))]);
        expect(read).toEqual(Object.entries(object).map(([key, value]) => [key, JSON.parse(JSON.stringify(value))]));
      }),
    );
  });

  it('finds every item of any array', () => {
    fc.assert(
      fc.property(fc.array(json), (array) => {
        const text = JSON.stringify(array);
        expect(itemsOf(text).map((s) => JSON.parse(text.slice(s.start, s.end)))).toEqual(JSON.parse(text));
      }),
    );
  });

  it('reads one member and its string', () => {
    const text = '{"a":"x\\"y","b":[{"a":1}],"c":null}';
    expect(stringMember(text, 'a')).toBe('x"y');
    expect(stringMember(text, 'b')).toBeUndefined();
    expect(findMember(text, 'z')).toBeUndefined();
    const b = findMember(text, 'b');
    expect(b && text.slice(b.start, b.end)).toBe('[{"a":1}]');
  });
});

describe('withMembers', () => {
  it('does to the text what a shallow merge does to the object', () => {
    fc.assert(
      fc.property(jsonObject, jsonObject, (object, patch) => {
        const texts = memberTexts(JSON.stringify(patch));
        expect(JSON.parse(withMembers(JSON.stringify(object), texts))).toEqual(
          JSON.parse(JSON.stringify({ ...object, ...patch })),
        );
      }),
    );
  });

  it('leaves the spelling of everything else alone', () => {
    const values = new Map([
      ['status', '"CHARGING"'],
      ['gone', undefined],
      ['extra', '1'],
    ]);
    expect(withMembers('{"power":150000.0,"status":"AVAILABLE","gone":{},"x_foo":1E2}', values)).toBe(
      '{"power":150000.0,"status":"CHARGING","x_foo":1E2,"extra":1}',
    );
  });
});

it('withItem appends to an array, to an empty one and to none', () => {
  expect(withItem('[1]', '2')).toBe('[1,2]');
  expect(withItem('[]', '2')).toBe('[2]');
  expect(withItem('null', '2')).toBe('[2]');
  expect(withItem(undefined, '2')).toBe('[2]');
});
