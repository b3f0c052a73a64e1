import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { mergeObject } from '../../kernel/merge-text.js';
import { mergeEvse, mergeLocation } from './location-merge.js';

const vendor = new Set(['vendor_ext']);
const merge = (object: string, patch: string) => mergeObject(object, patch, vendor);

describe('a PATCH of plain fields', () => {
  it('changes what it names and leaves every other letter (O-09)', () => {
    expect(merge('{"a":150000.0,"b":"x","x_foo":{"y":1E2}}', '{"b":"y"}')).toBe(
      '{"a":150000.0,"b":"y","x_foo":{"y":1E2}}',
    );
    expect(merge('{"a":1}', '{"c":2.50}')).toBe('{"a":1,"c":2.50}');
  });

  it('clears an optional field with null (O-13)', () => {
    expect(merge('{"a":1,"name":"x","z":2}', '{"name":null}')).toBe('{"a":1,"z":2}');
    expect(merge('{"a":1}', '{"name":null}')).toBe('{"a":1}');
    expect(merge('{"name":"x"}', '{"name":null}')).toBe('{}');
  });

  it('replaces lists and nested objects as a whole (O-14, O-19)', () => {
    expect(merge('{"tariff_ids":["a","b"]}', '{"tariff_ids":["c"]}')).toBe('{"tariff_ids":["c"]}');
    expect(merge('{"tariff_ids":["a"]}', '{"tariff_ids":[]}')).toBe('{"tariff_ids":[]}');
    expect(
      merge(
        '{"opening_times":{"twentyfourseven":false,"regular_hours":[]}}',
        '{"opening_times":{"twentyfourseven":true}}',
      ),
    ).toBe('{"opening_times":{"twentyfourseven":true}}');
  });

  it('does to the object what the rules say, for any object and patch', () => {
    const key = fc.string({ unit: 'binary', maxLength: 4 }).filter((text) => text !== '__proto__');
    const object = fc.dictionary(key, fc.jsonValue(), { maxKeys: 6, noNullPrototype: true });
    fc.assert(
      fc.property(object, object, (before, patch) => {
        const expected = Object.fromEntries(
          Object.entries({ ...before, ...patch }).filter(([name]) => patch[name] !== null),
        );
        expect(JSON.parse(merge(JSON.stringify(before), JSON.stringify(patch)))).toEqual(
          JSON.parse(JSON.stringify(expected)),
        );
      }),
    );
  });
});

describe("a vendor's extension object (O-19)", () => {
  it('merges one level deep, and no deeper', () => {
    expect(merge('{"vendor_ext":{"a":1.0,"b":{"c":1},"d":2}}', '{"vendor_ext":{"b":{"e":1},"d":null,"f":[]}}')).toBe(
      '{"vendor_ext":{"a":1.0,"b":{"e":1},"f":[]}}',
    );
  });

  it('begins where there is none, and goes with null', () => {
    expect(merge('{}', '{"vendor_ext":{"a":1,"b":null}}')).toBe('{"vendor_ext":{"a":1}}');
    expect(merge('{"vendor_ext":null}', '{"vendor_ext":{"a":1}}')).toBe('{"vendor_ext":{"a":1}}');
    expect(merge('{"vendor_ext":[1]}', '{"vendor_ext":{"a":1}}')).toBe('{"vendor_ext":{"a":1}}');
    expect(merge('{"vendor_ext":{"a":1}}', '{"vendor_ext":null}')).toBe('{}');
    expect(merge('{"vendor_ext":{"a":1}}', '{"vendor_ext":"odd"}')).toBe('{"vendor_ext":"odd"}');
  });

  it('is only that of the names given: others are replaced', () => {
    expect(merge('{"x_ext":{"a":1}}', '{"x_ext":{"b":2}}')).toBe('{"x_ext":{"b":2}}');
  });
});

describe('lists of objects with ids (L-19)', () => {
  const connectors = '[{"id":"1","n":1.0,"x":1},{"id":"2","n":2.0}]';
  const evse = `{"uid":"E1","status":"AVAILABLE","connectors":${connectors}}`;

  it('merge by id and keep what is not mentioned', () => {
    expect(mergeEvse(evse, '{"connectors":[{"id":"2","n":3.0}]}', vendor)).toBe(evse.replace('"n":2.0', '"n":3.0'));
    expect(mergeEvse(evse, '{"connectors":[{"id":"3"}]}', vendor)).toBe(evse.replace(']}', ',{"id":"3"}]}'));
  });

  it('lose nothing to an empty list or null', () => {
    for (const list of ['[]', 'null']) {
      expect(mergeEvse(evse, `{"connectors":${list}}`, vendor)).toBe(evse);
      expect(mergeLocation(`{"evses":[${evse}]}`, `{"evses":${list}}`, vendor)).toBe(`{"evses":[${evse}]}`);
    }
  });

  it('merge at every level of a Location, ids without case', () => {
    const location = `{"id":"L","evses":[${evse},{"uid":"E2"}],"name":"x"}`;
    const patch =
      '{"evses":[{"uid":"e1","status":"CHARGING","connectors":[{"id":"1","x":null}]},{"uid":"E3"}],"name":"y"}';
    expect(mergeLocation(location, patch, vendor)).toBe(
      '{"id":"L","evses":[{"uid":"e1","status":"CHARGING","connectors":[{"id":"1","n":1.0},{"id":"2","n":2.0}]},{"uid":"E2"},{"uid":"E3"}],"name":"y"}',
    );
  });

  it('begin where there is none', () => {
    expect(mergeLocation('{"id":"L"}', '{"evses":[{"uid":"E"}]}', vendor)).toBe('{"id":"L","evses":[{"uid":"E"}]}');
    expect(mergeLocation('{"evses":null}', '{"evses":[{"uid":"E"}]}', vendor)).toBe('{"evses":[{"uid":"E"}]}');
  });
});
