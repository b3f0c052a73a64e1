import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import Database, { type Database as SqliteDatabase } from 'better-sqlite3';
import type { ChooseMessage } from './choose-message.js';
import { type HistoryOptions, LaneHistory, type WrongChoice } from './testing/lane-history.js';
import { changeTable } from './testing/model-hub.js';

/** Histories per promise; 20 times as many find what 1 in 10,000 does. */
const histories = Number(process.env.ROAMHUB_TEST_HISTORIES ?? 400);
const firstSeed = Number(process.env.ROAMHUB_TEST_SEED ?? 1);
/** Of a wrong choice so many are enough. */
const fewer = 150;
const patience = 30_000 + histories * 100;

/** Real lanes over the real change sequence, on two nodes; store, queue, clock and partners are models. See testing/lane-history.ts. */
describe('random histories of a lane on two nodes', () => {
  let db: SqliteDatabase;

  beforeAll(() => {
    db = new Database(':memory:');
    db.exec(changeTable);
  });
  afterAll(() => {
    db.close();
  });

  interface Tally {
    /** Partners that did not converge. */
    wrong: string[];
    backwards: string[];
    overlaps: string[];
    lost: string[];
    /** Histories with more duplicates than a full window per crash or freeze. */
    tooMany: string[];
    leaks: string[];
    allowances: number;
    duplicates: number;
    blows: number;
    methods: Record<string, number>;
  }

  async function walk(count: number, options: Omit<HistoryOptions, 'seed' | 'steps'>): Promise<Tally> {
    const tally: Tally = {
      wrong: [],
      backwards: [],
      overlaps: [],
      lost: [],
      tooMany: [],
      leaks: [],
      allowances: 0,
      duplicates: 0,
      blows: 0,
      methods: {},
    };
    for (let seed = firstSeed; seed < firstSeed + count; seed++) {
      const result = await new LaneHistory(db, { ...options, seed, steps: 60 }).run();
      const note = (list: string[], found: readonly string[]): unknown =>
        found.length > 0 && list.push(`seed ${seed}: ${found.join('; ')}`);
      note(tally.wrong, result.differences);
      note(tally.backwards, result.regressions);
      note(tally.overlaps, result.overlaps);
      note(tally.lost, result.lost);
      note(tally.leaks, result.leaks);
      tally.allowances += result.allowances;
      if (result.duplicates.length > 8 * result.blows) note(tally.tooMany, result.duplicates);
      tally.duplicates += result.duplicates.length;
      tally.blows += result.blows;
      for (const [method, n] of Object.entries(result.methods))
        tally.methods[method] = (tally.methods[method] ?? 0) + n;
    }
    return tally;
  }

  it(
    `without faults nothing is sent twice, whatever stops and starts (P7, P11): ${histories}`,
    async () => {
      const { wrong, backwards, overlaps, duplicates, methods } = await walk(histories, { faults: 'none' });
      expect({ wrong, backwards, overlaps, duplicates }).toEqual({
        wrong: [],
        backwards: [],
        overlaps: [],
        duplicates: 0,
      });
      expect(methods.PATCH).toBeGreaterThan(histories);
    },
    patience,
  );

  it(
    `a crash or a frozen node repeats 8 pushes at most, and no two nodes send of one Location at a time (P7, P19): ${histories}`,
    async () => {
      const tally = await walk(histories, { faults: 'crashes' });
      const { wrong, backwards, overlaps, lost, tooMany } = tally;
      expect({ wrong, backwards, overlaps, lost, tooMany }).toEqual({
        wrong: [],
        backwards: [],
        overlaps: [],
        lost: [],
        tooMany: [],
      });
      expect(tally.blows).toBeGreaterThan(histories / 2);
      expect(tally.duplicates).toBeGreaterThan(0);
    },
    patience,
  );

  it(
    `partners converge, and no partner sees time go backwards, through all faults (P3, P4): ${histories}`,
    async () => {
      const { wrong, backwards, overlaps, lost } = await walk(histories, {});
      expect({ wrong, backwards, overlaps, lost }).toEqual({ wrong: [], backwards: [], overlaps: [], lost: [] });
    },
    patience,
  );

  it(
    `partners converge though they apply cut requests late: ${histories}`,
    async () => {
      const { wrong } = await walk(histories, { lateArrivals: true });
      expect(wrong).toEqual([]);
    },
    patience,
  );

  it.each(['crashes', 'all'] as const)(
    `partners converge though agreements are withdrawn and made again, and nothing withdrawn leaves, with faults: %s`,
    async (faults) => {
      const { wrong, backwards, overlaps, lost, leaks, allowances } = await walk(histories, { faults, sharing: true });
      expect({ wrong, backwards, overlaps, lost, leaks }).toEqual({
        wrong: [],
        backwards: [],
        overlaps: [],
        lost: [],
        leaks: [],
      });
      expect(allowances).toBeGreaterThan(histories / 2);
    },
    patience,
  );

  describe('would show that', () => {
    const wrongly = (wrong: WrongChoice, options: Omit<HistoryOptions, 'seed' | 'steps'> = {}): Promise<Tally> =>
      walk(fewer, { ...options, wrong });

    it('a patch chosen by the cursor alone leaves partners wrong', async () => {
      // Whoever has done everything before a row holds what the row's patch builds on, one would think.
      const byCursor: ChooseMessage = ({ row }) =>
        row.kind === 'PATCH' && row.patch !== undefined
          ? { kind: 'patch', patch: row.patch }
          : { kind: 'whole', readFrom: 0 };
      const { wrong } = await walk(fewer, { choose: byCursor });
      expect(wrong.length).toBeGreaterThan(10);
    }, 60_000);

    it('a patch that is older than what was sent of its Location turns time back', async () => {
      const heedless: ChooseMessage = (entry, memory) => {
        const { row } = entry;
        const place = memory.placeOf(entry.key, entry.laneKey) ?? -1;
        const isPatch = row.kind === 'PATCH' && row.patch !== undefined && place >= (row.patchBase ?? 0);
        return isPatch ? { kind: 'patch', patch: row.patch } : { kind: 'whole', readFrom: 0 };
      };
      const { backwards } = await walk(fewer, { choose: heedless });
      expect(backwards.length).toBeGreaterThan(5);
    }, 60_000);

    it('without the settle push late arrivals leave partners wrong', async () => {
      const { wrong } = await walk(fewer, { lateArrivals: true, timing: { settleMs: 1_000_000 } });
      expect(wrong.length).toBeGreaterThan(3);
    }, 60_000);

    it('an acknowledgement before the commit loses writes', async () => {
      expect((await wrongly('acknowledged before commit')).lost.length).toBeGreaterThan(3);
    }, 60_000);

    it('places that are handed out before the commit, without the bound of the snapshot, leave partners wrong', async () => {
      expect((await wrongly('no snapshot bound')).wrong.length).toBeGreaterThan(10);
    }, 60_000);

    it('without a fence two nodes send at a time', async () => {
      const { overlaps, backwards, tooMany } = await walk(6 * fewer, { wrong: 'no fence', faults: 'crashes' });
      expect(overlaps.length).toBeGreaterThan(0);
      expect(overlaps.length + backwards.length + tooMany.length).toBeGreaterThan(3);
    }, 60_000);

    it('without a last look a node that was frozen turns time back when it wakes', async () => {
      const { overlaps, backwards } = await walk(4 * fewer, { wrong: 'no last look', faults: 'crashes' });
      expect(overlaps.length + backwards.length).toBeGreaterThan(0);
    }, 60_000);

    it('without a last look what is withdrawn still leaves', async () => {
      const { leaks } = await walk(2 * fewer, { wrong: 'no last look', sharing: true });
      expect(leaks.length).toBeGreaterThan(3);
    }, 60_000);

    it('what is passed over without a note of it is missing once it is shared again', async () => {
      const { wrong } = await walk(fewer, { wrong: 'no note of what is not shared', faults: 'crashes', sharing: true });
      expect(wrong.length).toBeGreaterThan(3);
    }, 60_000);

    it('a cursor without what is done beyond it repeats things, even without faults', async () => {
      expect((await wrongly('cursor alone', { faults: 'none' })).duplicates).toBeGreaterThan(0);
    }, 60_000);
  });
});
