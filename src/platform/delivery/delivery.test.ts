import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import Database, { type Database as SqliteDatabase } from 'better-sqlite3';
import { StorageUnavailable } from '../storage/index.js';
import { Delivery, type DeliveryOptions } from './delivery.js';
import type { DeliveryEvent, LaneAlert, LaneEvent } from './ports.js';
import { FakeQueue } from './testing/fake-queue.js';
import { FakeTime, settle } from './testing/fake-time.js';
import { FakePartners, lanePartner } from './testing/lane-partner.js';
import { MemoryLaneStore } from './testing/memory-lane-store.js';
import { changeTable, ModelHub } from './testing/model-hub.js';
import { accepted, answered, cut, ScriptedClient, unreachable } from './testing/scripted-client.js';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** Delivery with a clock that the test moves, the real spans of time, and pauses that are not spread. */
describe('delivery in time', () => {
  let db: SqliteDatabase;
  let time: FakeTime;
  let hub: ModelHub;
  let store: MemoryLaneStore;
  let partners: FakePartners;
  let client: ScriptedClient;
  let queue: FakeQueue;
  let delivery: Delivery;
  let events: DeliveryEvent[];
  let laneEvents: LaneEvent[];
  let alerts: LaneAlert[];
  let failures: unknown[];

  beforeEach(() => {
    db = new Database(':memory:');
    db.exec(changeTable);
    time = new FakeTime();
    hub = new ModelHub(db, () => time.now());
    store = new MemoryLaneStore(time);
    partners = new FakePartners(lanePartner());
    client = new ScriptedClient(() => time.now());
    queue = new FakeQueue(time);
    events = [];
    laneEvents = [];
    alerts = [];
    failures = [];
  });
  afterEach(async () => {
    await delivery.stop();
    db.close();
  });

  async function start(options: Partial<DeliveryOptions> = {}): Promise<Delivery> {
    delivery = new Delivery({
      feed: hub.changes,
      store,
      partners,
      client,
      queue,
      sources: hub.sources(),
      hub: { country_code: 'NL', party_id: 'HUB' },
      clock: time,
      monotonic: () => time.now(),
      timers: time,
      random: () => 0.5,
      observer: {
        delivered: (event) => events.push(event),
        laneChanged: (event) => laneEvents.push(event),
        alerted: (alert) => alerts.push(alert),
        failed: (_partner, error) => failures.push(error),
      },
      ...options,
    });
    await delivery.start();
    await settle();
    return delivery;
  }

  const lane = async () => (await delivery.lanesNow()).find((one) => one.partnerId === 'p1');

  it('tries again after 1, 2, 5 and 10 s, then opens the breaker and probes each 30 s', async () => {
    client.answer = () => unreachable;
    await start();
    hub.putTariff('T1');
    await time.advance(2 * minute);
    expect(client.times.map((at) => Math.round(at / second))).toEqual([0, 1, 3, 8, 18, 48, 78, 108]);
    expect(await lane()).toMatchObject({ breaker: 'open', cursor: 0, lagObjects: 1 });
    expect(laneEvents).toMatchObject([{ partner: 'p1', breaker: 'open' }]);
  });

  it('closes the breaker after two successes, the second probe at once, and opens the window 1, 2, 4, 8', async () => {
    client.answer = () => unreachable;
    await start();
    for (let n = 0; n < 40; n++) hub.putTariff(`T${n}`);
    await time.advance(20 * second);
    client.sent.length = 0;
    const pending: (() => void)[] = [];
    let most = 0;
    const growth: number[] = [];
    client.answer = () =>
      new Promise((resolve) => {
        pending.push(() => resolve(accepted));
        most = Math.max(most, pending.length);
      });
    await time.advance(30 * second);
    for (let round = 0; round < 30 && pending.length > 0; round++) {
      growth.push(pending.length);
      for (const done of pending.splice(0)) done();
      await settle();
    }
    expect(growth.slice(0, 6)).toEqual([1, 1, 1, 2, 4, 8]);
    expect(most).toBe(8);
    expect(laneEvents.map((event) => event.breaker)).toEqual(['open', 'half_open', 'closed']);
    expect(client.calls).toHaveLength(40);
  });

  it('probes with GET versions when nothing is due', async () => {
    client.answer = () => unreachable;
    await start();
    hub.putTariff('T1');
    await time.advance(20 * second);
    await store.rewind('p1', hub.changes.head());
    client.answer = () => accepted;
    client.sent.length = 0;
    await time.advance(minute);
    expect(client.calls).toEqual(['GET versions', 'GET versions']);
    expect(await lane()).toMatchObject({ breaker: 'closed' });
  });

  it('asks a partner that is shown as OFFLINE for its versions only (H-10)', async () => {
    client.answer = () => unreachable;
    await start();
    hub.putTariff('T1');
    await time.advance(20 * second);
    partners.set(lanePartner({ status: 'OFFLINE' }));
    client.sent.length = 0;
    await time.advance(2 * minute);
    expect(new Set(client.calls)).toEqual(new Set(['GET versions']));
  });

  it.each<[string, Parameters<typeof answered>, number]>([
    ['120 seconds', [503, 3000, { 'retry-after': '120' }], 120 * second],
    ['10 years: 15 min', [429, 2000, { 'retry-after': '315360000' }], 15 * minute],
    ['less than nothing: the usual', [503, 3000, { 'retry-after': '-5' }], second],
  ])('waits as Retry-After says: %s', async (_what, answer, pause) => {
    client.answer = (_request, index) => (index === 0 ? answered(...answer) : accepted);
    await start();
    hub.putTariff('T1');
    await time.advance(hour);
    expect(client.times).toEqual([0, pause]);
  });

  it('repeats a refused object after 30 s, 5 min, 30 min, 2 h and 12 h, then parks it', async () => {
    client.answer = () => answered(422, 2001);
    await start({ timing: { sweepMs: 10 * second } });
    hub.putTariff('T1');
    await time.advance(16 * hour);
    const pauses = client.sent.slice(1).map((one, index) => one.at - (client.sent[index]?.at ?? 0));
    const wanted = [30 * second, 5 * minute, 30 * minute, 2 * hour, 12 * hour];
    expect(pauses).toHaveLength(5);
    pauses.forEach((pause, index) => {
      // The sweep finds it: at most its distance late.
      expect(pause - (wanted[index] ?? 0)).toBeGreaterThanOrEqual(0);
      expect(pause - (wanted[index] ?? 0)).toBeLessThanOrEqual(10 * second);
    });
    expect(await lane()).toMatchObject({ parked: 1, cursor: 1, breaker: 'closed' });
  });

  it('sends the whole once more, 30 s after a cut', async () => {
    client.answer = (_request, index) => (index === 0 ? cut : accepted);
    await start();
    hub.putLocation('L1', ['E1']);
    await time.advance(5 * minute);
    expect(client.calls).toEqual(Array.from({ length: 3 }, () => 'PUT locations/DE/CP1/L1'));
    const [first = 0, second_ = 0, third = 0] = client.times;
    expect(second_ - first).toBe(second);
    expect(third - first).toBeGreaterThanOrEqual(30 * second);
    expect(third - first).toBeLessThanOrEqual(33 * second);
  });

  it('sends a patch again as the whole object after a cut', async () => {
    client.answer = (_request, index) => (index === 1 ? cut : accepted);
    await start();
    hub.putLocation('L1', ['E1']);
    await time.advance(second);
    hub.patchEvse('L1', 'E1', 'status');
    await time.advance(10 * second);
    expect(client.calls.slice(1)).toEqual(['PATCH locations/DE/CP1/L1/E1', 'PUT locations/DE/CP1/L1/E1']);
  });

  it('gives up after 72 h of nothing but failures, until the operator resumes', async () => {
    client.answer = () => unreachable;
    await start({ timing: { probeMs: hour, sweepMs: 10 * minute } });
    hub.putTariff('T1');
    await time.advance(74 * hour);
    expect(await lane()).toMatchObject({ pausedBy: 'failing' });
    const before = client.sent.length;
    await time.advance(10 * hour);
    expect(client.sent.length).toBe(before);
    client.answer = () => accepted;
    await delivery.resume('p1');
    await time.advance(second);
    expect(await lane()).toMatchObject({ pausedBy: undefined, cursor: 1 });
  });

  it.each([401, 403])('stops at once when %i says that our token is not accepted', async (status) => {
    client.answer = () => answered(status, 2000);
    await start();
    hub.putTariff('T1');
    await time.advance(hour);
    expect(client.sent).toHaveLength(1);
    expect(await lane()).toMatchObject({ pausedBy: 'auth_failed', cursor: 0 });
    expect(laneEvents).toMatchObject([{ pausedBy: 'auth_failed' }]);
  });

  it('takes a 401 right after an exchange of tokens for a partner that is not ready yet', async () => {
    partners.set(lanePartner({ credentialsAt: time.now() }));
    client.answer = () => answered(401, 2000);
    await start();
    hub.putTariff('T1');
    await time.advance(second / 2);
    expect(await lane()).toMatchObject({ pausedBy: undefined, cursor: 0 });
    client.answer = () => accepted;
    await time.advance(3 * second);
    expect(await lane()).toMatchObject({ pausedBy: undefined, cursor: 1 });
  });

  it('believes a 401 ten seconds after an exchange of tokens', async () => {
    partners.set(lanePartner({ credentialsAt: time.now() }));
    client.answer = () => answered(401, 2000);
    await start();
    hub.putTariff('T1');
    await time.advance(30 * second);
    expect(await lane()).toMatchObject({ pausedBy: 'auth_failed', cursor: 0 });
  });

  describe('when tokens are exchanged while a push is under way', () => {
    let refuse: () => void;
    const exchange = (): void => partners.set(lanePartner({ credentialsAt: time.now() }), 'new');

    /** A push with the old token waits for its answer, long after registration; the new token will be accepted. */
    async function pushWithOldToken(): Promise<void> {
      client.answer = ({ token }) =>
        token === 'new'
          ? accepted
          : new Promise((resolve) => {
              refuse = () => resolve(answered(401, 2000));
            });
      await start();
      await time.advance(minute);
      hub.putTariff('T1');
      await time.advance(second);
    }

    async function expectDelivery(): Promise<void> {
      await time.advance(5 * second);
      expect(client.sent.map((one) => one.token)).toEqual(['token-of-p1', 'new']);
      expect(await lane()).toMatchObject({ pausedBy: undefined, cursor: 1, breaker: 'closed' });
    }

    it('tries again after a 401 to the old one', async () => {
      await pushWithOldToken();
      exchange();
      await time.advance(20 * second);
      refuse();
      await expectDelivery();
      expect(laneEvents).toEqual([]);
    });

    it('goes on when the new one comes before the lane is stopped', async () => {
      await pushWithOldToken();
      const save = store.save.bind(store);
      let isExchanged = false;
      store.save = (...args) => {
        if (!isExchanged) exchange();
        isExchanged = true;
        return save(...args);
      };
      refuse();
      await settle();
      expect(isExchanged).toBe(true);
      await expectDelivery();
      expect(laneEvents).toEqual([]);
    });

    it.each(['before', 'after'])('goes on when the new one comes right %s the lane is stopped', async (when) => {
      await pushWithOldToken();
      const pause = store.pause.bind(store);
      store.pause = async (...args) => {
        if (when === 'before') exchange();
        await pause(...args);
        if (when === 'after') exchange();
      };
      refuse();
      await expectDelivery();
      expect(laneEvents.map((event) => event.pausedBy)).toEqual(['auth_failed', undefined]);
    });

    it('goes on when the new one comes later, and stops again when that is refused', async () => {
      await pushWithOldToken();
      refuse();
      await time.advance(minute);
      expect(await lane()).toMatchObject({ pausedBy: 'auth_failed' });
      exchange();
      await expectDelivery();
      client.answer = () => answered(401, 2000);
      await time.advance(minute);
      hub.putTariff('T2');
      await time.advance(second);
      expect(await lane()).toMatchObject({ pausedBy: 'auth_failed' });
    });
  });

  it('finds after a restart that credentials were renewed meanwhile', async () => {
    client.answer = () => answered(401, 2000);
    await start();
    hub.putTariff('T1');
    await time.advance(second);
    await delivery.stop();
    await time.advance(second);
    partners.set(lanePartner({ credentialsAt: time.now() }));
    client.answer = () => accepted;
    queue = new FakeQueue(time);
    await start();
    await time.advance(3 * second);
    expect(await lane()).toMatchObject({ pausedBy: undefined, cursor: 1 });
  });

  it('costs no more than 2 s when a wake-up is lost', async () => {
    await start();
    await time.advance(second);
    queue.deaf = true;
    hub.putTariff('T1');
    await time.advance(second / 2);
    expect(client.sent).toHaveLength(0);
    queue.deaf = false;
    await time.advance(second);
    expect(client.sent).toHaveLength(1);
  });

  it('wakes its lanes once for many commits, and paused lanes not at all', async () => {
    for (let n = 0; n < 50; n++) partners.set(lanePartner({ id: `q${n}`, roles: [`NL/Q${n + 10} EMSP`] }));
    await start();
    for (let n = 0; n < 50; n++) await delivery.pause(`q${n}`);
    await time.advance(second);
    queue.wakeUps = 0;
    for (let n = 0; n < 1000; n++) hub.putTariff('T1');
    await settle();
    expect(queue.wakeUps).toBeLessThan(5);
  });

  it('does not touch a lane that another node has, and takes it over when its lease is out', async () => {
    await store.attach('p1', 0);
    await store.as('other').acquire('p1', 15 * second);
    await start();
    hub.putTariff('T1');
    await time.advance(14 * second);
    expect(client.sent).toHaveLength(0);
    await time.advance(3 * second);
    expect(client.sent).toHaveLength(1);
  });

  it('stops when it finds that another node has the lane, and writes nothing', async () => {
    await start();
    hub.putTariff('T1');
    await time.advance(10 * second);
    // Its lease is out, though it does not know yet: the head has not moved since.
    await time.advance(second);
    await store.as('other').acquire('p1', hour);
    await store.rewind('p1', 0);
    hub.putTariff('T2');
    await time.advance(10 * second);
    expect((await store.all())[0]).toMatchObject({ cursor: 0, leaseOwner: 'other' });
    expect(client.sent).toHaveLength(1);
  });

  it('sends nothing after its lease is out, though its clock was set back', async () => {
    let setBack = 0;
    await start({ clock: { now: () => time.now() - setBack } });
    hub.putTariff('T1');
    await time.advance(second);
    setBack = minute;
    await time.advance(11 * second);
    await store.as('other').acquire('p1', hour);
    hub.putTariff('T2');
    await time.advance(minute);
    expect(client.sent).toHaveLength(1);
  });

  it('hears of commits at once, though its clock was set back', async () => {
    let setBack = 0;
    await start({ clock: { now: () => time.now() - setBack } });
    hub.putTariff('T1');
    await time.advance(second);
    setBack = minute;
    hub.putTariff('T2');
    await time.advance(second / 10);
    expect(client.sent).toHaveLength(2);
  });

  describe('tells the operator once', () => {
    it('that a lane lags, and that it has caught up', async () => {
      client.answer = () => unreachable;
      await start();
      hub.putTariff('T1');
      await time.advance(58 * second);
      expect(alerts).toEqual([]);
      await time.advance(10 * second);
      expect(alerts).toEqual([{ partner: 'p1', kind: 'lagging', value: expect.any(Number) }]);
      expect(alerts[0]?.value).toBeGreaterThan(60);
      client.answer = () => accepted;
      await time.advance(minute);
      expect(alerts.slice(1)).toEqual([{ partner: 'p1', kind: 'caught_up', value: 0 }]);
    });

    it('that more objects are parked than before', async () => {
      client.answer = () => answered(422, 2001);
      await start({ timing: { exceptionMs: [] } });
      hub.putTariff('T1');
      await time.advance(10 * second);
      expect(alerts).toEqual([{ partner: 'p1', kind: 'parked', value: 1 }]);
      hub.putTariff('T2');
      await time.advance(10 * second);
      expect(alerts.slice(1)).toEqual([{ partner: 'p1', kind: 'parked', value: 2 }]);
    });

    it('that another node has taken its lane', async () => {
      await start();
      hub.putTariff('T1');
      await time.advance(11 * second);
      await store.as('other').acquire('p1', hour);
      expect(alerts).toEqual([]);
      await time.advance(10 * second);
      expect(alerts).toEqual([{ partner: 'p1', kind: 'lease_lost', value: 1 }]);
    });
  });

  it('goes on when storage is back, and counts nothing against the partner', async () => {
    let broken = true;
    const [locations, tariffs] = hub.sources();
    if (!locations || !tariffs) throw new Error('two sources');
    await start({
      sources: [
        locations,
        {
          module: 'tariffs',
          read: (row) => (broken ? Promise.reject(new StorageUnavailable(new Error('disk full'))) : tariffs.read(row)),
        },
      ],
    });
    hub.putTariff('T1');
    await time.advance(5 * second);
    expect(failures.length).toBeGreaterThan(0);
    expect(await lane()).toMatchObject({ cursor: 0, breaker: 'closed' });
    broken = false;
    await time.advance(2 * second);
    expect(await lane()).toMatchObject({ cursor: 1 });
  });

  it('sets an object aside that its own module cannot read', async () => {
    await start({
      sources: [
        { module: 'locations', read: () => Promise.reject(new TypeError('bug')) },
        ...hub.sources().filter((one) => one.module === 'tariffs'),
      ],
    });
    hub.putLocation('L1', ['E1']);
    hub.putTariff('T1');
    await time.advance(second);
    expect(client.calls).toEqual(['PUT tariffs/DE/CP1/T1']);
    expect(await lane()).toMatchObject({ cursor: 2 });
    expect(await store.hasExceptions('p1')).toBe(true);
  });

  it('keeps the cursor below the lowest row that is not done, and writes it down', async () => {
    let release = (): void => undefined;
    client.answer = ({ url }) =>
      url.endsWith('T2')
        ? new Promise((resolve) => {
            release = () => resolve(accepted);
          })
        : accepted;
    await start();
    for (const id of ['T1', 'T2', 'T3', 'T4']) hub.putTariff(id);
    await time.advance(second);
    expect((await store.all())[0]).toMatchObject({ cursor: 1 });
    release();
    await time.advance(second);
    expect((await store.all())[0]).toMatchObject({ cursor: 4 });
  });

  it('tells of every attempt', async () => {
    await start();
    await time.advance(second);
    hub.putTariff('T1');
    await time.advance(second);
    expect(events).toMatchObject([
      {
        partner: 'p1',
        party: 'NL/EM1',
        module: 'tariffs',
        object: 'DE/CP1/T1',
        method: 'PUT',
        httpStatus: 200,
        statusCode: 1000,
        outcome: 'success',
        durationMs: 5,
        correlationId: 'c1',
        lagMs: expect.any(Number),
      },
    ]);
  });
});
