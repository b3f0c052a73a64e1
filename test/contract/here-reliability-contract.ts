import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { FakeLivePlaces } from '../../src/extensions/here/live/testing/fake-live-places.js';
import { Reliability } from '../../src/extensions/here/reliability/reliability.js';
import type { Location } from '../../src/generated/ocpi.js';
import type { DurableRows } from '../../src/platform/forwarding/index.js';

export interface ReliabilityUnderTest {
  /** For each node its rows; on SQLite both are the same process. */
  readonly nodes: readonly [DurableRows, DurableRows];
  release(): Promise<void>;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const noon = Date.parse('2026-10-20T12:00:00Z');
const iso = (ms: number): string => new Date(ms).toISOString();
const key = 'NL/VLT/LOC1';

const thresholds = {
  outdatedMs: 72 * hourMs,
  leastSessionMs: 120_000,
  leastSessionWh: 100,
  longestSessionMs: 72 * hourMs,
  brokenMs: 24 * hourMs,
  doubtShare: 0.2,
  changesPerHour: 5,
};

/** `E1` with a CCS and a CHAdeMO connector, `E2` with a CCS one. */
function location(changedAt: number, status = 'AVAILABLE'): Location {
  const last_updated = iso(changedAt);
  const connector = (id: string, standard: string) => ({ id, standard, max_electric_power: 50_000, last_updated });
  return {
    country_code: 'NL',
    party_id: 'VLT',
    id: 'LOC1',
    publish: true,
    country: 'NLD',
    coordinates: { latitude: '52.09', longitude: '5.12' },
    evses: [
      {
        uid: 'E1',
        status,
        last_updated,
        connectors: [connector('c1', 'IEC_62196_T2_COMBO'), connector('2', 'CHADEMO')],
      },
      { uid: 'E2', status, last_updated, connectors: [connector('1', 'IEC_62196_T2_COMBO')] },
    ],
    last_updated,
  } as unknown as Location;
}

interface Told {
  readonly id?: string;
  readonly at?: number;
  readonly minutes?: number;
  readonly kwh?: number;
  readonly evse?: string;
  readonly connector?: string;
  readonly status?: string;
}

function session({ id = 'S1', at = noon - 3 * hourMs, minutes = 30, kwh = 12.5, ...more }: Told = {}): object {
  return {
    country_code: 'NL',
    party_id: 'VLT',
    id,
    location_id: 'LOC1',
    evse_uid: more.evse ?? 'E1',
    connector_id: more.connector ?? 'C1',
    start_date_time: iso(at),
    ...(more.status === 'ACTIVE' ? {} : { end_date_time: iso(at + minutes * 60_000) }),
    kwh,
    status: more.status ?? 'COMPLETED',
  };
}

function cdr(
  { id = 'S1', at = noon - 3 * hourMs, minutes = 30, kwh = 12.5, ...more }: Told = {},
  fields: object = {},
): object {
  return {
    country_code: 'NL',
    party_id: 'VLT',
    id: `CDR-${id}`,
    session_id: id,
    cdr_location: { id: 'LOC1', evse_uid: more.evse ?? 'E1', connector_id: more.connector ?? 'C1' },
    start_date_time: iso(at),
    end_date_time: iso(at + minutes * 60_000),
    total_energy: kwh,
    ...fields,
  };
}

/** What must hold of reliability indicators on every database. HERE section 9. */
export function describeReliability(name: string, open: () => Promise<ReliabilityUnderTest>): void {
  describe(`reliability on ${name}`, () => {
    let under: ReliabilityUnderTest;
    const running: Reliability[] = [];
    const clock = { time: noon, now: () => clock.time };

    beforeAll(async () => {
      under = await open();
    });
    afterEach(async () => {
      clock.time = noon;
      for (const one of running.splice(0)) await one.stop();
      await under.nodes[0].run('DELETE FROM ev_session_day WHERE owner <> $1', ['']);
    });
    afterAll(async () => {
      await under?.release();
    });

    function node(at: 0 | 1 = 0, changedAt = noon - hourMs, status = 'AVAILABLE') {
      const live = new FakeLivePlaces();
      const warn = (event: string, detail: object): never => {
        throw new Error(`${event} ${JSON.stringify(detail)}`);
      };
      const reliability = new Reliability({ live, rows: under.nodes[at], clock, thresholds, warn });
      running.push(reliability);
      live.put(location(changedAt, status), clock.time);
      const place = () => {
        const found = live.find(key);
        if (!found) throw new Error('not shown');
        return reliability.of(found);
      };
      return {
        live,
        reliability,
        evse: (uid = 'E1') => place().evse(uid),
        group: (standard: string) => place().group(standard, 50_000),
        async see(...seen: readonly object[]): Promise<void> {
          for (const one of seen) {
            if ('cdr_location' in one) reliability.onCdr(one);
            else reliability.onSession(one);
          }
          await reliability.refresh();
        },
      };
    }
    const counted = { lastSuccessful: iso(noon - 2.5 * hourMs), successfulCount: 1 };

    it('counts a session of an EVSE, and of the group of its connector', async () => {
      const { see, evse, group } = node();
      await see(session());
      expect(evse('E1')?.chargingSessions).toEqual(counted);
      expect(group('IEC_62196_T2_COMBO')).toEqual({ chargingSessions: counted });
      expect(evse('E2')?.chargingSessions).toBeUndefined();
      expect(group('CHADEMO')).toBeUndefined();
    });

    it('counts a Session and its CDR once, in any order, however often they are told', async () => {
      const { see, evse } = node();
      await see(session(), cdr(), session());
      await see(cdr(), session({ status: 'ACTIVE' }), session());
      expect(evse()?.chargingSessions).toEqual(counted);
      await see(cdr({ id: 'S2' }));
      expect(evse()?.chargingSessions?.successfulCount).toBe(2);
    });

    it('takes a session that is over as over, whatever is told of it late', async () => {
      const { see, evse } = node();
      await see(session());
      await see(session({ status: 'ACTIVE' }));
      expect(evse()?.chargingSessions).toEqual(counted);
    });

    it('believes the CDR rather than the Session', async () => {
      const { see, evse } = node();
      await see(session());
      await see(cdr({ kwh: 0 }));
      expect(evse()?.chargingSessions).toBeUndefined();
      await see(session());
      expect(evse()?.chargingSessions).toBeUndefined();
    });

    it.each([
      ['too short a session', session({ minutes: 1 })],
      ['too long a session', session({ at: noon - 80 * hourMs, minutes: 75 * 60 })],
      ['next to no energy', session({ kwh: 0.05 })],
      ['a session that goes on', session({ status: 'ACTIVE' })],
      ['an invalid session', session({ status: 'INVALID' })],
      ['a reservation', session({ status: 'RESERVATION' })],
      ['a credit', cdr({}, { credit: true })],
      ['a session of four weeks ago', session({ at: noon - 28 * dayMs })],
      ['a session of next week', session({ at: noon + 7 * dayMs })],
      ['what is no session', { anything: [null] }],
      ['a session without EVSE', { ...session(), evse_uid: null }],
      ['times that are none', { ...session(), start_date_time: 'soon' }],
    ])('does not count %s', async (_, seen) => {
      const { see, evse } = node();
      await see(seen);
      expect(evse()?.chargingSessions).toBeUndefined();
    });

    it('counts 28 days, and still knows the last one after that', async () => {
      const { see, evse, reliability } = node();
      await see(session({ at: noon - 27 * dayMs }), session({ id: 'S2' }));
      expect(evse()?.chargingSessions?.successfulCount).toBe(2);
      clock.time = noon + dayMs;
      await reliability.refresh();
      expect(evse()?.chargingSessions).toEqual({ ...counted, successfulCount: 1 });
      clock.time = noon + 40 * dayMs;
      await reliability.refresh();
      expect(evse()?.chargingSessions).toEqual({ ...counted, successfulCount: 0 });
      // The same day of the next four weeks has a session that failed.
      clock.time = noon + 28 * dayMs;
      await see(session({ id: 'S3', at: clock.time - 3 * hourMs, kwh: 0 }));
      expect(evse()?.chargingSessions).toEqual({ ...counted, successfulCount: 0 });
    });

    it('is the same after a restart and at another node', async () => {
      const [one, other] = [node(0), node(1)];
      await Promise.all([
        one.see(session({ id: 'A' }), session({ id: 'B' })),
        other.see(session({ id: 'B' }), cdr({ id: 'C' })),
      ]);
      await Promise.all([one.see(session({ id: 'D' })), other.see(session({ id: 'E' }))]);
      await one.reliability.refresh();
      await other.reliability.refresh();
      const again = node(1);
      await again.reliability.refresh();
      for (const { evse } of [one, other, again]) expect(evse()?.chargingSessions?.successfulCount).toBe(5);
    });

    it('has a version that moves with what it says', async () => {
      const { see, reliability } = node();
      await see(session());
      const before = reliability.version();
      await reliability.refresh();
      expect(reliability.version()).toBe(before);
      await see(session({ id: 'S2' }));
      expect(reliability.version()).not.toBe(before);
    });

    describe('operational', () => {
      const many = (good: number, failed: number): object[] => [
        ...Array.from({ length: good }, (_, at) => session({ id: `G${at}` })),
        ...Array.from({ length: failed }, (_, at) => session({ id: `F${at}`, kwh: 0 })),
      ];
      it.each([
        ['green after a change of status', 'AVAILABLE', hourMs, [], 3],
        ['unknown where nothing ever happens', 'AVAILABLE', 40 * dayMs, [], undefined],
        ['green with a successful session', 'AVAILABLE', 2 * hourMs, many(1, 0), 3],
        ['green with too few sessions to tell', 'AVAILABLE', hourMs, many(0, 4), 3],
        ['yellow with every fifth failed', 'AVAILABLE', hourMs, many(4, 1), 2],
        ['red with half of them failed', 'AVAILABLE', hourMs, many(3, 3), 1],
        ['yellow when out of order', 'OUTOFORDER', hourMs, [], 2],
        ['red when out of order for a day', 'OUTOFORDER', 24 * hourMs, [], 1],
        ['red when inoperative for a day', 'INOPERATIVE', 25 * hourMs, [], 1],
        ['unknown with an unknown status', 'UNKNOWN', hourMs, [], undefined],
      ])('is %s', async (_, status, ago, seen, level) => {
        const { see, evse } = node(0, noon - ago, status);
        await see(...seen);
        expect(evse()?.operational).toBe(level);
      });
    });

    describe('the status', () => {
      const reliabilityOf = (one: ReturnType<typeof node>, uid = 'E1') => one.evse(uid)?.statusReliability;

      it('is reliable as long as its owner is heard of, however old it is', () => {
        const one = node(0, noon - 300 * dayMs);
        expect(reliabilityOf(one)).toBe('reliable');
        clock.time = noon + 71 * hourMs;
        one.live.setStatus(key, 'E2', 'CHARGING', clock.time);
        clock.time = noon + 140 * hourMs;
        expect(reliabilityOf(one)).toBe('reliable');
        clock.time = noon + 144 * hourMs;
        expect(reliabilityOf(one)).toBe('outdated');
        expect(reliabilityOf(one, 'E2')).toBe('outdated');
      });

      it('says nothing where there is none', () => {
        expect(node(0, noon - hourMs, 'UNKNOWN').evse()).toBeUndefined();
      });

      it('is unreliable for a day after it changed too often', () => {
        const one = node();
        for (let at = 0; at < 6; at++)
          one.live.setStatus(key, 'E1', at % 2 === 0 ? 'CHARGING' : 'AVAILABLE', noon + at * 60_000);
        expect(reliabilityOf(one)).toBe('unreliable');
        expect(one.evse()?.operational).toBe(2);
        expect(reliabilityOf(one, 'E2')).toBe('reliable');
        clock.time = noon + 25 * hourMs;
        expect(reliabilityOf(one)).toBe('reliable');
      });

      it.each([
        ['a session that is over', session(), 'unreliable'],
        ['a CDR', cdr(), 'unreliable'],
        ['a session that goes on for long', session({ status: 'ACTIVE' }), 'unreliable'],
        ['a session that has just begun', session({ status: 'ACTIVE', at: noon - 60_000 }), 'reliable'],
        ['a session that did not come about', session({ status: 'INVALID' }), 'reliable'],
      ])('that did not tell of %s is doubted, unless it cannot know yet', async (_, seen, expected) => {
        const one = node(0, noon - 10 * hourMs);
        await one.see(seen);
        expect(reliabilityOf(one)).toBe(expected);
        expect(reliabilityOf(one, 'E2')).toBe('reliable');
      });

      it('that was not known cannot have told of a session', async () => {
        const one = node(0, noon - 10 * hourMs, 'UNKNOWN');
        await one.see(session());
        one.live.setStatus(key, 'E1', 'AVAILABLE', noon);
        expect(reliabilityOf(one)).toBe('reliable');
      });

      it('is believed again once it tells of a session', async () => {
        const one = node(0, noon - 10 * hourMs);
        await one.see(session());
        one.live.setStatus(key, 'E1', 'CHARGING', noon);
        await one.see(session({ id: 'S2', at: noon, status: 'ACTIVE' }));
        expect(reliabilityOf(one)).toBe('reliable');
      });

      it('is unreliable when it says charging for longer than sessions last', () => {
        expect(reliabilityOf(node(0, noon - 71 * hourMs, 'CHARGING'))).toBe('reliable');
        expect(reliabilityOf(node(0, noon - 73 * hourMs, 'CHARGING'))).toBe('unreliable');
      });
    });
  });
}
