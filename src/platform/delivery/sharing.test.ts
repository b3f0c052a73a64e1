import { afterEach, describe, expect, it } from '@jest/globals';
import type { OutboundOutcome } from '../outbound/outbound-types.js';
import { lanePartner } from './testing/lane-partner.js';
import { accepted, unreachable } from './testing/scripted-client.js';
import { ToyWorld } from './testing/toy-world.js';

const modules = ['locations', 'tariffs', 'tokens', 'hubclientinfo'];
const partner = (id: string, ...roles: readonly string[]) =>
  lanePartner({ id, roles, base: `https://${id}.example/ocpi`, receives: modules });

/** Two CPOs and one platform with two eMSPs. */
const parties = () => [
  partner('p1', 'DE/CP1 CPO'),
  partner('p2', 'DE/CP2 CPO'),
  partner('p3', 'FR/EM1 EMSP', 'FR/EM2 EMSP'),
];

describe('what is shared', () => {
  let world: ToyWorld;

  afterEach(async () => {
    expect(world.failures).toEqual([]);
    await world.end();
  });

  async function begin(options: Parameters<ToyWorld['start']>[0] = {}): Promise<void> {
    world = new ToyWorld(...parties());
    await world.start(options);
  }
  /** Sorted, for lanes are free to choose among Locations. */
  const told = async (ms?: number): Promise<readonly string[]> => [...(await world.sent(ms))].sort();
  const { objects } = { objects: () => world.objects };

  it('is told to those alone to whom it is shared', async () => {
    await begin();
    world.agree('deny', 'DE/CP1 FR/EM1 locations');
    objects().put('locations', 'DE/CP1/L1');
    objects().put('locations', 'DE/CP2/L1');
    objects().put('tariffs', 'DE/CP1/T1');
    expect(await told()).toEqual([
      'EM1 PUT locations/DE/CP2/L1',
      'EM1 PUT tariffs/DE/CP1/T1',
      'EM2 PUT locations/DE/CP1/L1',
      'EM2 PUT locations/DE/CP2/L1',
      'EM2 PUT tariffs/DE/CP1/T1',
    ]);
  });

  it('and no more does not leave, though it was read before and waits for its connection', async () => {
    await begin();
    const waiting: (() => void)[] = [];
    const left: string[] = [];
    world.client.answer = (request) =>
      new Promise<OutboundOutcome>((resolve) => {
        waiting.push(() => {
          if (request.mayLeave?.() === false) return resolve({ kind: 'refused', reason: 'withdrawn' });
          left.push(`${request.headers?.['OCPI-to-party-id']} ${request.url.split('/receiver/')[1]}`);
          resolve(accepted);
        });
      });
    for (let n = 0; n < 20; n++) objects().put('tariffs', `DE/CP1/T${n}`);
    objects().put('tariffs', 'DE/CP2/T1');
    await world.time.advance(10);
    expect(waiting.length).toBeGreaterThan(0);
    world.agree('deny', 'DE/CP1 * tariffs');
    for (let round = 0; round < 200; round++) {
      for (const go of waiting.splice(0)) go();
      await world.time.advance(5);
    }
    expect(left.sort()).toEqual(['EM1 tariffs/DE/CP2/T1', 'EM2 tariffs/DE/CP2/T1']);
  });

  it('anew is brought in its present state, that of no other owner, module or party', async () => {
    await begin();
    world.close('DE/CP1');
    objects().put('locations', 'DE/CP1/L1', { n: 1 });
    objects().put('locations', 'DE/CP1/L2', { n: 2 });
    objects().put('locations', 'DE/CP2/L1', { n: 3 });
    objects().put('tariffs', 'DE/CP1/T1');
    await told();
    objects().patch('locations', 'DE/CP1/L1', { n: 4 });
    expect(await told()).toEqual([]);
    world.agree('allow', 'DE/CP1 FR/EM1 locations');
    await world.time.advance(1000);
    const bodies = new Map(world.client.sent.map(({ url, body }) => [url.split('/').at(-1), body]));
    // ClientInfo is not there; what is told is the two Locations.
    expect(await told()).toEqual(['EM1 PUT locations/DE/CP1/L1', 'EM1 PUT locations/DE/CP1/L2']);
    expect(bodies).toEqual(
      new Map([
        ['L1', '{"n":4}'],
        ['L2', '{"n":2}'],
      ]),
    );
    // And from then on what changes.
    objects().patch('locations', 'DE/CP1/L1', { n: 5 });
    expect(await told()).toEqual(['EM1 PATCH locations/DE/CP1/L1']);
  });

  it('anew comes though it never changed since its receiver was attached', async () => {
    world = new ToyWorld(...parties().slice(0, 2));
    world.close('DE/CP1');
    await world.start();
    objects().put('locations', 'DE/CP1/L1');
    objects().put('locations', 'DE/CP2/L1');
    world.partners.set(parties()[2] ?? partner('p3'));
    await world.delivery.attach('p3');
    expect(await told()).toEqual([]);
    world.close();
    expect(await told()).toEqual(['EM1 PUT locations/DE/CP1/L1', 'EM2 PUT locations/DE/CP1/L1']);
  });

  it('again after it was withdrawn is whole again: what was missed, what was held, and what was deleted', async () => {
    await begin();
    objects().put('tariffs', 'DE/CP1/T1');
    objects().put('tariffs', 'DE/CP1/T2');
    objects().put('locations', 'DE/CP1/L1');
    await told();
    world.agree('deny', 'DE/CP1 FR/EM2 *');
    await told();
    objects().remove('tariffs', 'DE/CP1/T1');
    objects().put('tariffs', 'DE/CP1/T3');
    expect(await told()).toEqual(['EM1 DELETE tariffs/DE/CP1/T1', 'EM1 PUT tariffs/DE/CP1/T3']);
    world.agree('allow', 'DE/CP1 FR/EM2 *');
    expect(await told()).toEqual([
      'EM2 DELETE tariffs/DE/CP1/T1',
      'EM2 PUT locations/DE/CP1/L1',
      'EM2 PUT tariffs/DE/CP1/T2',
      'EM2 PUT tariffs/DE/CP1/T3',
    ]);
    expect(await told(60_000)).toEqual([]);
  });

  it('with a platform decides for ClientInfo if one of its parties may know', async () => {
    await begin();
    world.close('DE/CP1');
    objects().put('hubclientinfo', 'DE/CP1/CPO', {}, '/DE/CP1');
    expect(await told()).toEqual([]);
    world.agree('allow', 'DE/CP1 FR/EM2 tariffs');
    expect(await told()).toEqual(['- PUT hubclientinfo/DE/CP1']);
  });

  it('is never asked about while everybody shares everything', async () => {
    await begin();
    let asked = 0;
    const { shares, judge } = world.policy;
    world.policy.shares = (...flow) => {
      asked++;
      return shares.apply(world.policy, flow);
    };
    world.policy.judge = (flow) => {
      asked++;
      return judge.call(world.policy, flow);
    };
    for (let n = 0; n < 20; n++) objects().put('tariffs', `DE/CP1/T${n}`);
    expect(await told()).toHaveLength(40);
    expect(asked).toBe(0);
  });

  it('anew is brought in small portions, and what changes meanwhile comes through', async () => {
    await begin();
    world.close('DE/CP1');
    for (let n = 0; n < 3000; n++) objects().put('tariffs', `DE/CP1/T${n}`);
    await told();
    let largest = 0;
    const read = objects().changes.changesAfter.bind(objects().changes);
    objects().changes.changesAfter = async (cursor, limit) => {
      const rows = await read(cursor, limit);
      largest = Math.max(largest, rows.length);
      return rows;
    };
    // One at a time, 10 ms each.
    world.client.answer = () =>
      new Promise((resolve) => {
        world.time.after(10, () => resolve(accepted));
      });
    world.agree('allow', 'DE/CP1 FR/EM1 tariffs');
    await world.sent(500);
    objects().put('tariffs', 'DE/CP2/NEW');
    objects().put('tariffs', 'DE/CP1/T2999', { late: true });
    const soon = await world.sent(200);
    expect(soon).toEqual(expect.arrayContaining(['EM1 PUT tariffs/DE/CP2/NEW', 'EM1 PUT tariffs/DE/CP1/T2999']));
    const rest = await world.sent(30_000);
    const all = new Set([...soon, ...rest].filter((one) => one.includes('CP1')));
    expect(all.size).toBeGreaterThan(2000);
    expect(rest.filter((one) => one.includes('T2999'))).toEqual([]);
    expect(largest).toBeLessThanOrEqual(500);
  });

  it('anew goes on where it was after a crash, in whoever takes the lane up', async () => {
    world = new ToyWorld(...parties());
    let isDead = false;
    const { store, time } = world;
    const mortal = new Proxy(store, {
      get: (target, name): unknown => {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]): unknown =>
          isDead ? new Promise(() => undefined) : Reflect.apply(value, target, args);
      },
    });
    await world.start({ store: mortal, timers: { after: (ms, job) => time.after(ms, () => isDead || job()) } });
    world.close('DE/CP1');
    for (let n = 0; n < 300; n++) objects().put('tariffs', `DE/CP1/T${n}`);
    await told();
    let answers = 0;
    world.client.answer = () => {
      if (++answers === 100) isDead = true;
      return isDead ? new Promise(() => undefined) : accepted;
    };
    world.agree('allow', 'DE/CP1 FR/EM1 tariffs');
    const before = await world.sent();
    expect(before.length).toBeLessThan(110);
    world.client.answer = () => accepted;
    await world.start({ store: store.as('other') });
    const after = await world.sent(60_000);
    expect(new Set([...before, ...after]).size).toBe(300);
    // What was on its way and what was not written down.
    expect(before.filter((one) => after.includes(one)).length).toBeLessThanOrEqual(8);
  });

  it('anew is brought to none of those who had it all along, though nobody remembers what they hold', async () => {
    await begin();
    objects().put('tariffs', 'DE/CP1/T1');
    objects().put('tariffs', 'DE/CP2/T1');
    world.agree('deny', 'DE/CP1 FR/EM1 tariffs');
    await told();
    await world.delivery.stop();
    await world.start();
    world.agree('allow', 'DE/CP1 FR/EM1 tariffs');
    expect(await told()).toEqual(['EM1 PUT tariffs/DE/CP1/T1']);
  });

  it('anew is brought by a node that was not there when it was agreed', async () => {
    await begin();
    objects().put('tariffs', 'DE/CP1/T1');
    world.agree('deny', 'DE/CP1 FR/EM1 tariffs');
    await told();
    await world.delivery.stop();
    world.agree('allow', 'DE/CP1 FR/EM1 tariffs');
    await world.start();
    expect(await told(2000)).toEqual(['EM1 PUT tariffs/DE/CP1/T1']);
  });

  it('anew comes once, whether the lane had read it before it was withdrawn or not, and though it stops in between (P11)', async () => {
    world = new ToyWorld(...parties().slice(0, 2), partner('p3', 'FR/EM1 EMSP'));
    await world.start();
    for (let n = 0; n < 200; n++) objects().put('tariffs', `DE/CP1/OLD${n}`);
    await told();
    world.client.answer = () => unreachable;
    for (let n = 0; n < 10; n++) objects().put('tariffs', `DE/CP1/NEW${n}`);
    await told(500);
    world.agree('deny', 'DE/CP1 * tariffs');
    await told(100);
    world.agree('allow', 'DE/CP1 * tariffs');
    await told(100);
    let answers = 0;
    let stopped: Promise<void> | undefined;
    world.client.answer = () => {
      if (++answers === 100) stopped = world.delivery.stop();
      return accepted;
    };
    const before = await world.sent(60_000);
    await stopped;
    expect(before.length).toBeLessThan(120);
    await world.start();
    const all = [...before, ...(await world.sent(60_000))];
    expect(all.length).toBe(210);
    expect(new Set(all).size).toBe(210);
  });

  it('may be brought once more at the operator’s word', async () => {
    await begin();
    objects().put('tariffs', 'DE/CP1/T1');
    objects().put('tariffs', 'DE/CP2/T1');
    objects().put('locations', 'DE/CP1/L1');
    await told();
    await world.delivery.backfill('p3', 'DE/CP1', 'tariffs');
    expect(await told()).toEqual(['EM1 PUT tariffs/DE/CP1/T1', 'EM2 PUT tariffs/DE/CP1/T1']);
  });

  it('is brought when the partner is there again, if it is not now', async () => {
    await begin();
    world.close('DE/CP1');
    objects().put('tariffs', 'DE/CP1/T1');
    objects().put('tariffs', 'DE/CP2/T1');
    world.client.answer = () => unreachable;
    await told(120_000);
    world.close();
    await told(120_000);
    world.client.answer = () => accepted;
    expect(new Set(await told(120_000))).toEqual(
      new Set(['CP1', 'CP2'].flatMap((owner) => ['EM1', 'EM2'].map((one) => `${one} PUT tariffs/DE/${owner}/T1`))),
    );
  });
});
