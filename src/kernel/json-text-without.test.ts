import { describe, expect, it } from '@jest/globals';
import { withoutMembers } from './json-text.js';

const strip = (text: string, ...names: string[]): string => withoutMembers(text, names, ['evses', 'connectors']);

describe('an object text without members of given names', () => {
  it.each([
    ['alone', '{"x":1}', '{}'],
    ['first', '{"x":{"a":[1,"}"]},"b":1.50}', '{"b":1.50}'],
    ['last', '{"b":1.50,"x":null}', '{"b":1.50}'],
    ['in the middle', '{"a":1,"x":"\\",","b":2}', '{"a":1,"b":2}'],
    ['first and second', '{"x":1,"y":2,"b":3}', '{"b":3}'],
    ['second and last', '{"b":3,"x":1,"y":2}', '{"b":3}'],
    ['all of them', '{"x":1,"y":2}', '{}'],
    ['by an escaped name', '{"\\u0078":1,"b":2}', '{"b":2}'],
  ])('takes out one that stands %s', (_where, text, expected) => {
    expect(strip(text, 'x', 'y')).toBe(expected);
  });

  it('leaves all other bytes as they are', () => {
    const text = '{"id":"L1","n":150000.0,"d":0.12345678901234567890,"s":"\\u00e9\\/","x":[1,{"x":2}],"z":{"x":1}}';
    expect(strip(text, 'x')).toBe('{"id":"L1","n":150000.0,"d":0.12345678901234567890,"s":"\\u00e9\\/","z":{"x":1}}');
  });

  it('looks into EVSEs and Connectors, and into nothing else', () => {
    const text =
      '{"x":0,"evses":[{"uid":"E1","x":1,"connectors":[{"x":2,"id":"1"},{"id":"2","x":{"evses":[]}}]},{"x":3}],"images":[{"x":4}]}';
    expect(strip(text, 'x')).toBe(
      '{"evses":[{"uid":"E1","connectors":[{"id":"1"},{"id":"2"}]},{}],"images":[{"x":4}]}',
    );
  });

  it('gives back the very text where there is nothing to take out', () => {
    for (const text of ['{"a":"x"}', '{}', '{"evses":null,"a":1}', '{"evses":[],"a":"\\n"}'])
      expect(strip(text, 'x')).toBe(text);
    expect(withoutMembers('{"x":1}', [])).toBe('{"x":1}');
  });

  it('gives what parsing, deleting and printing gives', () => {
    const names = ['x', 'y'];
    let state = 7;
    const random = (below: number): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
      return (state >> 8) % below;
    };
    const value = (depth: number): unknown => {
      const kind = random(depth > 3 ? 3 : 6);
      if (kind < 2) return random(100);
      if (kind === 2) return ['x', '"x":', 'a,b', '{}'][random(4)];
      if (kind === 3) return Array.from({ length: random(3) }, () => value(depth + 1));
      return Object.fromEntries(
        Array.from({ length: random(6) }, () => [
          ['x', 'y', 'a', 'evses', 'connectors', 'b'][random(6)],
          value(depth + 1),
        ]),
      );
    };
    const expected = (given: unknown): unknown => {
      if (typeof given !== 'object' || given === null || Array.isArray(given)) return given;
      const kept = Object.entries(given).filter(([key]) => !names.includes(key));
      return Object.fromEntries(
        kept.map(([key, inner]) => {
          const isNested = (key === 'evses' || key === 'connectors') && Array.isArray(inner);
          return [key, isNested ? inner.map(expected) : inner];
        }),
      );
    };
    for (let round = 0; round < 2000; round++) {
      const object = { ...(value(0) as object), evses: [value(1), value(1)] };
      expect(strip(JSON.stringify(object), ...names)).toBe(JSON.stringify(expected(object)));
    }
  });
});
