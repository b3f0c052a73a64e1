import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type TariffKey,
  TariffStore,
  type TariffWrite,
  tariffDocuments,
} from '../../src/modules/tariffs/tariff-store.js';
import type { OpenStorage, StorageUnderTest } from './storage-under-test.js';

const cp1 = { country_code: 'DE', party_id: 'CP1' };
const cp2 = { country_code: 'DE', party_id: 'CP2' };
const context = { correlationId: 'corr', now: 77 };
const key = (id: string, owner = cp1): TariffKey => ({ ...owner, tariff_id: id });
const write = (document: string, fields: Partial<TariffWrite> = {}): TariffWrite => ({
  document,
  lastUpdated: 1_000,
  oddities: [],
  applyStale: false,
  ...fields,
});

/** What the store of Tariffs must do over every storage. */
export function describeTariffStore(name: string, open: OpenStorage): void {
  describe(`the tariff store over ${name}`, () => {
    let under: StorageUnderTest;
    let store: TariffStore;
    const look = (): void => {
      store = new TariffStore(under.storage.documents(tariffDocuments));
    };
    beforeEach(async () => {
      under = await open();
      look();
    });
    afterEach(() => under.release());

    const listed = async (): Promise<string> => (await store.list.page({ offset: 0, limit: 100 })).body.toString();
    const told = async (after = 0): Promise<string[]> =>
      (await under.storage.changes.changesAfter(after, 100)).map((row) => `${row.kind} ${row.object}`);

    it('keeps a document to the letter, over a restart', async () => {
      const document = '{"id":"T1","price":0.2500,"n":12345678901234567890.1,"x":[null,{}]}';
      expect(await store.put(key('T1'), write(document), context)).toBe('created');
      await under.reopen();
      look();
      expect(await store.find(key('t1'))).toBe(document);
      expect(await listed()).toBe(document);
    });

    it('replaces what is not older, and tells nobody of what is older or the same (O-15)', async () => {
      expect(await store.put(key('T1'), write('{"v":1}'), context)).toBe('created');
      expect(await store.put(key('t1'), write('{"v":2}'), context)).toBe('replaced');
      expect(await store.put(key('T1'), write('{"v":2}'), context)).toBe('identical');
      expect(await store.put(key('T1'), write('{"v":3}', { lastUpdated: 999 }), context)).toBe('stale');
      expect(under.storage.changes.head()).toBe(2);
      expect(await listed()).toBe('{"v":2}');
      expect(await store.put(key('T1'), write('{"v":3}', { lastUpdated: 999, applyStale: true }), context)).toBe(
        'replaced',
      );
      expect(await store.list.total({ to: 1_000 })).toBe(1);
    });

    it('decides one after another also within one commit', async () => {
      const outcomes = await Promise.all([
        store.put(key('T1'), write('{"v":1}'), context),
        store.put(key('T1'), write('{"v":1}'), context),
        store.remove(key('T1'), context),
        store.remove(key('T1'), context),
        store.put(key('T1'), write('{"v":1}', { lastUpdated: 1 }), context),
      ]);
      expect(outcomes).toEqual(['created', 'identical', true, false, 'created']);
      expect(await told()).toEqual(['PUT DE/CP1/T1']);
      expect([await listed(), await store.countOf()]).toEqual(['{"v":1}', 1]);
    });

    it('removes what is there, once, and tells of it (TA-04)', async () => {
      await store.put(key('T1'), write('{"v":1}'), context);
      expect(await store.remove(key('t1'), context)).toBe(true);
      expect(await store.remove(key('T1'), context)).toBe(false);
      expect(await store.find(key('T1'))).toBeUndefined();
      expect(await told()).toEqual(['DELETE DE/CP1/T1']);
    });

    it('compares keys without case and tells odd ids apart (D-01, T15)', async () => {
      const ids = ['a/b', 'a%2Fb', 'a', "' OR 1=1 --", '%', '\u0000', '..'];
      for (const id of ids) await store.put(key(id), write(JSON.stringify({ id })), context);
      for (const id of ids) expect(await store.find(key(id.toUpperCase()))).toBe(JSON.stringify({ id }));
      expect(await store.find(key(''))).toBeUndefined();
      expect(await store.remove(key(''), context)).toBe(false);
      expect(await store.countOf()).toBe(ids.length);
    });

    it('takes out what a complete list of the owner does not hold, also twice in one commit (TA-06)', async () => {
      for (const id of ['A', 'b', 'C', 'D']) await store.put(key(id), write(JSON.stringify({ id })), context);
      await store.put(key('A', cp2), write('{"of":"CP2"}'), context);
      const results = await Promise.all([
        store.remove(key('D'), context),
        store.removeAbsent(cp1, new Set(['B']), Infinity, context),
        store.removeAbsent(cp1, new Set(['B']), Infinity, context),
      ]);
      expect(results).toEqual([true, 2, 0]);
      expect(await listed()).toBe('{"id":"b"},{"of":"CP2"}');
      expect(await told(5)).toEqual(['DELETE DE/CP1/D', 'DELETE DE/CP1/A', 'DELETE DE/CP1/C']);
      expect([await store.countOf([cp1]), await store.countOf([cp2]), await store.countOf()]).toEqual([1, 1, 2]);
    });

    it('leaves alone what changed since the reading of the list began (P1)', async () => {
      await store.put(key('OLD'), write('{"old":1}'), { correlationId: 'c', now: 50 });
      await store.put(key('NEW'), write('{"new":1}'), { correlationId: 'c', now: 100 });
      expect(await store.removeAbsent(cp1, new Set(), 100, context)).toBe(1);
      expect(await listed()).toBe('{"new":1}');
    });

    it('takes many out in a breath', async () => {
      await Promise.all(
        Array.from({ length: 6_000 }, (_, n) => store.put(key(`T${n}`), write(`{"id":"T${n}"}`), context)),
      );
      const before = process.cpuUsage();
      expect(await store.removeAbsent(cp1, new Set(['T0']), Infinity, context)).toBe(5_999);
      expect(process.cpuUsage(before).user / 1000).toBeLessThan(1_500);
      expect(await store.countOf()).toBe(1);
    });

    it('counts what is odd', async () => {
      const oddity = { rule: 'TA-11', pointer: '/elements', message: 'has no last' };
      await store.put(key('T1'), write('{"v":1}', { oddities: [oddity] }), context);
      expect(await store.oddities()).toEqual([
        { rule: 'TA-11', owner: 'DE/CP1', objects: 1, sample: 'DE/CP1/T1 /elements: has no last' },
      ]);
      await store.put(key('T1'), write('{"v":2}'), context);
      expect(await store.oddities()).toEqual([]);
    });
  });
}
