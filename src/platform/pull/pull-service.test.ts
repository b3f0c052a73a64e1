import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import nock from 'nock';
import { OutboundClient } from '../outbound/index.js';
import { defaultSwitches, type Partner, type PartnerDirectory } from '../partners/index.js';
import type { QueueName, WorkHandler, WorkQueue } from '../queue/index.js';
import { PullService } from './pull-service.js';
import type { PullSink } from './pull-sink.js';
import type { PullState } from './pull-state.js';

const origin = 'https://ocpi.partner.example';
const hour = 3_600_000;
const time = { now: Date.UTC(2026, 0, 1) };
const party = (party_id: string, role: string) => ({ country_code: 'DE', party_id, role });

/** A queue that runs an id when the test says so. */
class HandQueue implements WorkQueue {
  readonly added: { id: string; delayMs: number }[] = [];
  private handler: WorkHandler | undefined;
  add(_queue: QueueName, id: string, options?: { readonly delayMs?: number }): void {
    this.added.push({ id, delayMs: options?.delayMs ?? 0 });
  }
  process(_queue: QueueName, handler: WorkHandler): void {
    this.handler = handler;
  }
  run = async (id: string, signal = new AbortController().signal) => this.handler?.(id, signal);
  start = async () => undefined;
  close = async () => undefined;
  idle = async () => undefined;
  health = () => 'ok' as const;
}

let queue: HandQueue;
let partners: Map<string, Partner>;
let states: Map<string, PullState>;
let pulled: string[];
let requests: string[];
let client: OutboundClient;

beforeAll(() => nock.disableNetConnect());
beforeEach(() => {
  client = new OutboundClient({ policy: { development: false, allowedNetworks: [] }, clock: { now: () => time.now } });
  queue = new HandQueue();
  partners = new Map();
  states = new Map();
  pulled = [];
  requests = [];
  time.now = Date.UTC(2026, 0, 1);
});
afterEach(async () => {
  await client.close();
  nock.cleanAll();
});
afterAll(() => nock.restore());

function partner(id: string, fields: Partial<Partner> = {}): void {
  const roles = [party('CP1', 'CPO'), party('CP2', 'CPO'), party('CP1', 'EMSP')];
  partners.set(id, {
    id,
    roles,
    status: 'CONNECTED',
    origins: [origin],
    switches: defaultSwitches,
    ...fields,
  } as unknown as Partner);
}

const sink = (module: 'locations' | 'tariffs' | 'tokens', rest: Partial<PullSink> = {}): PullSink => ({
  module,
  idOf: () => undefined,
  accept: async () => 'stored',
  count: async () => 0,
  removeAbsent: async () => 0,
  ...rest,
});

function service(random = 0.5, sinks: readonly PullSink[] = [sink('locations'), sink('tariffs')]): PullService {
  const directory = {
    all: () => [...partners.values()],
    byId: (id: string) => partners.get(id),
    outboundToken: (id: string) => (id === 'tokenless' ? undefined : 'token'),
    endpoint: (_: Partner, module: string) => (module === 'tariffs' ? undefined : `${origin}/${module}`),
  } as unknown as PartnerDirectory;
  return new PullService({
    queue,
    directory,
    client,
    clock: { now: () => time.now },
    hub: { country_code: 'NL', party_id: 'HUB' },
    sinks,
    states: {
      all: () => [...states.values()],
      get: (id, module, owner) => states.get(`${id} ${module} ${owner}`),
      put: async (state) => void states.set(`${state.partner} ${state.module} ${state.party}`, state),
    },
    random: () => random,
    onRefused: () => undefined,
    onPulled: (state) =>
      pulled.push(`${state.module} ${state.party} ${state.phase} ${state.full ? 'full' : 'partial'}`),
  });
}

const serve = (status = 200): void => {
  nock(origin)
    .persist()
    .get(/.*/)
    .reply(function () {
      requests.push(this.req.path);
      return [status, { data: [], status_code: status === 200 ? 1000 : 2000, timestamp: '2026-01-01T00:00:00Z' }];
    });
};

describe('the schedule', () => {
  it('is hours apart and spread by a fifth either way (T-30)', async () => {
    serve();
    partner('P');
    for (const [random, delayMs] of [
      [0, 0.8 * hour],
      [0.5, hour],
      [1, 1.2 * hour],
    ] as const) {
      queue = new HandQueue();
      service(random);
      await queue.run('P');
      expect(queue.added).toEqual([{ id: 'P', delayMs }]);
    }
  });

  it('is taken up after a start: new partners and interrupted crawls at once, others when their time comes', async () => {
    for (const id of ['new', 'fresh', 'late', 'interrupted']) partner(id);
    const state = (fields: Partial<PullState>) => fields as PullState;
    states.set('1', state({ partner: 'fresh', phase: 'complete', finishedAt: time.now - hour / 4 }));
    states.set('2', state({ partner: 'late', phase: 'stopped', finishedAt: time.now - 5 * hour }));
    states.set('3', state({ partner: 'interrupted', phase: 'running', finishedAt: time.now }));
    await service().start();
    expect(queue.added).toEqual([
      { id: 'new', delayMs: 0 },
      { id: 'fresh', delayMs: 0.75 * hour },
      { id: 'late', delayMs: 0 },
      { id: 'interrupted', delayMs: 0 },
    ]);
  });

  it('comes back soon after a pull that failed, and ever later, up to the usual interval', async () => {
    serve(401);
    partner('P');
    service();
    for (let n = 0; n < 11; n++) await queue.run('P');
    expect(queue.added.map(({ delayMs }) => delayMs / 1000)).toEqual([
      10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600,
    ]);
    nock.cleanAll();
    serve();
    await queue.run('P');
    nock.cleanAll();
    serve(503);
    await queue.run('P');
    expect(queue.added.slice(-2).map(({ delayMs }) => delayMs / 1000)).toEqual([3600, 10]);
  });

  it('goes on after a pull that failed, and ends with a stop', async () => {
    serve(500);
    partner('P');
    service();
    await queue.run('P');
    expect(pulled).toEqual(['locations DE/CP1 stopped full', 'locations DE/CP2 stopped full']);
    expect(queue.added).toHaveLength(1);
    const stop = new AbortController();
    stop.abort();
    await queue.run('P', stop.signal);
    expect(queue.added).toHaveLength(1);
  });
});

describe('a pull', () => {
  it('reads one list per CPO party of each module that is offered (A-67)', async () => {
    serve();
    partner('P');
    service();
    await queue.run('P');
    expect(pulled).toEqual(['locations DE/CP1 complete full', 'locations DE/CP2 complete full']);
  });

  it('reads the lists of those parties that own what a sink takes (TK-08)', async () => {
    serve();
    partner('P');
    service(0.5, [sink('locations'), sink('tokens', { ownerRoles: ['EMSP', 'OTHER'] })]);
    partners.set('P', { ...partners.get('P'), roles: [party('CP1', 'CPO'), party('EM1', 'EMSP')] } as Partner);
    await queue.run('P');
    expect(pulled).toEqual(['locations DE/CP1 complete full', 'tokens DE/EM1 complete full']);
  });

  it.each([
    ['who is unknown', 'nobody', {}],
    ['who is suspended', 'P', { status: 'SUSPENDED' as const }],
    ['whose pulls are switched off', 'P', { switches: { ...defaultSwitches, pull: false } }],
    ['for whom we have no token', 'tokenless', {}],
  ])('is not made of one %s', async (_, id, fields) => {
    serve();
    if (id !== 'nobody') partner(id, fields);
    service();
    await queue.run(id);
    expect([pulled, requests]).toEqual([[], []]);
  });

  it('is full at first, partial then, and full again after a day or when asked for', async () => {
    serve();
    partner('P', { roles: [party('CP1', 'CPO')] as never });
    const pulls = service();
    const run = async (): Promise<string | undefined> => {
      await queue.run('P');
      return pulled.at(-1)?.split(' ').at(-1);
    };
    expect(await run()).toBe('full');
    time.now += hour;
    expect(await run()).toBe('partial');
    await pulls.request('P', true);
    expect(await run()).toBe('full');
    expect(await run()).toBe('partial');
    time.now += 24 * hour;
    expect(await run()).toBe('full');
    expect(await pulls.progress()).toHaveLength(1);
  });

  it('S-01: asks for Sessions by date, and only where they are wanted', async () => {
    serve();
    const kept = (one: Partner): boolean => one.switches.keep_sessions;
    partner('P1', { switches: { ...defaultSwitches, keep_sessions: true } });
    partner('P2');
    const hub = service(0.5, [
      { ...sink('locations', { isWanted: kept, listFrom: () => time.now - 90 * 24 * hour }), module: 'sessions' },
    ]);
    await hub.start();
    for (const id of ['P1', 'P2', 'P1']) {
      await queue.run(id);
      time.now += 2 * hour;
    }
    const dates = requests.map((path) => new URLSearchParams(path.split('?')[1]).get('date_from'));
    // Both parties of P1, twice; what goes on after the first time goes on from there.
    expect(dates).toEqual([...Array(2).fill('2025-10-03T00:00:00.000Z'), ...Array(2).fill('2025-12-31T23:55:00.000Z')]);
  });
});
