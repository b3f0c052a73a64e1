import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalHash, canonicalJson } from './canonical.js';
import { itemsAt, memberOf, membersAt, stringMember } from './json-scan.js';
import { stampOf } from './stamp.js';
import { fromWire, ownCopy, toWire } from './wire-text.js';

describe('wire text', () => {
  it('holds the bytes of the UTF-8 text, one a character', () => {
    expect(toWire('Köln')).toHaveLength(5);
    expect(Buffer.from(toWire('Köln €'), 'latin1').equals(Buffer.from('Köln €', 'utf8'))).toBe(true);
  });

  it('comes back as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => fromWire(ownCopy(toWire(text))) === text),
      { numRuns: 200 },
    );
  });
});

describe('scanning JSON text', () => {
  const text = '{ "a" : [1, {"b":"x]}\\""}, []] , "c\\u0041": null,"d":-1.50e3 }';

  it('finds the members of an object', () => {
    const members = membersAt(text, 0) ?? [];
    expect(members.map((m) => [m.key, text.slice(m.start, m.end)])).toEqual([
      ['a', '[1, {"b":"x]}\\""}, []]'],
      ['cA', 'null'],
      ['d', '-1.50e3'],
    ]);
  });

  it('finds the items of an array', () => {
    const at = memberOf(membersAt(text, 0) ?? [], 'a')?.start ?? -1;
    expect(itemsAt(text, at)?.map((i) => text.slice(i.start, i.end))).toEqual(['1', '{"b":"x]}\\""}', '[]']);
  });

  it('agrees with JSON.parse on any object', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const json = JSON.stringify(value, null, 1);
        const found = (membersAt(json, 0) ?? []).map((m) => [m.key, JSON.parse(json.slice(m.start, m.end))]);
        expect(found).toEqual(Object.entries(JSON.parse(json)));
      }),
      { numRuns: 300 },
    );
  });

  it('reads string members only', () => {
    const json = '{"id":"L\\u0031","n":5}';
    const members = membersAt(json, 0) ?? [];
    expect(stringMember(json, members, 'id')).toBe('L1');
    expect(stringMember(json, members, 'n')).toBeUndefined();
  });
});

describe('canonical form', () => {
  const hash = (json: string): string => canonicalHash(toWire(json));

  it('knows no order of members and no white space', () => {
    expect(hash('{"b":[1,2],"a":{"y":null,"x":"é"}}')).toBe(hash(' { "a" : {"x":"\\u00e9","y":null}, "b":[1 ,2] } '));
  });

  it('keeps numbers as written, null apart from absent, and the order of lists', () => {
    expect(hash('{"a":1.0}')).not.toBe(hash('{"a":1}'));
    expect(hash('{"a":12.50000000000000000001}')).not.toBe(hash('{"a":12.5}'));
    expect(hash('{"a":null}')).not.toBe(hash('{}'));
    expect(hash('[1,2]')).not.toBe(hash('[2,1]'));
  });

  it('takes the last of repeated members', () => {
    expect(canonicalJson('{"a":1,"b":0,"a":2}')).toBe('{"a":2,"b":0}');
  });

  it('parses to the same value as its source', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const json = JSON.stringify(value, null, 2);
        expect(JSON.parse(fromWire(canonicalJson(toWire(json))))).toEqual(JSON.parse(json));
      }),
      { numRuns: 300 },
    );
  });
});

describe('DateTime', () => {
  it.each([
    ['2015-06-29T20:39:09Z', Date.UTC(2015, 5, 29, 20, 39, 9)],
    ['2015-06-29T20:39:09', Date.UTC(2015, 5, 29, 20, 39, 9)],
    ['2016-12-29T17:45:09.2Z', Date.UTC(2016, 11, 29, 17, 45, 9, 200)],
    ['2015-06-29T22:39:09+02:00', Date.UTC(2015, 5, 29, 20, 39, 9)],
  ])('reads %s as UTC (D-05 … D-07)', (text, expected) => expect(stampOf(text)).toBe(expected));

  it.each(['2015-06-29', 'yesterday', '2015-13-29T20:39:09Z', undefined])('refuses %s', (text) =>
    expect(stampOf(text)).toBeUndefined(),
  );
});
