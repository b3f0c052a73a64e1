import { describe, expect, it } from '@jest/globals';
import { nextLink, parseLinks, unreadableLink } from './link-header.js';

const base = 'https://partner.example/ocpi/locations?limit=50';

describe('nextLink', () => {
  it.each([
    [
      '<https://partner.example/ocpi/locations?offset=50>; rel="next"',
      'https://partner.example/ocpi/locations?offset=50',
    ],
    ['<https://partner.example/a>;rel=next', 'https://partner.example/a'],
    ['<https://partner.example/a>; REL="NEXT"', 'https://partner.example/a'],
    ['<?offset=50>; rel="next"', 'https://partner.example/ocpi/locations?offset=50'],
    ['</ocpi/locations?offset=50>; title="a, b; c"; rel="next"', 'https://partner.example/ocpi/locations?offset=50'],
    ['<https://partner.example/a>; rel="prefetch next"', 'https://partner.example/a'],
    ['<https://partner.example/x>; rel="prev", <https://partner.example/y>; rel="next"', 'https://partner.example/y'],
    [
      '<https://partner.example/?a=1,2>; rel=last,<https://partner.example/?a=3,4>; rel=next',
      'https://partner.example/?a=3,4',
    ],
    ['<https://partner.example/a>; rel="next"; rel="prev"', 'https://partner.example/a'],
  ])('reads %s', (header, url) => {
    expect(nextLink(header, base)).toBe(url);
  });

  it.each([undefined, '', '<https://partner.example/a>; rel="prev"', '<https://partner.example/next>', 'nonsense'])(
    'finds no next page in %s',
    (header) => {
      expect(nextLink(header, base)).toBeUndefined();
    },
  );

  it.each([
    '<https://[bad>; rel="next"',
    'https://partner.example/a; rel="next"',
    '<https://partner.example/a; rel=next',
  ])('does not take %s for the last page', (header) => {
    expect(nextLink(header, base)).toBe(unreadableLink);
  });
});

describe('parseLinks', () => {
  it('reads a long hostile header in linear time', () => {
    const started = performance.now();
    expect(parseLinks(`<a>${'; x="'.repeat(3_000)}`)).toHaveLength(1);
    expect(parseLinks(`<a>${' '.repeat(16_000)}`)).toHaveLength(1);
    expect(parseLinks('<a>;rel=x,'.repeat(1_600))).toHaveLength(1_600);
    expect(performance.now() - started).toBeLessThan(500);
  });
});
