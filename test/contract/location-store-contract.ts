import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type LocationDecision,
  type LocationKey,
  LocationStore,
  locationDocuments,
} from '../../src/modules/locations/location-store.js';
import type { ChangeFeed } from '../../src/platform/storage/index.js';
import type { OpenStorage, StorageUnderTest } from './storage-under-test.js';

const cp1 = { country_code: 'DE', party_id: 'CP1' };
const cp2 = { country_code: 'DE', party_id: 'CP2' };
const context = { correlationId: 'corr', now: 77 };
const key = (id: string, owner = cp1): LocationKey => ({ ...owner, location_id: id });
const whole = (document: string, fields: Partial<Extract<LocationDecision, { kind: 'store' }>> = {}) =>
  ({
    kind: 'store',
    isNew: true,
    document,
    lastUpdated: 1_000,
    news: { kind: 'PUT' },
    oddities: [],
    ...fields,
  }) as const;
const oddity = { rule: 'T-37', pointer: '/facilities/0', message: 'is unknown' };

/** What the store of Locations must do over every storage. */
export function describeLocationStore(name: string, open: OpenStorage): void {
  describe(`the location store over ${name}`, () => {
    let under: StorageUnderTest;
    let store: LocationStore;
    let feed: ChangeFeed;
    const look = (): void => {
      store = new LocationStore(under.storage.documents(locationDocuments));
      feed = under.storage.changes;
    };
    const reopen = async (): Promise<void> => {
      await under.reopen();
      look();
    };
    beforeEach(async () => {
      under = await open();
      look();
    });
    afterEach(() => under.release());

    const put = (id: string, document: string, owner = cp1) =>
      store.change(key(id, owner), context, () => whole(document));
    const listed = async (): Promise<string> => (await store.list.page({ offset: 0, limit: 100 })).body.toString();

    it('keeps a document to the letter, over a restart', async () => {
      const document =
        '{"id":"LOC1","n":[150000.0,12345678901234567890.123,1E2],"s":"K\u00f6ln \u5145\u7535 \\u0041","x":{}}';
      await put('LOC1', document);
      expect(await store.find(key('LOC1'))).toBe(document);
      expect(await listed()).toBe(document);
      await reopen();
      expect(await store.find(key('LOC1'))).toBe(document);
      expect(await listed()).toBe(document);
    });

    it('shows the decision what is there, and one job what the job before it left', async () => {
      // By what the decision led to: it may be asked more than once, and its last answer counts.
      const seen = new Map<string, unknown>();
      const note = (document: string, lastUpdated: number) => (current: unknown) => {
        seen.set(document, current);
        return whole(document, { lastUpdated });
      };
      await Promise.all([
        store.change(key('LOC1'), context, note('{"v":1}', 5)),
        store.change(key('loc1'), context, note('{"v":2}', 6)),
        store.change(key('LOC1'), context, note('{"v":3}', 7)),
      ]);
      expect([...seen.values()]).toEqual([
        undefined,
        { document: '{"v":1}', lastUpdated: 5 },
        { document: '{"v":2}', lastUpdated: 6 },
      ]);
      expect(await listed()).toBe('{"v":3}');
    });

    it('changes nothing and tells nobody when the decision is to leave it', async () => {
      await put('LOC1', '{"v":1}');
      const head = feed.head();
      const version = store.list.version();
      for (const reason of ['stale', 'identical'] as const)
        await store.change(key('LOC1'), context, () => ({ kind: 'unchanged', reason }));
      expect(feed.head()).toBe(head);
      expect(store.list.version()).toBe(version);
    });

    it('changes nothing when the decision is a refusal, whatever else is in the commit (O-18)', async () => {
      await put('LOC1', '{"v":1}');
      const head = feed.head();
      const refused = store.change(key('LOC1'), context, () => {
        throw new RangeError('refused');
      });
      const other = put('LOC2', '{"v":2}');
      await expect(refused).rejects.toThrow(RangeError);
      await other;
      expect(await listed()).toBe('{"v":1},{"v":2}');
      expect((await feed.changesAfter(head, 10)).map((row) => row.object)).toEqual(['DE/CP1/LOC2']);
    });

    it('compares keys without case and tells odd ids apart (D-01, T15)', async () => {
      const ids = [
        'a/b',
        'a%2Fb',
        'a',
        'a b',
        "'; DROP TABLE location; --",
        '%',
        '_',
        '*',
        '\u0000',
        '.',
        '..',
        '\ufb01',
      ];
      for (const id of ids) await put(id, JSON.stringify({ id }));
      for (const id of ids) {
        expect(await store.find(key(id))).toBe(JSON.stringify({ id }));
        expect(await store.find(key(id.toUpperCase()))).toBe(id === '\ufb01' ? undefined : JSON.stringify({ id }));
        expect(await store.findById(id, undefined, 10)).toEqual([JSON.stringify({ id })]);
      }
      expect(await store.countOf()).toBe(ids.length);
    });

    it('finds nothing for ids that are none, and not everything (T16)', async () => {
      await put('LOC1', '{"v":1}');
      expect(await store.find(key(''))).toBeUndefined();
      expect(await store.find({ country_code: '', party_id: '', location_id: '' })).toBeUndefined();
      expect(await store.findById('', undefined, 10)).toEqual([]);
      expect(await store.findById('LOC1', [], 10)).toEqual([]);
      expect(await store.removeAbsent({ country_code: '', party_id: '' }, new Set(), Infinity, context)).toBe(0);
      expect(await store.countOf([])).toBe(0);
      expect(await store.countOf()).toBe(1);
    });

    it('finds an id with all owners, with some, and no more than asked for (R-42)', async () => {
      await put('LOC1', '{"of":"CP1"}');
      await put('loc1', '{"of":"CP2"}', cp2);
      expect(await store.findById('Loc1', undefined, 2)).toHaveLength(2);
      expect(await store.findById('Loc1', undefined, 1)).toHaveLength(1);
      expect(await store.findById('LOC1', ['DE/CP2'], 2)).toEqual(['{"of":"CP2"}']);
      expect(await store.findById('LOC2', undefined, 2)).toEqual([]);
    });

    it('records each change with what it was', async () => {
      await put('a/b', '{"v":1}');
      const patch = '{"status":"CHARGING"}';
      const news = { evseUid: 'e%1', kind: 'PATCH', patch } as const;
      await store.change(key('a/b'), context, () => whole('{"v":2}', { isNew: false, news }));
      expect(await feed.changesAfter(0, 10)).toMatchObject([
        { kind: 'PUT', object: 'DE/CP1/A%2FB', laneKey: 'DE/CP1/A%2FB', correlationId: 'corr', recordedAt: 77 },
        { kind: 'PATCH', object: 'DE/CP1/A%2FB/E%251', laneKey: 'DE/CP1/A%2FB', owner: 'DE/CP1', patch, patchBase: 1 },
      ]);
    });

    it('takes out what a complete list of the owner does not hold, and of that owner only (P-16)', async () => {
      for (const id of ['A', 'b', 'C']) await put(id, JSON.stringify({ id }));
      await put('A', '{"of":"CP2"}', cp2);
      expect(await store.removeAbsent(cp1, new Set(['B']), Infinity, context)).toBe(2);
      expect(await listed()).toBe('{"id":"b"},{"of":"CP2"}');
      expect(await Promise.all([[cp1], [cp2], [cp1, cp2, cp1]].map((owners) => store.countOf(owners)))).toEqual([
        1, 1, 2,
      ]);
      expect((await feed.changesAfter(4, 10)).map((row) => `${row.kind} ${row.object}`)).toEqual([
        'DELETE DE/CP1/A',
        'DELETE DE/CP1/C',
      ]);
      await put('A', '{"again":1}');
      await reopen();
      expect(await listed()).toBe('{"id":"b"},{"of":"CP2"},{"again":1}');
    });

    it('leaves alone what changed since the reading of the list began, itself or an EVSE of it (P1)', async () => {
      const at = (now: number) => ({ correlationId: 'c', now });
      for (const id of ['OLD', 'OLD1']) await store.change(key(id), at(50), () => whole('{}'));
      await store.change(key('NEW'), at(100), () => whole('{"new":1}'));
      await store.change(key('MOVED'), at(50), () => whole('{}'));
      const news = { evseUid: 'E1', kind: 'PATCH', patch: '{}' } as const;
      await store.change(key('MOVED'), at(101), () => whole('{"moved":1}', { news }));
      expect(await store.removeAbsent(cp1, new Set(), 100, context)).toBe(2);
      expect(await listed()).toBe('{"new":1},{"moved":1}');
      expect(await store.removeAbsent(cp1, new Set(), 200, context)).toBe(2);
    });

    it('survives two removals and a creation in one commit', async () => {
      for (const id of ['A', 'B']) await put(id, JSON.stringify({ id }));
      const [first, second] = await Promise.all([
        store.removeAbsent(cp1, new Set(['B']), Infinity, context),
        store.removeAbsent(cp1, new Set(), Infinity, context),
        put('C', '{"id":"C"}'),
      ]);
      expect([first, second]).toEqual([1, 1]);
      expect(await listed()).toBe('{"id":"C"}');
      expect(await store.countOf()).toBe(1);
    });

    it('counts what is odd by rule and owner, with a sample; not looked at keeps what is known', async () => {
      await store.change(key('A'), context, () => whole('{}', { oddities: [oddity, { ...oddity, rule: 'D-13' }] }));
      await store.change(key('B'), context, () => whole('{}', { oddities: [oddity, oddity] }));
      await store.change(key('A', cp2), context, () => whole('{}', { oddities: [oddity] }));
      const { oddities: _, ...unjudged } = whole('{"v":2}');
      await store.change(key('B'), context, () => unjudged);
      expect(await store.oddities()).toMatchObject([
        { rule: 'D-13', owner: 'DE/CP1', objects: 1 },
        { rule: 'T-37', owner: 'DE/CP1', objects: 2, sample: 'DE/CP1/A /facilities/0: is unknown' },
        { rule: 'T-37', owner: 'DE/CP2', objects: 1 },
      ]);
      await store.change(key('B'), context, () => whole('{"v":3}'));
      await store.change(key('A'), context, () => whole('{"v":3}'));
      expect((await store.oddities()).map((count) => count.owner)).toEqual(['DE/CP2']);
    });

    it('filters by last_updated as the decision gave it', async () => {
      await put('A', '{"id":"A"}');
      await store.change(key('A'), context, () => whole('{"id":"A2"}', { lastUpdated: 5_000 }));
      expect(await store.list.total({ from: 5_000, to: 5_001 })).toBe(1);
      expect(await store.list.total({ from: 1_000, to: 5_000 })).toBe(0);
    });
  });
}
