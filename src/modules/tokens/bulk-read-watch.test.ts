import { describe, expect, it } from '@jest/globals';
import { type BulkRead, BulkReadWatch } from './bulk-read-watch.js';

const hour = 3_600_000;

function watch() {
  const time = { now: 1_000 };
  const told: BulkRead[] = [];
  const options = { clock: { now: () => time.now }, threshold: 1_000, onBulkRead: (read: BulkRead) => told.push(read) };
  return { time, told, reads: new BulkReadWatch(options) };
}

describe('the watch over bulk reads (T21)', () => {
  it('tells of a partner that reads more than the threshold within an hour, once', () => {
    const { time, told, reads } = watch();
    reads.handedOut('P1', 600);
    reads.handedOut('P1', 400);
    expect(told).toEqual([]);
    time.now += hour - 1;
    reads.handedOut('P1', 1);
    reads.handedOut('P1', 5_000);
    expect(told).toEqual([{ partnerId: 'P1', tokens: 1_001, since: 1_000 }]);
  });

  it('begins anew with each hour, and tells again', () => {
    const { time, told, reads } = watch();
    for (const tokens of [1_000, 1_000]) {
      reads.handedOut('P1', tokens);
      time.now += hour;
    }
    expect(told).toEqual([]);
    reads.handedOut('P1', 1_001);
    time.now += hour;
    reads.handedOut('P1', 2_000);
    expect(told.map(({ tokens }) => tokens)).toEqual([1_001, 2_000]);
  });

  it('counts each partner by itself', () => {
    const { told, reads } = watch();
    reads.handedOut('P1', 900);
    reads.handedOut('P2', 900);
    expect(told).toEqual([]);
    reads.handedOut('P2', 101);
    expect(told).toMatchObject([{ partnerId: 'P2', tokens: 1_001 }]);
  });

  it('has a threshold of 100,000 unless told otherwise', () => {
    const told: BulkRead[] = [];
    const reads = new BulkReadWatch({ clock: { now: () => 0 }, onBulkRead: (read) => told.push(read) });
    reads.handedOut('P1', 100_000);
    expect(told).toEqual([]);
    reads.handedOut('P1', 1);
    expect(told).toHaveLength(1);
  });
});
