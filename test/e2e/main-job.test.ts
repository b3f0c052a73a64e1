import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CpoSimulator, EmspSimulator } from '../../src/simulator/index.js';
import { toWire } from '../../src/simulator/wire/wire-text.js';
import { type Stack, stacks, until, World } from '../support/e2e/index.js';
import { callHttp, connector, evse, location } from '../support/hub/index.js';

describe.each(stacks)('the main job on $name, from registration to goodbye', ({ open }) => {
  let stack: Stack;
  let world: World;
  let cpo: CpoSimulator;
  let found: CpoSimulator;
  let emsp: EmspSimulator;
  let platform: EmspSimulator;
  const emsps = (): EmspSimulator[] => [emsp, platform];

  beforeAll(async () => {
    stack = await open();
    world = await World.start({ env: stack.env });
    cpo = await world.cpo('DE/CP1,DE/CP2', { pushOnly: true });
    cpo.generate(20);
    found = await world.cpo('FR/CP3', { pageLimit: 7 });
    found.generate(20);
    emsp = await world.emsp('NL/EM1');
    platform = await world.emsp('BE/EM2,BE/NS2:NSP');
  });

  afterAll(async () => {
    await world.close();
    await stack.release();
  });

  it('takes in partners by invite and by its own handshake', async () => {
    await world.join(cpo, emsp, platform);
    const { status, roles } = await world.hub.admin.register(found.name, found.invite());
    expect({ status, roles: roles.map((role) => role.party_id) }).toEqual({ status: 'CONNECTED', roles: ['CP3'] });
    expect((await world.hub.admin.partners()).map((one) => [one.name, one.status])).toEqual([
      ['DE/CP1', 'CONNECTED'],
      ['NL/EM1', 'CONNECTED'],
      ['BE/EM2', 'CONNECTED'],
      ['FR/CP3', 'CONNECTED'],
    ]);
  });

  it('pulls what a partner offers, without being asked', async () => {
    await until('the pulls are complete', async () => {
      const pulls = await world.hub.admin.pulls(found.name);
      return pulls.length === 2 && pulls.every((pull) => pull.state === 'complete');
    });
    expect(await found.verify()).toMatchObject({ different: 0, missing: 0, failed: 0 });
  });

  it('takes PUTs of two owners on one platform', async () => {
    const { accepted, total, refusals } = await cpo.putAll({ concurrency: 8 });
    expect({ accepted, refusals }).toEqual({ accepted: total, refusals: {} });
    expect(await cpo.verify()).toMatchObject({ equal: total, different: 0, missing: 0, failed: 0 });
  });

  it('tells every party of every platform what was put and pulled', async () => {
    await world.converged(emsps());
    for (const one of emsps()) for (const copy of one.receiver.copies.values()) expect(copy.locations.size).toBe(60);
  });

  it('streams status changes to everybody, in order', async () => {
    await cpo.runStream({ rate: 200, count: 300 });
    expect(cpo.stream?.state()).toMatchObject({ produced: 300, accepted: 300, failed: 0, refused: 0 });
    await world.converged(emsps());
    for (const one of emsps()) {
      const { receipts, badBodies } = one.receiver;
      const { regressions, duplicates, rejected } = receipts;
      expect({ regressions, duplicates, rejected, badBodies }).toEqual({
        regressions: 0,
        duplicates: 0,
        rejected: 0,
        badBodies: {},
      });
      expect(receipts.patch).toBeGreaterThan(200);
    }
  });

  it('brings objects with odd ids through every path, as they are', async () => {
    const ids = [
      'A/B',
      'A%2FB',
      'A%B',
      'A B',
      'A?B#C',
      'a+b&c=d',
      "it's~!*()",
      'x\\y',
      '"quoted"',
      '{{id}}',
      ' '.repeat(3),
    ];
    const stamp = (): string => new Date().toISOString();
    const send = (method: string, path: string[], body: object): Promise<unknown> =>
      cpo.send({
        method,
        module: 'locations',
        role: 'RECEIVER',
        path: ['DE', 'CP1', ...path],
        body: toWire(JSON.stringify(body)),
      });
    for (const id of ids) {
      const odd = location(id, { evses: [evse(id, { connectors: [connector(id)] })], last_updated: stamp() });
      expect({ id, answer: await send('PUT', [id], odd) }).toMatchObject({ id, answer: { http: 201, code: 1000 } });
    }
    await world.converged(emsps());
    for (const id of ids) {
      const status = await send('PATCH', [id, id], { status: 'CHARGING', last_updated: stamp() });
      expect({ id, status }).toMatchObject({ status: { http: 200, code: 1000 } });
      const part = await send('PATCH', [id.toLowerCase(), id, id], { max_amperage: 32, last_updated: stamp() });
      expect({ id, part }).toMatchObject({ part: { http: 200, code: 1000 } });
    }
    await world.converged(emsps());
    const [copy] = emsp.receiver.copies.values();
    expect([...(copy?.locations.keys() ?? [])]).toEqual(
      expect.arrayContaining(ids.map((id) => `DE/CP1/${id.toUpperCase()}`)),
    );
    for (const one of emsps()) expect(one.receiver.badBodies).toEqual({});
  });

  it('tells of a Tariff that was deleted', async () => {
    const [tariff] = cpo.catalogue.list('tariffs');
    if (!tariff) throw new Error('no tariff');
    const { owner, id } = tariff;
    const path = [owner.country_code, owner.party_id, id];
    const answer = await cpo.send({ method: 'DELETE', module: 'tariffs', role: 'RECEIVER', path, from: owner });
    expect(answer).toMatchObject({ http: 200, code: 1000 });
    const gone = (one: EmspSimulator): boolean =>
      [...one.receiver.copies.values()].every((copy) => !copy.tariffs.has(path.join('/')));
    await until('the tariff is gone everywhere', () => emsps().every(gone));
    expect(emsps().map((one) => one.receiver.receipts.delete)).toEqual([1, 2]);
    await world.converged(emsps());
  });

  it('serves complete lists to whoever pulls, page by page', async () => {
    const { texts, result } = await world.list(emsp, 'locations', { limit: 7 });
    expect(result).toMatchObject({ pages: 11, objects: 71, bad: 0, total: 71 });
    expect(new Set([...texts.keys()].map((key) => key.slice(0, 6)))).toEqual(new Set(['DE/CP1', 'DE/CP2', 'FR/CP3']));
    expect((await emsp.pull()).map(({ problem, removed, bad }) => ({ problem, removed, bad }))).toEqual([
      { problem: undefined, removed: 0, bad: 0 },
      { problem: undefined, removed: 0, bad: 0 },
    ]);
  });

  it('makes no mistake that a strict partner would notice', () => {
    for (const one of [cpo, found, emsp, platform]) expect(one.inspector.first).toEqual([]);
  });

  it('shows lanes that have nothing left to do', async () => {
    const lanes = await until('lanes are idle', async () => {
      const all = await world.hub.admin.lanes();
      return all.every((lane) => lane.lag_objects === 0 && lane.in_flight === 0) && all;
    });
    expect(lanes.map(({ partner, breaker, parked }) => ({ partner, breaker, parked }))).toEqual(
      expect.arrayContaining([
        { partner: 'NL/EM1', breaker: 'closed', parked: 0 },
        { partner: 'BE/EM2', breaker: 'closed', parked: 0 },
      ]),
    );
  });

  it.each([
    ['/', 'text/html'],
    ['/metrics', 'text/plain'],
    ['/health', 'application/json'],
    ['/ready', 'application/json'],
  ])('shows %s to the operator', async (path, type) => {
    const answer = await callHttp('GET', world.hub.admin.url + path, { headers: { Connection: 'close' } });
    expect({ status: answer.status, type: answer.headers['content-type'] }).toEqual({
      status: 200,
      type: expect.stringContaining(type),
    });
  });

  it('renews tokens from either side, and everything goes on', async () => {
    const tokens = (): (string | undefined)[] => [emsp.link.inboundToken, emsp.link.peer?.outboundToken];
    const before = tokens();
    await emsp.rotate();
    const between = tokens();
    const partner = await world.partnerOf(emsp);
    expect((await world.hub.admin.call('POST', `/api/partners/${partner.id}/rotate`)).status).toBe(200);
    const after = tokens();
    expect(new Set([...before, ...between, ...after]).size).toBe(6);
    await cpo.runStream({ rate: 200, count: 50 });
    await world.converged(emsps());
    expect(emsp.inspector.first).toEqual([]);
  });

  it('forgets a partner that says goodbye: its token opens nothing and nobody calls it', async () => {
    const credentials =
      platform.link.endpoint('credentials', 'SENDER') ?? platform.link.endpoint('credentials', 'RECEIVER');
    const token = platform.link.peer?.outboundToken ?? '';
    await platform.unregister();
    const answer = await callHttp('GET', credentials ?? '', { token, headers: { Connection: 'close' } });
    expect({ status: answer.status, code: answer.body.status_code }).toEqual({ status: 401, code: 2000 });
    const { requests } = platform.state();
    await cpo.runStream({ rate: 200, count: 50 });
    await world.converged([emsp]);
    expect(platform.state().requests).toBe(requests);
    expect((await world.hub.admin.lanes()).map((lane) => lane.partner)).not.toContain(platform.name);
  });

  it('ends a connection itself and tells the partner', async () => {
    const { id } = await world.partnerOf(emsp);
    const token = emsp.link.peer?.outboundToken ?? '';
    const { requests } = emsp.state();
    expect((await world.hub.admin.call('DELETE', `/api/partners/${id}`)).status).toBe(204);
    expect(emsp.link.peer).toBeUndefined();
    const answer = await callHttp('GET', world.hub.versionsUrl, { token, headers: { Connection: 'close' } });
    expect(answer.status).toBe(401);
    await cpo.runStream({ rate: 200, count: 20 });
    expect(emsp.state().requests).toBe((requests as number) + 1);
  });

  it('keeps a record of all of it that is whole', async () => {
    const { chain, entries } = await world.hub.admin.audit();
    expect(chain).toEqual({ intact: true, first_broken: null });
    expect(entries.length).toBeGreaterThan(8);
  });
});
