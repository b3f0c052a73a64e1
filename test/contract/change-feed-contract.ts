import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type {
  ChangeFeed,
  ChangeKind,
  DocumentKind,
  HubStorage,
  ObjectChange,
} from '../../src/platform/storage/index.js';
import type { OpenStorage, StorageUnderTest } from './storage-under-test.js';

const kinds: Partial<Record<ObjectChange['module'], DocumentKind>> = {
  locations: { module: 'locations', table: 'location', idColumn: 'location_key' },
  tariffs: { module: 'tariffs', table: 'tariff', idColumn: 'tariff_key' },
};

/** The feed of a storage, and changes of documents that are made for what the feed tells of them. */
class FeedWorld {
  private version = 0;

  constructor(private readonly under: StorageUnderTest) {}

  get feed(): ChangeFeed {
    return this.under.storage.changes;
  }

  get storage(): HubStorage {
    return this.under.storage;
  }

  /** Makes changes one after another; resolves with their places once all are durable. */
  async record(...changes: ObjectChange[]): Promise<number[]> {
    const places: number[] = [];
    for (const change of changes) {
      await this.change(change);
      places.push(this.feed.head());
    }
    return places;
  }

  change(change: ObjectChange): Promise<void> {
    const { laneKey, owner, object, kind, patch, correlationId, recordedAt } = change;
    const documents = kinds[change.module];
    if (!documents) throw new Error(`nothing is stored of ${change.module}`);
    const key = { key: laneKey, id: laneKey.slice(owner.length + 1), owner };
    const news = {
      kind,
      ...(object === laneKey ? {} : { object }),
      ...(patch === undefined ? {} : { patch }),
    };
    const document = `{"version":${this.version++}}`;
    return this.under.storage
      .documents(documents)
      .change(key, { correlationId, now: recordedAt }, () =>
        kind === 'DELETE' && object === laneKey
          ? { kind: 'remove', result: undefined, news }
          : { kind: 'store', result: undefined, document, lastUpdated: recordedAt, news },
      );
  }

  reopen(): Promise<void> {
    return this.under.reopen();
  }

  release(): Promise<void> {
    return this.under.release();
  }
}

const location = (id: string, kind: ChangeKind, fields: Partial<ObjectChange> = {}): ObjectChange => ({
  module: 'locations',
  object: `DE/CP1/${id}`,
  laneKey: `DE/CP1/${id}`,
  owner: 'DE/CP1',
  kind,
  correlationId: 'c',
  recordedAt: 1,
  ...fields,
});
const evse = (id: string, uid: string, kind: ChangeKind, patch?: string): ObjectChange => ({
  ...location(id, kind),
  object: `DE/CP1/${id}/${uid}`,
  ...(patch === undefined ? {} : { patch }),
});

/** What every change sequence must do: one row per object, its newest change, in order of commit. */
export function describeChangeFeed(name: string, open: OpenStorage): void {
  describe(`the change sequence of ${name}`, () => {
    let under: FeedWorld;
    beforeEach(async () => {
      under = new FeedWorld(await open());
    });
    afterEach(() => under.release());

    const rows = async (after = 0): Promise<string[]> =>
      (await under.feed.changesAfter(after, 1_000)).map((row) => `${row.kind} ${row.object}`);

    it('begins at 0 with nothing', async () => {
      expect(under.feed.head()).toBe(0);
      expect(await rows()).toEqual([]);
      expect(await under.feed.countAfter(0)).toBe(0);
      expect(await under.feed.oldestAfter(0)).toBeUndefined();
    });

    it('gives growing places and tells of a change as it was recorded', async () => {
      const change = location('LOC1', 'PUT', { correlationId: 'corr', recordedAt: 42 });
      const [first, second] = await under.record(change, location('LOC2', 'PUT'));
      expect(second).toBeGreaterThan(first ?? 0);
      expect(under.feed.head()).toBe(second);
      expect(await under.feed.changesAfter(0, 1)).toEqual([{ ...change, seq: first }]);
      expect(await under.feed.oldestAfter(0)).toBe(42);
    });

    it('keeps one row per object, which moves to the end (P6)', async () => {
      await under.record(location('LOC1', 'PUT'));
      await under.record(location('LOC2', 'PUT'));
      for (let turn = 0; turn < 100; turn++) await under.record(location('LOC1', 'PUT'));
      expect(await rows()).toEqual(['PUT DE/CP1/LOC2', 'PUT DE/CP1/LOC1']);
      expect(await under.feed.countAfter(0)).toBe(2);
      expect(under.feed.head()).toBe(102);
    });

    it('is read from a cursor, oldest first, no more than asked for', async () => {
      const [, second] = await under.record(...['A', 'B', 'C', 'D'].map((id) => location(id, 'PUT')));
      expect(await rows(second)).toEqual(['PUT DE/CP1/C', 'PUT DE/CP1/D']);
      expect((await under.feed.changesAfter(0, 3)).map((row) => row.object.at(-1))).toEqual(['A', 'B', 'C']);
      expect(await under.feed.countAfter(second ?? 0)).toBe(2);
      expect(await under.feed.changesAfter(under.feed.head(), 10)).toEqual([]);
    });

    it('tells objects of one key in two modules apart', async () => {
      await under.record(location('X', 'PUT'), { ...location('X', 'PUT'), module: 'tariffs' });
      expect((await under.feed.changesAfter(0, 10)).map((row) => row.module)).toEqual(['locations', 'tariffs']);
    });

    it('lets the PUT or removal of a Location stand for its EVSEs, and for nobody else', async () => {
      for (const kind of ['PUT', 'DELETE'] as const) {
        await under.record(
          evse('LOC1', 'E1', 'PATCH', '{"status":"CHARGING"}'),
          evse('LOC1', 'E2', 'PUT'),
          evse('LOC10', 'E1', 'PUT'),
          evse('LOC', 'E1', 'PUT'),
          evse('LOC1%2F', 'E1', 'PUT'),
          location('LOC1', kind),
        );
        expect(await rows()).toEqual([
          'PUT DE/CP1/LOC10/E1',
          'PUT DE/CP1/LOC/E1',
          'PUT DE/CP1/LOC1%2F/E1',
          `${kind} DE/CP1/LOC1`,
        ]);
      }
    });

    it('does not let the PATCH of a Location stand for its EVSEs', async () => {
      await under.record(evse('LOC1', 'E1', 'PUT'), location('LOC1', 'PATCH', { patch: '{"name":"x"}' }));
      expect(await rows()).toEqual(['PUT DE/CP1/LOC1/E1', 'PATCH DE/CP1/LOC1']);
    });

    it('joins patches that follow one another, on the base of the first', async () => {
      const [put] = await under.record(location('LOC1', 'PUT'));
      await under.record(evse('LOC1', 'E1', 'PATCH', '{"status":"CHARGING","last_updated":"1"}'));
      await under.record(evse('LOC1', 'E1', 'PATCH', '{"floor_level":"2","last_updated":"2"}'));
      const [, row] = await under.feed.changesAfter(0, 10);
      expect(row?.patchBase).toBe(put);
      expect(JSON.parse(row?.patch ?? '')).toEqual({ status: 'CHARGING', floor_level: '2', last_updated: '2' });
    });

    it('begins a new patch behind every whole object', async () => {
      await under.record(location('LOC1', 'PUT'), evse('LOC1', 'E1', 'PATCH', '{"status":"CHARGING"}'));
      const [whole] = await under.record(evse('LOC1', 'E1', 'PUT'));
      await under.record(evse('LOC1', 'E1', 'PATCH', '{"status":"AVAILABLE"}'));
      const row = (await under.feed.changesAfter(0, 10)).at(-1);
      expect(row).toMatchObject({ kind: 'PATCH', patch: '{"status":"AVAILABLE"}', patchBase: whole });
    });

    it('tells a PATCH without a patch as it is', async () => {
      await under.record(location('LOC1', 'PUT'));
      await under.record(location('LOC1', 'PATCH'));
      const [row] = await under.feed.changesAfter(0, 10);
      expect(row).not.toHaveProperty('patch');
    });

    it('gives changes that come together places of their own, in the order in which one object changed', async () => {
      const names = Array.from({ length: 40 }, (_, n) => `LOC${n % 20}`);
      await Promise.all(names.map((name, n) => under.change(location(name, 'PUT', { recordedAt: n }))));
      const found = await under.feed.changesAfter(0, 1_000);
      expect(found.map((row) => row.recordedAt).sort((a, b) => a - b)).toEqual(names.slice(20).map((_, n) => 20 + n));
      expect(new Set(found.map((row) => row.seq)).size).toBe(20);
      expect(found.at(-1)?.seq).toBe(under.feed.head());
    });

    it('tells whoever listens of each commit, and its head is never behind what it shows', async () => {
      const { changes } = under.storage;
      const heads: number[] = [];
      const stop = changes.onAdvance(() => heads.push(changes.head()));
      const [place] = await under.record(location('LOC1', 'PUT'));
      expect(heads.at(-1)).toBe(place);
      expect(await changes.refresh()).toBe(place);
      stop();
      await under.record(location('LOC1', 'PUT'));
      expect(heads.at(-1)).toBe(place);
      expect(await changes.refresh()).toBe(changes.head());
    });

    it('goes on above its head after a restart, whatever was superseded', async () => {
      await under.record(location('LOC1', 'PUT'), evse('LOC1', 'E1', 'PUT'), location('LOC1', 'DELETE'));
      const before = under.feed.head();
      await under.reopen();
      expect(under.feed.head()).toBe(before);
      const [next] = await under.record(location('LOC2', 'PUT'));
      expect(next).toBeGreaterThan(before);
      expect(await rows()).toEqual(['DELETE DE/CP1/LOC1', 'PUT DE/CP1/LOC2']);
    });

    it('gives a patch only to those whom it makes right: whoever holds any state from its base on', async () => {
      const step = fc.oneof(
        fc.record({
          what: fc.constantFrom('patch evse' as const),
          field: fc.constantFrom('status', 'floor_level', 'physical_reference'),
        }),
        fc.record({ what: fc.constantFrom('put evse' as const, 'put location' as const, 'patch location' as const) }),
      );
      let run = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
          const id = `RUN${run++}`;
          let state: Record<string, number> = {};
          const states = new Map<number, Record<string, number>>();
          const play = async (turn: number, entry: (typeof steps)[number]): Promise<void> => {
            let change: ObjectChange;
            if (entry.what === 'patch evse') {
              change = evse(id, 'E1', 'PATCH', JSON.stringify({ [entry.field]: turn }));
              state = { ...state, [entry.field]: turn };
            } else if (entry.what === 'patch location') change = location(id, 'PATCH', { patch: `{"name":${turn}}` });
            else {
              state = { whole: turn };
              change = entry.what === 'put evse' ? evse(id, 'E1', 'PUT') : location(id, 'PUT');
            }
            const [seq] = await under.record(change);
            states.set(seq ?? 0, state);
          };
          await play(0, { what: 'put location' });
          for (const [turn, entry] of steps.entries()) await play(turn + 1, entry);
          const row = (await under.feed.changesAfter(0, 100_000)).find((entry) => entry.object === `DE/CP1/${id}/E1`);
          if (row?.kind !== 'PATCH') return;
          for (const [seq, held] of states) {
            if (seq < (row.patchBase ?? 0) || seq >= row.seq) continue;
            expect({ ...held, ...(JSON.parse(row.patch ?? '{}') as object) }).toEqual(state);
          }
          expect([...states.keys()].some((seq) => seq >= (row.patchBase ?? 0) && seq < row.seq)).toBe(true);
        }),
        { numRuns: 60 },
      );
    }, 30_000);
  });
}
