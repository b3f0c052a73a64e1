import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type {
  CircuitStateName,
  LaneProgress,
  LaneRecord,
  LaneStore,
  NewException,
  PushException,
} from '../../src/platform/delivery/index.js';
import { FakeTime } from '../../src/platform/delivery/testing/fake-time.js';

/** Two nodes that share the same tables, and the clock that the tables go by. */
export interface LaneStoresUnderTest {
  readonly here: LaneStore;
  readonly there: LaneStore;
  close(): Promise<void>;
}

const leaseMs = 15_000;
export const closed = {
  state: 'closed' as CircuitStateName,
  failures: 0,
  openedAt: undefined,
  firstFailureAt: undefined,
  nextDue: 0,
};

/** An object that a partner refused. */
export function refusal(traits: Partial<NewException> = {}): NewException {
  return {
    partner: 'p1',
    party: 'NL/EM1',
    module: 'locations',
    object: 'DE/CP1/LOC1/EVSE1',
    laneKey: 'DE/CP1/LOC1',
    owner: 'DE/CP1',
    isDelete: false,
    seq: 7,
    attempts: 1,
    http: 400,
    ocpi: 2001,
    reason: 'HTTP 400, OCPI 2001',
    state: 'retry',
    correlationId: 'c7',
    recordedAt: 42,
    dueInMs: 30_000,
    ...traits,
  };
}

/** What every lane store promises. */
export function describeLaneStore(name: string, open: (time: FakeTime) => Promise<LaneStoresUnderTest>): void {
  describe(`lane store: ${name}`, () => {
    let time: FakeTime;
    let stores: LaneStoresUnderTest;
    let here: LaneStore;
    let there: LaneStore;

    beforeEach(async () => {
      time = new FakeTime();
      stores = await open(time);
      ({ here, there } = stores);
      await here.attach('p1', 10);
    });
    afterEach(() => stores.close());

    const lane = async (partner = 'p1'): Promise<LaneRecord | undefined> =>
      (await there.all()).find((one) => one.partner === partner);
    const held = async (): Promise<LaneRecord> => {
      const record = await here.acquire('p1', leaseMs);
      if (!record) throw new Error('the lane is free and was refused');
      return record;
    };
    const fenceNow = async (partner = 'p1'): Promise<number> => (await lane(partner))?.fence ?? -1;
    const note = async (traits: Partial<NewException> = {}): Promise<void> => {
      expect(await here.noteException(refusal(traits), await fenceNow(traits.partner))).toBe(true);
    };
    const progress = (fence: number, traits: Partial<LaneProgress> = {}): LaneProgress => ({
      partner: 'p1',
      fence,
      cursor: 20,
      ahead: '',
      circuit: closed,
      cleared: [],
      ...traits,
    });

    describe('a lane', () => {
      it('starts where it was attached, and stays there when it is attached again', async () => {
        await here.attach('p1', 99);
        expect(await lane()).toEqual({
          partner: 'p1',
          cursor: 10,
          fence: 0,
          leaseOwner: undefined,
          leaseLeftMs: 0,
          circuit: closed,
          pausedBy: undefined,
          pausedAt: undefined,
          ahead: '',
          policy: 0,
        });
      });

      it('is in one hand at a time', async () => {
        expect(await here.acquire('p1', leaseMs)).toMatchObject({ fence: 1, leaseLeftMs: leaseMs });
        expect(await there.acquire('p1', leaseMs)).toBeUndefined();
      });

      it('can be taken over when its lease is out, and the fence moves', async () => {
        await held();
        await time.advance(leaseMs - 1);
        expect(await there.acquire('p1', leaseMs)).toBeUndefined();
        await time.advance(1);
        expect(await there.acquire('p1', leaseMs)).toMatchObject({ fence: 2 });
      });

      it('is given to the node that has it already, with a new fence', async () => {
        await held();
        expect(await here.acquire('p1', leaseMs)).toMatchObject({ fence: 2 });
      });

      it('is refused where there is none', async () => {
        expect(await here.acquire('p2', leaseMs)).toBeUndefined();
      });

      it('is free when its node gives back what it held before it ended', async () => {
        await held();
        await there.releaseOwn();
        expect(await there.acquire('p1', leaseMs)).toBeUndefined();
        await here.releaseOwn();
        expect(await there.acquire('p1', leaseMs)).toBeDefined();
      });

      it("is in nobody's hands when its lease is out, whoever had it", async () => {
        await held();
        await time.advance(leaseMs - 1);
        expect(await lane()).toMatchObject({ leaseOwner: here.node, leaseLeftMs: 1 });
        await time.advance(1);
        expect(await lane()).toMatchObject({ leaseLeftMs: 0 });
      });

      it('is given back at once by whoever has the fence, and by nobody else', async () => {
        const { fence } = await held();
        await here.release('p1', fence - 1);
        expect(await there.acquire('p1', leaseMs)).toBeUndefined();
        await here.release('p1', fence);
        expect(await there.acquire('p1', leaseMs)).toMatchObject({ fence: fence + 1 });
        await here.release('p1', fence);
        expect(await here.acquire('p1', leaseMs)).toBeUndefined();
      });

      it('is gone with its exceptions when it is detached', async () => {
        await note();
        await here.detach('p1');
        expect(await lane()).toBeUndefined();
        expect(await here.hasExceptions('p1')).toBe(false);
      });
    });

    describe('progress', () => {
      it('is written with the right fence, and renews the lease', async () => {
        const { fence } = await held();
        await time.advance(10_000);
        const circuit = { state: 'open' as const, failures: 5, openedAt: 3, firstFailureAt: 2, nextDue: 4 };
        expect(await here.save([progress(fence, { circuit })], leaseMs)).toEqual([]);
        expect(await lane()).toMatchObject({ cursor: 20, circuit, leaseLeftMs: leaseMs });
      });

      it('keeps what is done beyond the cursor, until the cursor is set', async () => {
        const { fence } = await held();
        const ahead = '{"é":[1,2,"\'"]}';
        await here.save([progress(fence, { ahead })], leaseMs);
        expect(await held()).toMatchObject({ cursor: 20, ahead });
        await here.pause('p1', 'operator');
        await here.resume('p1');
        expect(await held()).toMatchObject({ ahead });
        await here.rewind('p1', 20);
        expect(await held()).toMatchObject({ ahead: '' });
      });

      it('is not written with a fence that has moved', async () => {
        const { fence } = await held();
        await time.advance(leaseMs);
        await there.acquire('p1', leaseMs);
        expect(await here.save([progress(fence)], leaseMs)).toEqual(['p1']);
        expect(await lane()).toMatchObject({ cursor: 10 });
      });

      it('of several lanes is written in one go, each judged by itself', async () => {
        await here.attach('p2', 0);
        const { fence } = await held();
        expect(await here.save([progress(fence), progress(7, { partner: 'p2' })], leaseMs)).toEqual(['p2']);
        expect(await lane()).toMatchObject({ cursor: 20 });
        expect(await lane('p2')).toMatchObject({ cursor: 0 });
      });

      it.each([
        ['rewind', (store: LaneStore) => store.rewind('p1', 0)],
        ['pause', (store: LaneStore) => store.pause('p1', 'operator')],
        ['resume', (store: LaneStore) => store.resume('p1')],
      ])('is void after %s by whomever', async (_name, change) => {
        const { fence } = await held();
        await change(there);
        expect(await here.save([progress(fence)], leaseMs)).toEqual(['p1']);
        expect(await here.noteException(refusal(), fence)).toBe(false);
        expect(await here.hasExceptions('p1')).toBe(false);
      });

      it.each([
        ['rewind', (store: LaneStore) => store.rewind('p1', 0)],
        ['pause and resume', (store: LaneStore) => store.pause('p1', 'operator').then(() => store.resume('p1'))],
      ])('%s leaves the lease where it is: nobody else may send before it is out', async (_name, change) => {
        await held();
        await change(there);
        expect(await there.acquire('p1', leaseMs)).toBeUndefined();
        expect(await here.acquire('p1', leaseMs)).toBeDefined();
      });
    });

    describe('the operator', () => {
      it('rewinds a cursor', async () => {
        await here.rewind('p1', 3);
        expect(await held()).toMatchObject({ cursor: 3 });
      });

      it('pauses a lane, which nobody gets until it is resumed, with a closed breaker', async () => {
        const { fence } = await held();
        const circuit = { state: 'open' as const, failures: 5, openedAt: 3, firstFailureAt: 2, nextDue: 4 };
        await here.save([progress(fence, { circuit })], leaseMs);
        await here.pause('p1', 'auth_failed');
        expect(await lane()).toMatchObject({ pausedBy: 'auth_failed', pausedAt: time.now() });
        expect(await here.acquire('p1', leaseMs)).toBeUndefined();
        await there.resume('p1');
        expect(await here.acquire('p1', leaseMs)).toMatchObject({ cursor: 20, circuit: closed, pausedBy: undefined });
      });
    });

    describe('an object that goes its own way', () => {
      const all = async (): Promise<readonly PushException[]> => here.pendingExceptions('p1', 100);

      it('comes back as it was noted', async () => {
        const { dueInMs, ...rest } = refusal();
        await note();
        expect(await all()).toEqual([{ ...rest, nextDue: time.now() + dueInMs }]);
        expect(await here.hasExceptions('p1')).toBe(true);
        expect(await here.hasExceptions('p2')).toBe(false);
      });

      it('is neither noted nor dropped by a node that lost the lane', async () => {
        const { fence } = await held();
        await note();
        const [noted] = await all();
        await time.advance(leaseMs);
        await there.acquire('p1', leaseMs);
        expect(await here.noteException(refusal({ attempts: 2, reason: 'late' }), fence)).toBe(false);
        expect(noted && (await here.dropException(noted, fence))).toBe(false);
        expect(await all()).toEqual([noted]);
      });

      it('is not noted for a partner without a lane', async () => {
        expect(await here.noteException(refusal({ partner: 'nobody' }), 0)).toBe(false);
        expect(await here.hasExceptions('nobody')).toBe(false);
      });

      it('is one for each receiving party and module', async () => {
        await note();
        await note({ party: 'NL/EM2' });
        await note({ module: 'tariffs' });
        expect(await all()).toHaveLength(3);
      });

      it('keeps its schedule when it is refused again in passing', async () => {
        await note({ attempts: 3, dueInMs: 1000 });
        await note({ attempts: 1, dueInMs: 30_000, seq: 9, reason: 'again' });
        expect(await all()).toMatchObject([{ attempts: 3, nextDue: time.now() + 1000, seq: 9, reason: 'again' }]);
      });

      it('moves on in its schedule, until it is parked', async () => {
        await note({ attempts: 5 });
        await note({ attempts: 6, state: 'parked', dueInMs: 0 });
        expect(await all()).toEqual([]);
        const { total, items } = await here.parked({}, 10);
        expect(total).toBe(1);
        expect(items).toMatchObject([{ state: 'parked', attempts: 6, nextDue: time.now() }]);
      });

      it('is to settle whatever was noted before, and whatever is refused meanwhile', async () => {
        await note({ attempts: 6, state: 'parked' });
        await note({ attempts: 0, state: 'settle', dueInMs: 5000 });
        await note({ attempts: 1 });
        expect(await all()).toMatchObject([{ state: 'settle', attempts: 0, nextDue: time.now() + 5000 }]);
      });

      it('comes in the order of its time, as many as asked for', async () => {
        await note({ object: 'DE/CP1/B', dueInMs: 2000 });
        await note({ object: 'DE/CP1/A', dueInMs: 3000 });
        await note({ object: 'DE/CP1/C', dueInMs: 1000 });
        expect((await here.pendingExceptions('p1', 2)).map((one) => one.object)).toEqual(['DE/CP1/C', 'DE/CP1/B']);
      });

      it('tells whose time has come', async () => {
        await here.attach('p2', 0);
        await note();
        await note({ partner: 'p2', state: 'parked', dueInMs: 0 });
        expect(await here.partnersWithDueExceptions()).toEqual([]);
        await time.advance(30_000);
        expect(await here.partnersWithDueExceptions()).toEqual(['p1']);
      });

      it('is dropped only as it was read', async () => {
        await note();
        const [before] = await all();
        await time.advance(1);
        await note({ attempts: 2 });
        if (before) await here.dropException(before, await fenceNow());
        const [now] = await all();
        expect(now).toMatchObject({ attempts: 2 });
        if (now) await here.dropException(now, await fenceNow());
        expect(await all()).toEqual([]);
      });

      it('is void when the partner takes it, but not what was refused later, nor what is to settle', async () => {
        const { fence } = await held();
        await note();
        await note({ object: 'DE/CP1/LATER', laneKey: 'DE/CP1/LATER', seq: 9 });
        await note({ object: 'DE/CP1/SETTLE', laneKey: 'DE/CP1/SETTLE', state: 'settle' });
        const taken = ['DE/CP1/LOC1/EVSE1', 'DE/CP1/LATER', 'DE/CP1/SETTLE'];
        const cleared = taken.map((object) => {
          return { party: 'NL/EM1', module: 'locations' as const, object, whole: false, seq: 8 };
        });
        await here.save([progress(fence, { cleared })], leaseMs);
        expect((await all()).map((one) => one.object).sort()).toEqual(['DE/CP1/LATER', 'DE/CP1/SETTLE']);
      });

      it('is void when its Location is taken whole', async () => {
        const { fence } = await held();
        await note();
        await note({ party: 'NL/EM2' });
        const whole = { party: 'NL/EM1', module: 'locations' as const, object: 'DE/CP1/LOC1', whole: true, seq: 8 };
        await here.save([progress(fence, { cleared: [whole] })], leaseMs);
        expect((await all()).map((one) => one.party)).toEqual(['NL/EM2']);
      });
    });

    describe('parked objects', () => {
      beforeEach(async () => {
        const parked = { state: 'parked' as const, attempts: 6, dueInMs: 0 };
        await here.attach('p2', 0);
        await note(parked);
        await time.advance(1000);
        await note({ ...parked, module: 'tariffs', object: 'DE/CP1/T1', laneKey: 'DE/CP1/T1' });
        await time.advance(1000);
        await note({ ...parked, partner: 'p2' });
        await note({ object: 'DE/CP1/RETRY' });
      });

      it('are listed newest first, and counted', async () => {
        const { total, items } = await here.parked({}, 2);
        expect(total).toBe(3);
        expect(items.map((one) => [one.partner, one.module])).toEqual([
          ['p2', 'locations'],
          ['p1', 'tariffs'],
        ]);
        expect(await here.parkedCounts()).toEqual(
          new Map([
            ['p1', 2],
            ['p2', 1],
          ]),
        );
      });

      it.each([
        [{ partner: 'p1' }, 2],
        [{ module: 'tariffs' }, 1],
        [{ object: 'DE/CP1/LOC1/EVSE1' }, 2],
        [{ partner: 'p1', object: 'DE/CP1/LOC1/EVSE1' }, 1],
        [{ partner: 'nobody' }, 0],
      ])('are chosen by %j', async (filter, count) => {
        expect((await here.parked(filter, 10)).total).toBe(count);
        expect(await here.replay(filter)).toMatchObject({ objects: count });
        expect((await here.parked({}, 10)).total).toBe(3 - count);
      });

      it('are chosen by the time since when they are', async () => {
        const now = time.now();
        expect((await here.parked({ from: now - 1000 }, 10)).total).toBe(2);
        expect((await here.parked({ to: now - 1000 }, 10)).total).toBe(2);
        expect((await here.parked({ from: now - 1500, to: now - 500 }, 10)).total).toBe(1);
      });

      it('are due at once when they are replayed, from the first attempt on', async () => {
        expect(await here.replay({ partner: 'p1' })).toEqual({ partners: ['p1'], objects: 2 });
        const [first] = await here.pendingExceptions('p1', 10);
        expect(first).toMatchObject({ state: 'retry', attempts: 0, nextDue: time.now() });
        expect(await here.partnersWithDueExceptions()).toEqual(['p1']);
      });
    });
  });
}
