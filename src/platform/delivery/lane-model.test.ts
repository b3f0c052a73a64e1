import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import Database, { type Database as SqliteDatabase } from 'better-sqlite3';
import type { ChooseMessage } from './choose-message.js';
import { type HistoryOptions, LaneHistory } from './testing/lane-history.js';
import { changeTable } from './testing/model-hub.js';

/** Real lanes over the real change sequence; store, queue, clock and partners are models. See testing/lane-history.ts. */
describe('random histories of a lane', () => {
  let db: SqliteDatabase;

  beforeAll(() => {
    db = new Database(':memory:');
    db.exec(changeTable);
  });
  afterAll(() => {
    db.close();
  });

  interface Tally {
    wrong: string[];
    backwards: string[];
    methods: Record<string, number>;
  }

  async function walk(histories: number, options: Omit<HistoryOptions, 'seed' | 'steps'>): Promise<Tally> {
    const tally: Tally = { wrong: [], backwards: [], methods: {} };
    for (let seed = 1; seed <= histories; seed++) {
      const result = await new LaneHistory(db, { ...options, seed, steps: 60 }).run();
      if (result.differences.length > 0) tally.wrong.push(`seed ${seed}: ${result.differences.join('; ')}`);
      if (result.regressions.length > 0) tally.backwards.push(`seed ${seed}: ${result.regressions.join('; ')}`);
      for (const [method, n] of Object.entries(result.methods))
        tally.methods[method] = (tally.methods[method] ?? 0) + n;
    }
    return tally;
  }

  it('partners converge, and no partner sees time go backwards (P3, P4)', async () => {
    const { wrong, backwards, methods } = await walk(800, {});
    expect(wrong).toEqual([]);
    expect(backwards).toEqual([]);
    expect(methods.PATCH).toBeGreaterThan(500);
  }, 60_000);

  it('partners converge though they apply cut requests late', async () => {
    const { wrong } = await walk(800, { lateArrivals: true });
    expect(wrong).toEqual([]);
  }, 60_000);

  describe('would show that', () => {
    it('a patch chosen by the cursor alone leaves partners wrong', async () => {
      // Whoever has done everything before a row holds what the row's patch builds on, one would think.
      const byCursor: ChooseMessage = ({ row }) =>
        row.kind === 'PATCH' && row.patch !== undefined
          ? { kind: 'patch', patch: row.patch }
          : { kind: 'whole', readFrom: 0 };
      const { wrong } = await walk(200, { choose: byCursor });
      expect(wrong.length).toBeGreaterThan(20);
    }, 60_000);

    it('a patch that is older than what was sent of its Location turns time back', async () => {
      const heedless: ChooseMessage = (entry, memory) => {
        const { row } = entry;
        const place = memory.placeOf(entry.key, entry.laneKey) ?? -1;
        const isPatch = row.kind === 'PATCH' && row.patch !== undefined && place >= (row.patchBase ?? 0);
        return isPatch ? { kind: 'patch', patch: row.patch } : { kind: 'whole', readFrom: 0 };
      };
      const { backwards } = await walk(200, { choose: heedless });
      expect(backwards.length).toBeGreaterThan(20);
    }, 60_000);

    it('without the settle push late arrivals leave partners wrong', async () => {
      const { wrong } = await walk(200, { lateArrivals: true, timing: { settleMs: 1_000_000 } });
      expect(wrong.length).toBeGreaterThan(5);
    }, 60_000);
  });
});
