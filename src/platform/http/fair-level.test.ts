import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fairLevel } from './fair-level.js';

describe('the fair level', () => {
  it.each([
    [[10, 10, 100], 60, 40],
    [[10, 100, 100], 110, 50],
    [[100, 100], 100, 50],
    [[5, 20, 30, 1_000], 100, 45],
    [[7], 3, 3],
    [[1, 2], 0, 0],
  ])('of %j with %d to share is %d', (rates, total, level) => {
    expect(fairLevel(rates, total)).toBeCloseTo(level);
  });

  it('is infinite where all fit', () => {
    expect(fairLevel([1, 2, 3], 6)).toBe(Number.POSITIVE_INFINITY);
    expect(fairLevel([], 0)).toBe(Number.POSITIVE_INFINITY);
  });

  it('gives out just what there is, and nobody less than an equal part of it that he asks for', () => {
    const rate = fc.double({ min: 0, max: 1e5, noNaN: true });
    fc.assert(
      fc.property(fc.array(rate, { minLength: 1, maxLength: 30 }), rate, (rates, total) => {
        const level = fairLevel(rates, total);
        const given = rates.map((one) => Math.min(one, level));
        const sum = given.reduce((a, b) => a + b, 0);
        expect(sum).toBeLessThanOrEqual(total * (1 + 1e-9) + 1e-9);
        if (level < Number.POSITIVE_INFINITY) expect(sum).toBeCloseTo(total, 3);
        for (const [index, one] of rates.entries())
          expect(given[index]).toBeGreaterThanOrEqual(Math.min(one, total / rates.length) * (1 - 1e-9));
      }),
    );
  });
});
