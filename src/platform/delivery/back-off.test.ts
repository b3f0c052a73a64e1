import { describe, expect, it } from '@jest/globals';
import { backOff, exceptionPause, retryAfter } from './back-off.js';
import { defaultTiming } from './timing.js';

describe('back-off', () => {
  it.each([
    [1, 1_000],
    [2, 2_000],
    [3, 5_000],
    [4, 10_000],
    [5, 30_000],
    [6, 60_000],
    [700, 60_000],
  ])('after failure %i in a row is %i ms', (failures, pause) => {
    expect(backOff(failures, 0.5, defaultTiming)).toBe(pause);
  });

  it('is spread by a fifth to both sides', () => {
    expect(backOff(6, 0, defaultTiming)).toBe(48_000);
    expect(backOff(6, 1, defaultTiming)).toBe(72_000);
  });
});

describe('Retry-After', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');

  it.each([
    [undefined, undefined],
    ['', undefined],
    ['soon', undefined],
    ['0', 0],
    ['7', 7_000],
    [' 7 ', 7_000],
    ['-1', 0],
    ['99999999999999999999', 900_000],
    ['Thu, 01 Jan 2026 00:01:00 GMT', 60_000],
    ['Thu, 01 Jan 2036 00:00:00 GMT', 900_000],
    ['Thu, 01 Jan 2016 00:00:00 GMT', 0],
  ])('%j means %j ms', (header, pause) => {
    expect(retryAfter(header, now, 900_000)).toBe(pause);
  });
});

describe('the pause before an object is tried again', () => {
  it('grows, and ends in being parked', () => {
    expect([1, 2, 3, 4, 5, 6].map((attempts) => exceptionPause(attempts, defaultTiming))).toEqual([
      30_000,
      300_000,
      1_800_000,
      7_200_000,
      43_200_000,
      undefined,
    ]);
  });
});
