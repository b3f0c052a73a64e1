import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { LaneProgress, LaneStore, TakenLane } from '../../src/platform/delivery/index.js';
import { FakeTime } from '../../src/platform/delivery/testing/fake-time.js';
import { closed, type LaneStoresUnderTest } from './lane-store-contract.js';

const leaseMs = 15_000;

/** What every lane store promises of what lanes owe because it was not shared. */
export function describeOwed(name: string, open: (time: FakeTime) => Promise<LaneStoresUnderTest>): void {
  describe(`what a lane owes: ${name}`, () => {
    let stores: LaneStoresUnderTest;
    let here: LaneStore;
    let there: LaneStore;

    beforeEach(async () => {
      stores = await open(new FakeTime());
      ({ here, there } = stores);
    });
    afterEach(() => stores.close());

    const taken = async (partner = 'p1'): Promise<TakenLane> => {
      const record = await here.acquire(partner, leaseMs);
      if (!record) throw new Error('the lane is free and was refused');
      return record;
    };
    const progress = (fence: number, traits: Partial<LaneProgress> = {}): LaneProgress => {
      return { partner: 'p1', fence, cursor: 20, ahead: '', circuit: closed, cleared: [], ...traits };
    };
    const policyOf = async (partner: string): Promise<number | undefined> =>
      (await there.all()).find((one) => one.partner === partner)?.policy;

    it('is nothing unless it is attached with something', async () => {
      await here.attach('p1', 10);
      await here.attach('p2', 10, { policy: 7, flows: 'x' });
      expect(await taken('p1')).toMatchObject({ policy: 0, owed: '' });
      expect(await taken('p2')).toMatchObject({ policy: 7, owed: 'x', cursor: 10 });
      expect(await there.owed('p1')).toBe('');
      expect(await there.owed('p2')).toBe('x');
      expect([await policyOf('p1'), await policyOf('p2')]).toEqual([0, 7]);
    });

    it('stays as it is when the lane is attached again', async () => {
      await here.attach('p1', 10, { policy: 7, flows: 'x' });
      await here.attach('p1', 99, { policy: 8, flows: 'y' });
      await here.attach('p2', 10);
      await here.attach('p2', 99, { policy: 8, flows: 'y' });
      expect(await taken('p1')).toMatchObject({ policy: 7, owed: 'x', cursor: 10 });
      expect(await taken('p2')).toMatchObject({ policy: 0, owed: '', cursor: 10 });
    });

    it('is written with the progress of its lane, where it has changed', async () => {
      await here.attach('p1', 10);
      await here.attach('p2', 10, { policy: 1, flows: 'y' });
      const { fence } = await taken('p1');
      const other = await taken('p2');
      const owed = { policy: 3, flows: '["locations DE/CP1 NL/EM1"]' };
      const object = { party: 'NL/EM1', module: 'locations', object: 'DE/CP1/L1', whole: true, seq: 9 } as const;
      const both = [
        progress(fence, { owed, cleared: [object] }),
        progress(other.fence, { partner: 'p2', cursor: 30, owed: undefined }),
      ];
      expect(await here.save(both, leaseMs)).toEqual([]);
      expect(await taken('p1')).toMatchObject({ cursor: 20, policy: 3, owed: owed.flows });
      expect(await taken('p2')).toMatchObject({ cursor: 30, policy: 1, owed: 'y' });
      const again = await taken('p1');
      await here.save([progress(again.fence, { owed: { policy: 4, flows: '' } })], leaseMs);
      expect(await taken('p1')).toMatchObject({ policy: 4, owed: '' });
    });

    it('is not written under a fence that has moved', async () => {
      await here.attach('p1', 10);
      const { fence } = await taken();
      await there.rewind('p1', 0);
      expect(await here.save([progress(fence, { owed: { policy: 3, flows: 'x' } })], leaseMs)).toEqual(['p1']);
      expect(await there.owed('p1')).toBe('');
    });

    it('is left where it is by a rewind', async () => {
      await here.attach('p1', 10, { policy: 7, flows: 'x' });
      await there.rewind('p1', 0);
      expect(await taken()).toMatchObject({ policy: 7, owed: 'x', cursor: 0 });
    });

    it.each(['', 'x'])(
      'can be added to by anybody who has read it (%j); whoever has the lane loses it',
      async (before) => {
        await here.attach('p1', 10, before === '' ? undefined : { policy: 7, flows: before });
        const { fence } = await taken();
        expect(await there.owe('p1', before, 'xy')).toBe(true);
        expect(await there.owe('p1', before, 'xz')).toBe(false);
        expect(await policyOf('p1')).toBe(-1);
        expect(await here.save([progress(fence)], leaseMs)).toEqual(['p1']);
        expect(await taken()).toMatchObject({ policy: -1, owed: 'xy', cursor: 10 });
      },
    );

    it('can be added to where nothing is left of it', async () => {
      await here.attach('p1', 10, { policy: 7, flows: '' });
      expect(await there.owe('p1', '', 'x')).toBe(true);
      expect(await taken()).toMatchObject({ policy: -1, owed: 'x' });
    });

    it('is nothing of a partner without a lane, also when its lane is gone', async () => {
      expect(await there.owe('p1', '', 'x')).toBe(false);
      await here.attach('p1', 10, { policy: 7, flows: 'x' });
      await here.detach('p1');
      expect(await there.owed('p1')).toBe('');
      await here.attach('p1', 0);
      expect(await taken()).toMatchObject({ policy: 0, owed: '' });
    });
  });
}
