import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  compactJson,
  endOfValue,
  findMember,
  firstItem,
  inspectJson,
  itemsOf,
  membersOf,
  memberTexts,
  stringMember,
  withItem,
  withMembers,
} from './json-text.js';

const safeKey = fc.string({ unit: 'binary' }).filter((key) => !['__proto__', 'constructor', 'prototype'].includes(key));
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

/** JSON text with white space in every place where it may stand, and some characters written as escapes. */
const spacedText = fc
  .tuple(json, fc.array(fc.constantFrom(' ', '\n', '\r', '\t', ''), { minLength: 1 }))
  .map(([value, spaces]) => {
    let turn = 0;
    const space = (): string => spaces[turn++ % spaces.length] ?? '';
    const print = (part: unknown): string => {
      if (Array.isArray(part))
        return `[${space()}${part.map((item) => `${space()}${print(item)}${space()}`).join(',')}]`;
      if (typeof part === 'object' && part !== null)
        return `{${space()}${Object.entries(part)
          .map(([key, item]) => `${space()}${JSON.stringify(key)}${space()}:${space()}${print(item)}${space()}`)
          .join(',')}}`;
      return JSON.stringify(part);
    };
    return { value, text: space() + print(value) + space() };
  });

describe('compactJson and inspectJson', () => {
  it('take the same white space out and leave the value as it was', () => {
    fc.assert(
      fc.property(spacedText, ({ value, text }) => {
        expect(compactJson(text)).toBe(JSON.stringify(value));
        expect(inspectJson(text)).toEqual({ kind: 'fine', text: JSON.stringify(value) });
      }),
    );
  });

  it('keep every spelling of numbers, escapes and strings', () => {
    for (const text of ['150000.0', '-0.0', '1E2', '1e+2', '12345678901234567890.12345', '"\\u0041\\/\\ud83d"', '""']) {
      expect(compactJson(` ${text}\n`)).toBe(text);
      expect(compactJson(`{"a":[ ${text} , ${text} ]}`)).toBe(`{"a":[${text},${text}]}`);
    }
  });

  it('are not led astray by quotes and backslashes in strings', () => {
    for (const text of ['{"a\\"b":"\\\\"}', '["\\\\\\"",":","{","[","]"]', '{"\\\\":"\\\\\\\\"}']) {
      expect(inspectJson(text)).toEqual({ kind: 'fine', text });
      expect(compactJson(text)).toBe(text);
    }
  });

  it('finds a key given twice also in two spellings, at any depth', () => {
    expect(inspectJson('{"id":1,"\\u0069d":2}')).toEqual({ kind: 'duplicate-key', key: 'id' });
    expect(inspectJson('[{"a":[{"b":1,"c":{"b":2},"b":3}]}]')).toEqual({ kind: 'duplicate-key', key: 'b' });
    expect(inspectJson('{"a":{"b":1},"b":{"a":{"b":2}}}').kind).toBe('fine');
  });
});

describe('splicing', () => {
  it('finds members behind empty objects and arrays, nested same names and escaped keys', () => {
    const text = '{"e":{},"a":[],"n":{"id":1,"x":[{"id":2}]},"\\u0069d":"LOC1","z":null}';
    expect(membersOf(text).map((member) => member.key)).toEqual(['e', 'a', 'n', 'id', 'z']);
    expect(stringMember(text, 'id')).toBe('LOC1');
    expect(findMember(text, 'x')).toBeUndefined();
    expect(memberTexts('{}').size).toBe(0);
    expect(itemsOf('[]')).toEqual([]);
    expect(itemsOf('null')).toEqual([]);
  });

  it('replaces an escaped key in place and does not add it a second time', () => {
    expect(withMembers('{"\\u0069d":"a","b":1.0}', new Map([['id', '"c"']]))).toBe('{"\\u0069d":"c","b":1.0}');
  });

  it('sets, adds and takes out members as the object itself would', () => {
    const change = fc.dictionary(safeKey, fc.option(json, { nil: undefined }), { maxKeys: 4, noNullPrototype: true });
    fc.assert(
      fc.property(jsonObject, change, (object, changes) => {
        const texts = new Map(
          Object.entries(changes).map(([key, value]) => [key, value === undefined ? undefined : JSON.stringify(value)]),
        );
        const expected = Object.entries({ ...object, ...changes }).filter(([, value]) => value !== undefined);
        expect(JSON.parse(withMembers(JSON.stringify(object), texts))).toEqual(
          JSON.parse(JSON.stringify(Object.fromEntries(expected))),
        );
      }),
    );
  });

  it('puts an item at the end of any array', () => {
    fc.assert(
      fc.property(fc.array(json), json, (array, item) => {
        const text = withItem(JSON.stringify(array), JSON.stringify(item));
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify([...array, item])));
      }),
    );
  });

  it('finds the first item that fits, and looks no further', () => {
    const text = '[{"id":"a"},{"id":"b"},{"id":"b"}]';
    const looked: number[] = [];
    const span = firstItem(text, 0, (at) => {
      looked.push(at);
      return stringMember(text, 'id', at) === 'b';
    });
    expect(span && text.slice(span.start, span.end)).toBe('{"id":"b"}');
    expect(looked).toHaveLength(2);
    expect(firstItem(text, 0, () => false)).toBeUndefined();
    expect(firstItem('null', 0, () => true)).toBeUndefined();
    expect(firstItem('[]', 0, () => true)).toBeUndefined();
  });

  it('says that a text is broken instead of running on', () => {
    expect(() => endOfValue('"abc', 0)).toThrow(SyntaxError);
    expect(() => endOfValue('{"a":[1', 0)).toThrow(SyntaxError);
  });
});
