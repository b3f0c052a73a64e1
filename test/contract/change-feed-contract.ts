import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ChangeFeed, ChangeKind, ObjectChange } from '../../src/platform/storage/index.js';

/** A change feed and the means to change something, of one implementation. */
export interface ChangeFeedUnderTest {
  readonly feed: ChangeFeed;
  /** Records changes in one transaction; resolves with their places once that is durable. */
  record(...changes: ObjectChange[]): Promise<number[]>;
  /** Records a change in a transaction that is then undone. */
  undone(change: ObjectChange): Promise<void>;
  /** The same feed after a restart. */
  reopen(): Promise<void>;
  release(): Promise<void>;
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
export function describeChangeFeed(name: string, open: () => Promise<ChangeFeedUnderTest>): void {
  describe(`the change sequence of ${name}`, () => {
    let under: ChangeFeedUnderTest;
    beforeEach(async () => {
      under = await open();
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

    it('knows nothing of what was undone, and neither does its head', async () => {
      await under.record(location('LOC1', 'PUT'));
      await under.undone(location('LOC2', 'PUT'));
      expect(under.feed.head()).toBe(1);
      const [next] = await under.record(location('LOC3', 'PUT'));
      expect(next).toBeGreaterThan(1);
      expect(await rows()).toEqual(['PUT DE/CP1/LOC1', 'PUT DE/CP1/LOC3']);
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
