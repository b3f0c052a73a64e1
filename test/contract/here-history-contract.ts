import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { FakeLivePlaces } from '../../src/extensions/here/live/testing/fake-live-places.js';
import { dayOfDate } from '../../src/extensions/here/predictions/calendar.js';
import { emptyDay } from '../../src/extensions/here/predictions/day-record.js';
import type { HistoryItem } from '../../src/extensions/here/predictions/history-import.js';
import { daysKept, HistoryStore } from '../../src/extensions/here/predictions/history-store.js';
import { Predictions } from '../../src/extensions/here/predictions/predictions.js';
import { busyOf, noneFreeOf, unknownSlot } from '../../src/extensions/here/predictions/slot.js';
import type { Location } from '../../src/generated/ocpi.js';
import type { DurableRows } from '../../src/platform/forwarding/index.js';

export interface HistoryUnderTest {
  /** For each node its rows; on SQLite both are the same process. */
  readonly nodes: readonly [DurableRows, DurableRows];
  release(): Promise<void>;
}

const day = (date: string): number => dayOfDate(date) ?? Number.NaN;
const at = (time: string): number => Date.parse(time);

/** Two EVSEs of 22 kW, and one of 150 kW. */
function location(id: string, more: object = {}): Location {
  const evse = (uid: string, standard: string, power: number) => ({
    uid,
    status: 'AVAILABLE',
    last_updated: '2026-10-01T00:00:00Z',
    connectors: [
      {
        id: '1',
        standard,
        format: 'CABLE',
        power_type: 'AC_3_PHASE',
        max_voltage: 230,
        max_amperage: 32,
        max_electric_power: power,
        last_updated: '2026-10-01T00:00:00Z',
      },
    ],
  });
  return {
    country_code: 'NL',
    party_id: 'VLT',
    id,
    publish: true,
    address: 'Street 1',
    city: 'Utrecht',
    country: 'NLD',
    coordinates: { latitude: '52.09', longitude: '5.12' },
    time_zone: 'Europe/Amsterdam',
    evses: [
      evse('A', 'IEC_62196_T2', 22_000),
      evse('B', 'IEC_62196_T2', 22_000),
      evse('C', 'IEC_62196_T2_COMBO', 150_000),
    ],
    last_updated: '2026-10-01T00:00:00Z',
    ...more,
  } as unknown as Location;
}

/** Full from 17 to 21 on working days, else free; from Monday 2026-08-31 on. */
function weeks(id: string, count: number): HistoryItem {
  const days = Array.from({ length: 7 * count }, (_, index) => {
    const date = new Date(at('2026-08-31T00:00:00Z') + index * 86_400_000).toISOString().slice(0, 10);
    const busy = (hour: number): number => (index % 7 < 5 && hour >= 17 && hour < 21 ? 100 : 0);
    return [date, Array.from({ length: 24 }, (__, hour) => busy(hour))] as const;
  });
  return { locationId: id, occ: Object.fromEntries(days) };
}

/** What must hold of the history of statuses, and of what is made of it, on every database. */
export function describeHistory(name: string, open: () => Promise<HistoryUnderTest>): void {
  describe(`history of statuses on ${name}`, () => {
    let under: HistoryUnderTest;
    const running: Predictions[] = [];
    const clock = { time: 0, now: () => clock.time };

    beforeAll(async () => {
      under = await open();
    });
    afterEach(async () => {
      for (const one of running.splice(0)) await one.stop();
      for (const table of ['ev_history', 'ev_history_staged'])
        await under.nodes[0].run(`DELETE FROM ${table} WHERE owner <> $1`, ['']);
    });
    afterAll(async () => {
      await under?.release();
    });

    const start = (live: FakeLivePlaces, duty = true): Predictions => {
      const warn = (event: string, detail: object): never => {
        throw new Error(`${event} ${JSON.stringify(detail)}`);
      };
      const predictions = new Predictions({ live, rows: under.nodes[0], clock, duty: async () => duty, warn });
      running.push(predictions);
      return predictions;
    };
    const store = (): HistoryStore => new HistoryStore(under.nodes[1]);
    const slotOf = async (subject: string, date: string, hour: number): Promise<number> =>
      (await store().read('NL/VLT', day(date))).get(subject)?.[hour] ?? unknownSlot;

    it('says what an hour was like, by the time that statuses lasted, for the place and for its groups', async () => {
      clock.time = at('2026-10-05T10:00:00Z');
      const live = new FakeLivePlaces();
      const predictions = start(live);
      live.put(location('LOC1'), clock.time);
      live.setStatus('NL/VLT/LOC1', 'A', 'CHARGING', at('2026-10-05T10:06:00Z'));
      live.setStatus('NL/VLT/LOC1', 'B', 'CHARGING', at('2026-10-05T10:36:00Z'));
      live.setStatus('NL/VLT/LOC1', 'A', 'AVAILABLE', at('2026-10-05T10:48:00Z'));
      clock.time = at('2026-10-05T11:00:01Z');
      await predictions.tick();
      const place = await slotOf('LOC1', '2026-10-05', 12);
      // 30 minutes one of three, 12 minutes two, 12 minutes one.
      expect(busyOf(place)).toBeCloseTo((42 + 24) / 3 / 60, 1);
      expect(noneFreeOf(place)).toBe(0);
      const group = await slotOf('LOC1\nIEC_62196_T2\n22000', '2026-10-05', 12);
      expect(busyOf(group)).toBeCloseTo(66 / 2 / 60, 1);
      expect(noneFreeOf(group)).toBeCloseTo(12 / 60, 1);
      expect(busyOf(await slotOf('LOC1\nIEC_62196_T2_COMBO\n150000', '2026-10-05', 12))).toBe(0);
      expect(await slotOf('LOC1', '2026-10-05', 11)).toBe(unknownSlot);
    });

    it('keeps an hour as it was although statuses change before it is written', async () => {
      clock.time = at('2026-10-05T10:00:00Z');
      const live = new FakeLivePlaces();
      const predictions = start(live);
      live.put(location('LOC1'), clock.time);
      for (const uid of ['A', 'B', 'C']) live.setStatus('NL/VLT/LOC1', uid, 'CHARGING', clock.time);
      // The next hour is told of while the one before is not looked at yet.
      live.setStatus('NL/VLT/LOC1', 'A', 'AVAILABLE', at('2026-10-05T11:00:00Z'));
      live.setStatus('NL/VLT/LOC1', 'B', 'AVAILABLE', at('2026-10-05T11:00:00Z'));
      clock.time = at('2026-10-05T11:00:02Z');
      await predictions.tick();
      expect(noneFreeOf(await slotOf('LOC1', '2026-10-05', 12))).toBe(1);
      // What has not changed since is known as well.
      clock.time = at('2026-10-05T12:00:00Z');
      await predictions.tick();
      const later = await slotOf('LOC1', '2026-10-05', 13);
      expect([noneFreeOf(later), busyOf(later)]).toEqual([0, expect.closeTo(1 / 3, 1)]);
    });

    it('keeps an hour in which nothing changed as it was, whatever comes in the next before it is written', async () => {
      clock.time = at('2026-10-05T10:00:00Z');
      const live = new FakeLivePlaces();
      const predictions = start(live);
      const { evses } = location('LOC1');
      live.put(location('LOC1', { evses: evses?.map((evse) => ({ ...evse, status: 'CHARGING' })) }), clock.time);
      for (const uid of ['A', 'B', 'C']) live.setStatus('NL/VLT/LOC1', uid, 'AVAILABLE', at('2026-10-05T11:00:00Z'));
      clock.time = at('2026-10-05T11:00:02Z');
      await predictions.tick();
      expect(noneFreeOf(await slotOf('LOC1', '2026-10-05', 12))).toBe(1);
    });

    it.each([
      ['ten minutes of an hour', '2026-10-05T10:50:00Z', 'AVAILABLE', unknownSlot],
      ['twenty minutes of an hour', '2026-10-05T10:40:00Z', 'AVAILABLE', 0],
      ['an hour of unknown status', '2026-10-05T10:00:00Z', 'UNKNOWN', unknownSlot],
      ['an hour out of order', '2026-10-05T10:00:00Z', 'OUTOFORDER', 0xee],
    ])('makes of %s what is known of it', async (_, began, status, slot) => {
      clock.time = at(began);
      const live = new FakeLivePlaces();
      const predictions = start(live);
      const { evses } = location('LOC1');
      live.put(location('LOC1', { evses: evses?.map((evse) => ({ ...evse, status })) }), clock.time);
      clock.time = at('2026-10-05T11:00:00Z');
      await predictions.tick();
      expect(await slotOf('LOC1', '2026-10-05', 12)).toBe(slot);
    });

    it('counts by the local hour of the place, the nearest one where its zone is half an hour off', async () => {
      clock.time = at('2026-10-05T18:30:00Z');
      const live = new FakeLivePlaces();
      const predictions = start(live);
      live.put(location('UTRECHT'), clock.time);
      live.put(location('DELHI', { country: 'IND', time_zone: 'Asia/Kolkata' }), clock.time);
      live.put(location('LISBON', { time_zone: 'Europe/Lisbon' }), clock.time);
      clock.time = at('2026-10-05T19:00:00Z');
      await predictions.tick();
      expect(await slotOf('UTRECHT', '2026-10-05', 20)).toBe(0);
      expect(await slotOf('LISBON', '2026-10-05', 19)).toBe(0);
      expect(await slotOf('DELHI', '2026-10-06', 0)).toBe(0);
    });

    it('is written by the node whose duty it is', async () => {
      clock.time = at('2026-10-05T10:00:00Z');
      const live = new FakeLivePlaces();
      const predictions = start(live, false);
      live.put(location('LOC1'), clock.time);
      clock.time = at('2026-10-05T11:00:00Z');
      await predictions.tick();
      expect(await store().owners()).toEqual([]);
    });

    it('loses nothing when two nodes write the same day', async () => {
      const [one, other] = under.nodes.map((rows) => new HistoryStore(rows));
      const record = (subject: string) => new Map([[subject, emptyDay().fill(0, 3, 4)]]);
      await Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          (index % 2 === 0 ? one : other)?.merge('NL/VLT', 20_000, record(`LOC${index}`)),
        ),
      );
      expect((await store().read('NL/VLT', 20_000)).size).toBe(10);
    });

    it(`keeps the newest ${daysKept} days with data`, async () => {
      for (let index = 0; index < daysKept + 2; index++)
        await store().merge('NL/VLT', 20_000 + 2 * index, new Map([['LOC1', emptyDay()]]));
      await store().prune('NL/VLT');
      const days = await store().days('NL/VLT');
      expect([days.length, days[0]]).toEqual([daysKept, 20_004]);
    });

    it('takes in an import that a restart has cut off, and predicts from it', async () => {
      clock.time = at('2026-10-01T06:30:00Z');
      const live = new FakeLivePlaces();
      const first = start(live);
      live.put(location('LOC1'), clock.time);
      live.put(location('OTHER'), clock.time);
      expect(await first.import([weeks('loc1', 4), weeks('NOWHERE', 1)])).toEqual({
        taken: 1,
        unknown: 1,
        ambiguous: 0,
      });
      await first.stop();
      const second = start(live);
      live.put(location('LOC1'), clock.time);
      expect(await second.state()).toMatchObject({ waiting: 1, subjects: 0 });
      await second.absorb();
      expect(await second.state()).toMatchObject({ waiting: 0, subjects: 1 });
      const place = live.find('NL/VLT/LOC1');
      const [today, tomorrow, saturday] = (place && second.forecasts.of(place, 3)?.place) ?? [];
      expect([today?.date, tomorrow?.date, saturday?.date]).toEqual(['2026-10-01', '2026-10-02', '2026-10-03']);
      const free = (hour: number) =>
        [today, tomorrow, saturday].map((one) => one?.availabilityProbabilities[hour] ?? -1);
      expect(Math.max(...free(18).slice(0, 2))).toBeLessThan(0.3);
      expect(Math.min(...free(4), free(18)[2] ?? -1)).toBeGreaterThan(0.7);
      expect(tomorrow?.predictedOccupancies?.[18]).toBe(1);
      expect(tomorrow?.predictedOccupancies?.[4]).toBe(0);
      expect(tomorrow?.predictedWaitTimes[18]).toBeGreaterThan(30);
      expect(tomorrow?.predictedWaitTimes[4]).toBeLessThan(10);
      expect(tomorrow?.confidence).toBeGreaterThan(0.85);
      expect([tomorrow?.availabilityProbabilities.length, tomorrow?.periodsPerDay]).toEqual([24, 24]);
      const third = start(live);
      await third.absorb();
      expect(await third.state()).toMatchObject({ waiting: 0, subjects: 1 });
      // Without history nothing is made up.
      const other = live.find('NL/VLT/OTHER');
      expect(other && second.forecasts.of(other, 2)).toBeUndefined();
    });

    it('beats the last value and the mean by hour on days that it has not seen', async () => {
      clock.time = at('2026-10-01T06:30:00Z');
      const live = new FakeLivePlaces();
      const predictions = start(live);
      live.put(location('LOC1'), clock.time);
      await predictions.import([weeks('LOC1', 4)]);
      await predictions.absorb();
      const report = await predictions.backtest(7);
      expect(report).toMatchObject({ places: 1, observations: 168, from: '2026-09-21', to: '2026-09-27' });
      for (const error of ['brier', 'mae'] as const) {
        expect(report.model[error]).toBeLessThan(report.lastValue[error]);
        expect(report.model[error]).toBeLessThan(report.meanByHour[error]);
      }
    });
  });
}
