import { afterAll, afterEach, beforeEach, expect, it } from '@jest/globals';
import nock from 'nock';
import { systemClock } from '../../src/kernel/clock.js';
import { OutboundClient } from '../../src/platform/outbound/index.js';
import {
  defaultSwitches,
  type Partner,
  type PartnerDirectory,
  postgresPartnerMigrations,
  type SharedDatabase,
  SharedTurns,
} from '../../src/platform/partners/index.js';
import {
  PostgresPullSchedule,
  PostgresPullStateStore,
  PostgresPulls1700000104000,
  PullService,
  type PullServiceOptions,
  type PullSink,
  type PullState,
  pullTurnPrefix,
} from '../../src/platform/pull/index.js';
import { openQueue, type WorkQueue } from '../../src/platform/queue/index.js';
import { PostgresStorage } from '../../src/platform/storage/index.js';
import { until } from '../support/e2e/until.js';
import { createDatabase, describeWithPostgres, type TestDatabase } from '../support/services/index.js';

const origin = 'https://ocpi.partner.example';
const minute = 60_000;

/** One process: its own queue and connections, and the objects that it has stored. */
interface Node {
  readonly pulls: PullService;
  readonly queue: WorkQueue;
  readonly stored: string[];
  /** It can neither take nor renew a turn. */
  cut: boolean;
}

interface NodeOptions extends Partial<PullServiceOptions> {
  /** Notifications do not reach it. */
  readonly deaf?: boolean;
}

describeWithPostgres('pulls over several nodes', () => {
  let database: TestDatabase;
  let partners: Map<string, Partner>;
  let requests: string[];
  let ends: (() => Promise<void>)[];
  let answer: (path: string) => unknown[] | Promise<unknown[]>;

  beforeEach(async () => {
    nock.disableNetConnect();
    database = await createDatabase();
    partners = new Map();
    requests = [];
    ends = [];
    answer = () => [{ country_code: 'DE', party_id: 'CP1', id: 'LOC1' }];
    nock(origin)
      .persist()
      .get(/.*/)
      .reply(async function () {
        requests.push(this.req.path);
        const data = await answer(this.req.path);
        return [200, { data, status_code: 1000, timestamp: '2026-01-01T00:00:00Z' }];
      });
  });
  afterEach(async () => {
    for (const end of ends) await end();
    await database.drop();
    nock.cleanAll();
  });
  afterAll(() => nock.restore());

  const partner = (id: string): void => {
    const roles = [{ country_code: 'DE', party_id: 'CP1', role: 'CPO' }];
    const fields = { id, roles, status: 'CONNECTED', origins: [origin], switches: defaultSwitches, createdAt: 0 };
    partners.set(id, fields as unknown as Partner);
  };

  const node = async ({ deaf = false, ...options }: NodeOptions = {}): Promise<Node> => {
    const migrations = [...postgresPartnerMigrations, PostgresPulls1700000104000];
    const storage = await PostgresStorage.open({ url: database.url, entities: [], migrations, requireDurable: false });
    const client = new OutboundClient({ policy: { development: false, allowedNetworks: [] }, clock: systemClock });
    const queue: WorkQueue = await openQueue({ clock: systemClock, report: () => undefined });
    const shared: SharedDatabase = {
      query: (sql, values) =>
        made.cut && /^(INSERT INTO|UPDATE) node_turn/.test(sql)
          ? Promise.reject(new Error('away'))
          : storage.query(sql, values),
      listen: (channel, listener) => (deaf ? () => undefined : storage.listen(channel, listener)),
    };
    const stored: string[] = [];
    const sink: PullSink = {
      module: 'locations',
      idOf: (value) => (value as { id: string }).id,
      accept: async (_owner, _value, text) => {
        stored.push(text);
        return 'stored';
      },
      count: async () => 0,
      removeAbsent: async () => 0,
    };
    const directory = {
      all: () => [...partners.values()],
      byId: (id: string) => partners.get(id),
      outboundToken: () => 'token',
      endpoint: () => `${origin}/locations`,
    } as unknown as PartnerDirectory;
    const turns = new SharedTurns(shared, 600);
    const pulls = new PullService({
      queue,
      directory,
      client,
      clock: systemClock,
      hub: { country_code: 'NL', party_id: 'HUB' },
      sinks: [sink],
      states: new PostgresPullStateStore(shared),
      shared: { turns, schedule: new PostgresPullSchedule(shared, pullTurnPrefix) },
      sweepMs: 10 * minute,
      onRefused: () => undefined,
      onPulled: () => undefined,
      ...options,
    });
    const made: Node = { pulls, queue, stored, cut: false };
    await queue.start();
    await pulls.start();
    ends.push(async () => {
      pulls.stop();
      await queue.close(0);
      await client.close();
      await storage.close();
    });
    return made;
  };
  const states = async (at: Node): Promise<readonly PullState[]> => at.pulls.progress();
  const complete = (at: Node, count = 1) =>
    until('the pull is complete', async () => {
      const all = await states(at);
      return all.length === count && all.every(({ phase }) => phase === 'complete');
    });

  it('a partner that is due is read by one node, and every node shows how that goes', async () => {
    for (let n = 0; n < 10; n++) partner(`P${n}`);
    const nodes = await Promise.all([node(), node(), node()]);
    for (const each of nodes) await complete(each, 10);
    expect(requests).toHaveLength(10);
    expect(nodes.flatMap(({ stored }) => stored)).toHaveLength(10);
    const [one, two, three] = await Promise.all(nodes.map(states));
    expect([two, three]).toEqual([one, one]);
  });

  it('what is asked for on a node that pulls nothing is done by one that does', async () => {
    const [api, worker] = [await node({ runs: false }), await node()];
    partner('P');
    await api.pulls.request('P', false);
    await complete(api);
    const [first] = await states(api);
    await api.pulls.request('P', true);
    const [second] = await until('read again', async () => {
      const found = await states(api);
      return found[0]?.phase === 'complete' && found[0].startedAt !== first?.startedAt && found;
    });
    expect([second?.full, second?.fullSince]).toEqual([true, second?.startedAt]);
    api.pulls.registered('P');
    await until('read once more, but not whole', async () => (await states(api))[0]?.full === false);
    expect([api.stored, worker.stored.length, requests.length]).toEqual([[], 3, 3]);
  });

  it('a wish that nobody was woken for is found by the sweep', async () => {
    const [api, worker] = [await node({ runs: false }), await node({ deaf: true, sweepMs: 50 })];
    partner('P');
    await complete(worker);
    await api.pulls.request('P', true);
    await until('read again', () => requests.length === 2);
  });

  it('nobody pulls again what another has just read', async () => {
    partner('P');
    const [one, two] = [await node({ sweepMs: 20 }), await node({ sweepMs: 20 })];
    await complete(one);
    // As a timer that was set before the other one had read it.
    two.queue.add('pull', 'P', { here: true });
    await two.queue.idle();
    const sweeps = requests.length;
    await one.pulls.request('P', false);
    await until('read again', () => requests.length === 2);
    await complete(two);
    expect([sweeps, requests.length]).toEqual([1, 2]);
  });

  it('a wish that comes while a pull is under way is met by another one after it', async () => {
    partner('P');
    let release: (list: unknown[]) => void = () => undefined;
    answer = () =>
      new Promise((resolve) => {
        release = resolve;
      });
    const [api, worker] = [await node({ runs: false }), await node()];
    await until('under way', () => requests.length === 1);
    await api.pulls.request('P', true);
    answer = () => [];
    release([]);
    await until('read again', () => requests.length === 2);
    await complete(worker);
    expect((await states(api))[0]?.full).toBe(true);
  });

  it('a node that loses its turn stops, writes nothing more, and another goes on', async () => {
    partner('P');
    let release: (list: unknown[]) => void = () => undefined;
    answer = () =>
      new Promise((resolve) => {
        release = resolve;
      });
    const one = await node();
    await until('under way', () => requests.length === 1);
    one.cut = true;
    answer = () => [{ country_code: 'DE', party_id: 'CP1', id: 'LOC2' }];
    const two = await node({ sweepMs: 50 });
    await complete(two);
    const [state] = await states(two);
    // Its partner has not answered yet.
    let stopped = false;
    void one.queue.idle().then(() => {
      stopped = true;
    });
    await until('it has stopped', () => stopped, { deadlineMs: 3_000 });
    release([{ country_code: 'DE', party_id: 'CP1', id: 'LOC1' }]);
    expect([one.stored.length, two.stored.length]).toEqual([0, 1]);
    expect(await states(one)).toEqual([state]);
  });

  it('a state is written only by whoever has the turn', async () => {
    const storage = await PostgresStorage.open({
      url: database.url,
      entities: [],
      migrations: [...postgresPartnerMigrations, PostgresPulls1700000104000],
      requireDurable: false,
    });
    ends.push(() => storage.close());
    const store = new PostgresPullStateStore(storage);
    const state = { partner: 'P', module: 'locations', party: 'DE/CP1', phase: 'running' } as PullState;
    const turns = new SharedTurns(storage);
    await turns.run('pull P', async (turn) => {
      await store.put(state, { ...turn, partner: 'P' });
      const other = { ...turn, partner: 'P', holder: 'somebody else' };
      await expect(store.put({ ...state, phase: 'stopped' }, other)).rejects.toThrow('Another node');
    });
    expect(await store.all()).toEqual([state]);
  });

  it('a stop in the middle hands the partner on at once', async () => {
    partner('P');
    answer = () => new Promise(() => undefined);
    const queueEnd = ends.length;
    const one = await node();
    await until('under way', () => requests.length === 1);
    const two = await node();
    answer = () => [];
    await ends.splice(queueEnd, 1)[0]?.();
    await complete(two);
    expect(one.stored).toEqual([]);
  });
});
