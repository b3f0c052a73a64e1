import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { LiveBatch, LiveStore } from '../../src/extensions/here/store/live-store.js';

export interface LiveStoreUnderTest {
  /** Opens it, again on the same data if it was open before. */
  open(): Promise<LiveStore>;
  release(): Promise<void>;
}

const batch = (part: Partial<LiveBatch>): LiveBatch => ({ statuses: [], removals: [], cursor: 0, floor: 0, ...part });

/** What every store of statuses promises. */
export function describeLiveStore(database: string, prepare: () => Promise<LiveStoreUnderTest>): void {
  describe(`Live status store on ${database}`, () => {
    let under: LiveStoreUnderTest;
    let store: LiveStore;

    beforeEach(async () => {
      under = await prepare();
      store = await under.open();
    });
    afterEach(() => under.release());

    const texts = async (...keys: string[]): Promise<Record<string, string>> =>
      Object.fromEntries(await store.read(keys));

    it('knows nothing at first', async () => {
      expect(await store.position()).toEqual({ cursor: 0, floor: 0 });
      expect(await texts('NL/VLT/LOC1')).toEqual({});
      expect(await store.removals(10)).toEqual([]);
    });

    it('gives back what was stored, after a restart too', async () => {
      const removal = { offset: 6, object: 'NL/VLT/LOC1/A1', text: '{"status":"gone"}' };
      await store.write(
        batch({
          statuses: [
            { key: 'NL/VLT/LOC1', offset: 5, text: 'one' },
            { key: 'NL/VLT/LÖC"2\'', offset: 7, text: '["zwei","\\u0000"]' },
          ],
          removals: [removal],
          cursor: 7,
          floor: 2,
        }),
      );
      store = await under.open();
      expect(await texts('NL/VLT/LOC1', 'NL/VLT/LÖC"2\'', 'NL/VLT/LOC3')).toEqual({
        'NL/VLT/LOC1': 'one',
        'NL/VLT/LÖC"2\'': '["zwei","\\u0000"]',
      });
      expect(await store.removals(10)).toEqual([removal]);
      expect(await store.position()).toEqual({ cursor: 7, floor: 2 });
    });

    it('finds a Location whose id no text column takes', async () => {
      const key = 'NL/VLT/A\u0000B\ud800';
      await store.write(batch({ statuses: [{ key, offset: 1, text: 'odd' }] }));
      expect([...(await store.read([key, 'NL/VLT/AB'])).values()]).toEqual(['odd']);
    });

    it('lets an older row never replace or remove a newer one', async () => {
      const row = (offset: number, text: string | undefined) =>
        store.write(batch({ statuses: [{ key: 'NL/VLT/LOC1', offset, text }] }));
      await row(9, 'new');
      await row(8, 'old');
      expect(await texts('NL/VLT/LOC1')).toEqual({ 'NL/VLT/LOC1': 'new' });
      await row(8, undefined);
      expect(await texts('NL/VLT/LOC1')).toEqual({ 'NL/VLT/LOC1': 'new' });
      await row(9, 'the same place again');
      expect(await texts('NL/VLT/LOC1')).toEqual({ 'NL/VLT/LOC1': 'the same place again' });
      await row(10, undefined);
      expect(await texts('NL/VLT/LOC1')).toEqual({});
    });

    it('never moves its place backwards', async () => {
      await store.write(batch({ cursor: 20, floor: 5 }));
      await store.write(batch({ cursor: 10, floor: 7 }));
      await store.write(batch({ cursor: 0, floor: 0 }));
      expect(await store.position()).toEqual({ cursor: 20, floor: 7 });
    });

    it('keeps the newest removal of an EVSE and gives the newest ones, oldest first', async () => {
      const removal = (offset: number, object: string) => ({ offset, object, text: `${object} at ${offset}` });
      await store.write(batch({ removals: [removal(1, 'A'), removal(2, 'B'), removal(3, 'C')] }));
      await store.write(batch({ removals: [removal(4, 'A')] }));
      await store.write(batch({ removals: [removal(3, 'A')] }));
      expect(await store.removals(2)).toEqual([removal(3, 'C'), removal(4, 'A')]);
      expect(await store.removals(9)).toEqual([removal(2, 'B'), removal(3, 'C'), removal(4, 'A')]);
    });

    it('takes one EVSE twice in a batch', async () => {
      const text = 'x';
      await store.write(batch({ removals: [1, 2].map((offset) => ({ offset, object: 'A', text })) }));
      expect(await store.removals(9)).toEqual([{ offset: 2, object: 'A', text }]);
    });

    it('keeps 20,000 removals, not all that ever were', async () => {
      const many = (from: number, count: number) =>
        store.write(
          batch({
            removals: Array.from({ length: count }, (_, n) => ({ offset: from + n, object: `E${from + n}`, text: '' })),
          }),
        );
      await many(1, 20_000);
      await many(20_001, 500);
      const kept = await store.removals(100_000);
      expect(kept.length).toBeLessThanOrEqual(20_001);
      expect(kept.at(-1)?.offset).toBe(20_500);
      expect(kept[0]?.offset).toBeGreaterThanOrEqual(500);
    });

    it('forgets everything when told to', async () => {
      await store.write(
        batch({
          statuses: [{ key: 'K', offset: 9, text: 'x' }],
          removals: [{ offset: 9, object: 'A', text: '' }],
          cursor: 9,
        }),
      );
      await store.clear();
      expect(await store.position()).toEqual({ cursor: 0, floor: 0 });
      expect(await store.removals(9)).toEqual([]);
      await store.write(batch({ statuses: [{ key: 'K', offset: 1, text: 'y' }] }));
      expect(await texts('K')).toEqual({ K: 'y' });
    });
  });
}
