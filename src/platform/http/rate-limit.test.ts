import { describe, expect, it } from '@jest/globals';
import { RateLimit } from './rate-limit.js';

function limit(perSecond: number, burst: number, capacity?: number) {
  const time = { now: 1_000_000 };
  return { time, limit: new RateLimit({ now: () => time.now }, perSecond, burst, capacity) };
}
const takeAll = (from: RateLimit, key: string, count: number) => Array.from({ length: count }, () => from.take(key));

describe('a rate limit', () => {
  it('lets a burst through and then says how many seconds to wait', () => {
    const { limit: bucket } = limit(2, 3);
    expect(takeAll(bucket, 'a', 5)).toEqual([0, 0, 0, 1, 1]);
    const { limit: slow } = limit(0.1, 1);
    expect(takeAll(slow, 'a', 2)).toEqual([0, 10]);
  });

  it('gives back so many a second, and never more than the burst', () => {
    const { time, limit: bucket } = limit(2, 3);
    takeAll(bucket, 'a', 3);
    time.now += 500;
    expect(takeAll(bucket, 'a', 2)).toEqual([0, 1]);
    time.now += 3_600_000;
    expect(takeAll(bucket, 'a', 4)).toEqual([0, 0, 0, 1]);
  });

  it('keeps keys apart', () => {
    const { limit: bucket } = limit(1, 1);
    expect([bucket.take('a'), bucket.take('b'), bucket.take('a')]).toEqual([0, 0, 1]);
  });

  it('does not punish a refused request, nor a clock that goes back', () => {
    const { time, limit: bucket } = limit(1, 1);
    takeAll(bucket, 'a', 100);
    time.now -= 5_000;
    expect(bucket.take('a')).toBe(1);
    time.now += 1_000;
    expect(bucket.take('a')).toBe(0);
  });

  it('forgets the key that nobody used longest, not one that is in use (T5)', () => {
    const { limit: bucket } = limit(0.01, 1, 3);
    bucket.take('guesser');
    for (let n = 0; n < 100; n++) {
      bucket.take(`stranger ${n}`);
      expect(bucket.take('guesser')).toBeGreaterThan(0);
    }
  });
});
