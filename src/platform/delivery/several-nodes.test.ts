import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import Database, { type Database as SqliteDatabase } from 'better-sqlite3';
import type { Delivery, DeliveryOptions } from './delivery.js';
import { WakeUps } from './testing/fake-queue.js';
import { FakeTime, settle } from './testing/fake-time.js';
import { FakePartners, lanePartner } from './testing/lane-partner.js';
import { MemoryLaneStore } from './testing/memory-lane-store.js';
import { changeTable, ModelHub } from './testing/model-hub.js';
import { ModelNode } from './testing/model-node.js';
import { accepted, ScriptedClient } from './testing/scripted-client.js';

const second = 1000;

/** Two nodes over one store, with a clock that the test moves and the real spans of time. */
describe('delivery from several nodes', () => {
  let db: SqliteDatabase;
  let time: FakeTime;
  let hub: ModelHub;
  let store: MemoryLaneStore;
  let partners: FakePartners;
  let wakeUps: WakeUps;
  let clients: Map<string, ScriptedClient>;
  let nodes: Map<string, ModelNode>;

  beforeEach(() => {
    db = new Database(':memory:');
    db.exec(changeTable);
    time = new FakeTime();
    hub = new ModelHub(db, () => time.now());
    store = new MemoryLaneStore(time);
    partners = new FakePartners(lanePartner());
    wakeUps = new WakeUps();
    clients = new Map();
    nodes = new Map();
  });
  afterEach(() => {
    for (const node of nodes.values()) node.end();
    db.close();
  });

  const client = (name: string): ScriptedClient => clients.get(name) ?? new ScriptedClient(() => 0);
  const sent = (name: string): readonly string[] => client(name).calls;
  const record = async () => (await store.all())[0];
  const delivery = (name: string): Delivery => {
    const found = nodes.get(name)?.delivery;
    if (!found) throw new Error(`no node ${name}`);
    return found;
  };

  async function start(name: string, options: Partial<DeliveryOptions> = {}): Promise<void> {
    const scripted = new ScriptedClient(() => time.now());
    clients.set(name, scripted);
    const node = new ModelNode({
      name,
      hub,
      timers: time,
      wakeUps,
      store: store.as(name),
      random: Math.random,
      slow: false,
      outOfOrder: false,
      cursorAlone: false,
      noNote: false,
    });
    nodes.set(name, node);
    await node.begin({
      partners,
      client: { send: (request) => node.heard(() => scripted.send(request)) },
      hub: { country_code: 'NL', party_id: 'HUB' },
      clock: time,
      monotonic: () => time.now(),
      random: () => 0.5,
      ...options,
    });
    await settle();
  }

  it.each(['dies', 'is frozen'])('goes on within 13 s when the node that has the lane %s', async (fate) => {
    await start('a');
    hub.putTariff('T1');
    await time.advance(second);
    await start('b');
    if (fate === 'dies') nodes.get('a')?.end();
    else nodes.get('a')?.freeze();
    hub.putTariff('T2');
    await time.advance(5 * second);
    expect(sent('b')).toEqual([]);
    await time.advance(8 * second);
    expect(sent('b')).toEqual(['PUT tariffs/DE/CP1/T2']);
    nodes.get('a')?.thaw();
    hub.putTariff('T3');
    await time.advance(second);
    expect(sent('a')).toEqual(['PUT tariffs/DE/CP1/T1']);
    expect(sent('b')).toEqual(['PUT tariffs/DE/CP1/T2', 'PUT tariffs/DE/CP1/T3']);
    expect(await record()).toMatchObject({ leaseOwner: 'b', cursor: 3 });
  });

  it('keeps the lane while it waits for an answer for longer than a lease', async () => {
    await start('a', { timing: { leaseMs: 3 * second } });
    await start('b');
    const pending: (() => void)[] = [];
    client('a').answer = () =>
      new Promise((resolve) => {
        pending.push(() => resolve(accepted));
      });
    client('b').answer = client('a').answer;
    hub.putTariff('T1');
    await time.advance(9 * second);
    expect(sent('a').length + sent('b').length).toBe(1);
    for (const answer of pending) answer();
    await time.advance(second);
    expect(sent('a').length + sent('b').length).toBe(1);
    expect(await record()).toMatchObject({ cursor: 1 });
  });

  it('hands a lane over at once when the node that has it stops', async () => {
    await start('a');
    hub.putTariff('T1');
    await time.advance(second);
    await start('b');
    await delivery('a').stop();
    nodes.get('a')?.end();
    expect(await record()).toMatchObject({ leaseOwner: undefined, leaseLeftMs: 0 });
    hub.putTariff('T2');
    await time.advance(2 * second);
    expect(sent('b')).toEqual(['PUT tariffs/DE/CP1/T2']);
  });

  it('gives a lane back whose partner is not told anything any more', async () => {
    await start('a');
    hub.putTariff('T1');
    await time.advance(second);
    partners.set(lanePartner({ status: 'SUSPENDED' }));
    hub.putTariff('T2');
    await time.advance(12 * second);
    expect(await record()).toMatchObject({ leaseLeftMs: 0, cursor: 1 });
  });

  it('never lets another node send what the one before has under way, when a third one says resync', async () => {
    await start('a');
    await start('b', { works: false });
    await start('c');
    let release = (): void => undefined;
    const first = new Promise<void>((resolve) => {
      release = resolve;
    });
    for (const name of ['a', 'c']) client(name).answer = () => first.then(() => accepted);
    hub.putTariff('T1');
    await time.advance(second / 10);
    const owner = (await record())?.leaseOwner ?? '';
    const other = owner === 'a' ? 'c' : 'a';
    await delivery('b').resync('p1');
    await time.advance(8 * second);
    expect(sent(other)).toEqual([]);
    release();
    await time.advance(8 * second);
    expect(sent(other)).toEqual([]);
    expect(sent(owner)).toEqual(['PUT tariffs/DE/CP1/T1', 'PUT tariffs/DE/CP1/T1']);
  });

  describe('a node that only takes requests', () => {
    it('sends nothing, and its word reaches those that do', async () => {
      await start('api', { works: false });
      await start('worker');
      hub.putTariff('T1');
      await time.advance(5 * second);
      expect(sent('api')).toEqual([]);
      expect(sent('worker')).toHaveLength(1);
      await delivery('api').pause('p1');
      await time.advance(2 * second);
      hub.putTariff('T2');
      await time.advance(5 * second);
      expect(sent('worker')).toHaveLength(1);
      await delivery('api').resume('p1');
      await time.advance(3 * second);
      expect(sent('worker')).toHaveLength(2);
      await delivery('api').resync('p1');
      await time.advance(3 * second);
      expect(sent('worker')).toHaveLength(4);
      expect(delivery('api').figures()).toMatchObject([{ partnerId: 'p1', cursor: 2, lagObjects: 0 }]);
    });

    it('gives new partners their lane', async () => {
      await start('api', { works: false });
      await start('worker');
      hub.putTariff('T1');
      partners.set(lanePartner({ id: 'p2', roles: ['NL/EM2 EMSP'], base: 'https://two.example/ocpi' }));
      await delivery('api').attach('p2');
      hub.putTariff('T2');
      await time.advance(3 * second);
      expect(client('worker').sent.filter((one) => one.url.startsWith('https://two.example'))).toHaveLength(1);
    });
  });

  it('wakes lanes in nobody’s hands once between two sweeps, however many commits there are', async () => {
    for (let n = 0; n < 40; n++)
      partners.set(lanePartner({ id: `q${n}`, roles: [`NL/Q${n + 10} EMSP`], receives: ['locations'] }));
    await start('a');
    hub.putTariff('T1');
    await time.advance(20 * second);
    nodes.get('a')?.end();
    await start('b');
    wakeUps.shared = 0;
    // Wake-ups go nowhere: the lanes stay in nobody's hands.
    const queue = nodes.get('b')?.queue;
    if (queue) queue.cutOff = true;
    for (let n = 0; n < 60; n++) {
      hub.putTariff('T1');
      await time.advance(4);
    }
    expect(wakeUps.shared).toBe(41);
  });

  it('leaves lanes alone that another node has', async () => {
    await start('a');
    hub.putTariff('T1');
    await time.advance(second);
    await start('b');
    await time.advance(2 * second);
    wakeUps.shared = 0;
    for (let n = 0; n < 100; n++) {
      hub.putTariff('T1');
      await time.advance(10);
    }
    expect(wakeUps.shared).toBe(0);
    expect(sent('b')).toEqual([]);
    expect(await record()).toMatchObject({ leaseOwner: 'a' });
  });

  it('has no more than 8 pushes under way or done that are not written down (P7)', async () => {
    await start('a');
    await time.advance(second);
    const save = store.save.bind(store);
    let stuck = true;
    const held: (() => void)[] = [];
    const a = nodes.get('a');
    if (a) {
      a.options.store.save = (progress, leaseMs) =>
        stuck ? new Promise((resolve) => held.push(() => resolve(save(progress, leaseMs)))) : save(progress, leaseMs);
    }
    for (let n = 0; n < 40; n++) hub.putTariff(`T${n}`);
    await time.advance(second);
    expect(sent('a')).toHaveLength(8);
    stuck = false;
    for (const release of held) release();
    await time.advance(second);
    expect(sent('a')).toHaveLength(40);
  });

  it('repeats nothing that was done beyond the cursor while a slow answer held it', async () => {
    await start('a');
    client('a').answer = ({ url }) => (url.endsWith('T0') ? new Promise(() => undefined) : accepted);
    for (let n = 0; n < 30; n++) hub.putTariff(`T${n}`);
    await time.advance(second);
    expect(sent('a')).toHaveLength(30);
    expect(await record()).toMatchObject({ cursor: 0 });
    nodes.get('a')?.end();
    await start('b');
    await time.advance(13 * second);
    expect(sent('b')).toEqual(['PUT tariffs/DE/CP1/T0']);
    expect(await record()).toMatchObject({ cursor: 30, ahead: '' });
  });

  it('repeats no EVSE that went along with its Location, whoever sends next', async () => {
    await start('a');
    // The Location is taken with what its EVSE became; the row of the EVSE is further back than the lane has read.
    client('a').answer = ({ url }) => (url.includes('tariffs') ? new Promise(() => undefined) : accepted);
    hub.putLocation('L1', ['E1', 'E2']);
    for (let n = 0; n < 170; n++) hub.putTariff(`T${n}`);
    hub.patchEvse('L1', 'E1', 'status');
    await time.advance(second);
    expect(sent('a').filter((call) => call.includes('locations'))).toEqual(['PUT locations/DE/CP1/L1']);
    nodes.get('a')?.end();
    await start('b');
    await time.advance(13 * second);
    expect(sent('b')).toHaveLength(170);
    expect(sent('b').filter((call) => call.includes('locations'))).toEqual([]);
    expect(await record()).toMatchObject({ cursor: 172, ahead: '' });
  });

  it('gives lanes back one by one when it stops, and does not wait for the slowest', async () => {
    partners.set(lanePartner({ id: 'p2', roles: ['NL/EM2 EMSP'], base: 'https://two.example/ocpi' }));
    await start('a');
    client('a').answer = ({ url }) => (url.startsWith('https://two') ? new Promise(() => undefined) : accepted);
    hub.putTariff('T1');
    await time.advance(second);
    void delivery('a').stop();
    await time.advance(second);
    const left = (await store.all()).map((one) => one.leaseLeftMs > 0);
    expect(left).toEqual([false, true]);
  });
});
