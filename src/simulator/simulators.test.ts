import http from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { CpoSimulator } from './cpo-simulator.js';
import { EmspSimulator } from './emsp-simulator.js';
import { parseFault } from './faults/fault.js';
import { HandshakeError } from './handshake/handshake.js';
import { authorizationOf } from './handshake/peer-link.js';
import type { Platform } from './platform.js';

const cp1 = { country_code: 'DE', party_id: 'CP1', role: 'CPO' };
const cp2 = { country_code: 'NL', party_id: 'CP2', role: 'CPO' };
const em1 = { country_code: 'FR', party_id: 'EM1', role: 'EMSP' };

const running: Platform[] = [];

async function started<T extends Platform>(platform: T): Promise<T> {
  running.push(platform);
  await platform.start();
  return platform;
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((platform) => platform.stop()));
});

async function pair(
  locations = 12,
  pageLimit = 5,
  parties = [cp1, cp2],
): Promise<{ cpo: CpoSimulator; emsp: EmspSimulator }> {
  const cpo = await started(new CpoSimulator({ parties, pageLimit, timeoutMs: 2000 }));
  cpo.generate(locations);
  const emsp = await started(new EmspSimulator({ parties: [em1], timeoutMs: 2000 }));
  return { cpo, emsp };
}

async function connected(locations?: number, pageLimit?: number): ReturnType<typeof pair> {
  const both = await pair(locations, pageLimit);
  await both.cpo.register(both.emsp.invite());
  return both;
}

describe('handshake', () => {
  it('is started by either side and leaves both connected without a breach', async () => {
    for (const initiator of ['cpo', 'emsp'] as const) {
      const both = await pair();
      const [caller, called] = initiator === 'cpo' ? [both.cpo, both.emsp] : [both.emsp, both.cpo];
      await caller.register(called.invite());
      expect(caller.link.peer?.outboundToken).toBe(called.link.inboundToken);
      expect(called.link.peer?.outboundToken).toBe(caller.link.inboundToken);
      expect([caller.inspector.total, called.inspector.total]).toEqual([0, 0]);
      expect(called.link.peer?.roles.map((role) => role.party_id)).toEqual(caller.parties.map((p) => p.party_id));
    }
  });

  it('token A works once (C-04) and opens no module (T-04)', async () => {
    const { cpo, emsp } = await pair();
    const invitation = emsp.invite();
    await cpo.register(invitation);
    await expect(cpo.register(invitation)).rejects.toBeInstanceOf(HandshakeError);
    const fresh = emsp.invite();
    const url = `${emsp.baseUrl}/2.2.1/in/locations/DE/CP1/LOC1`;
    expect(await get(url, fresh.token)).toBe(401);
    expect(await get(emsp.versionsUrl, fresh.token)).toBe(200);
  });

  it('renews tokens by PUT; the new ones are in use afterwards', async () => {
    const { cpo, emsp } = await connected();
    const before = [cpo.link.inboundToken, emsp.link.inboundToken];
    await cpo.rotate();
    expect(cpo.link.inboundToken).not.toBe(before[0]);
    expect(emsp.link.inboundToken).not.toBe(before[1]);
    expect(cpo.link.peer?.outboundToken).toBe(emsp.link.inboundToken);
    await emsp.rotate();
    expect((await emsp.pull()).every((list) => list.problem === undefined)).toBe(true);
    expect(cpo.inspector.byKind).toEqual({});
  });

  it('ends by DELETE: no token works any more (C-17)', async () => {
    const { cpo, emsp } = await connected();
    const token = emsp.link.inboundToken ?? '';
    await cpo.unregister();
    expect(emsp.link.peer).toBeUndefined();
    expect(await get(emsp.versionsUrl, token)).toBe(401);
  });

  it('tells why it failed', async () => {
    const { cpo, emsp } = await pair();
    await expect(cpo.register({ ...emsp.invite(), token: 'wrong' })).rejects.toThrow(/401/);
    await emsp.setFaults([parseFault({ kind: 'html', on: 'configuration' })]);
    await expect(cpo.register(emsp.invite())).rejects.toMatchObject({ code: 3001 });
    await emsp.setFaults([]);
    await cpo.setFaults([parseFault({ kind: 'error500', on: 'configuration' })]);
    await expect(cpo.register(emsp.invite())).rejects.toThrow(/200\/3001/);
    expect(cpo.link.peer).toBeUndefined();
  });
});

describe('pull', () => {
  it('follows the links to the end and ends with an equal copy', async () => {
    const { cpo, emsp } = await connected();
    const lists = await emsp.pull();
    expect(lists).toMatchObject([
      { module: 'tariffs', objects: 12, pages: 4, total: 12, problem: undefined },
      { module: 'locations', objects: 24, pages: 6, total: 24, problem: undefined },
    ]);
    expect(emsp.snapshot()).toEqual(cpo.snapshot());
    expect(await emsp.compare()).toMatchObject({ equal: 36, different: 0, missing: 0, extra: 0, problems: [] });
    expect(cpo.inspector.total).toBe(0);
  });

  it('a complete one replaces, a filtered one only updates (P-16)', async () => {
    const { emsp } = await connected();
    await emsp.pull();
    const copy = emsp.receiver.copy();
    copy?.write('tariffs', 'DE/CP1/GONE', '{}', 0, 0);
    await emsp.pull({ dateFrom: '2025-12-31T00:00:00Z' });
    expect(copy?.tariffs.has('DE/CP1/GONE')).toBe(true);
    expect(await emsp.compare()).toMatchObject({ extra: 1 });
    await emsp.pull();
    expect(copy?.tariffs.has('DE/CP1/GONE')).toBe(false);
  });

  it('date_from is inclusive, date_to exclusive (P-02, P-03)', async () => {
    const { cpo, emsp } = await connected();
    const stamps = cpo.catalogue.list('locations').map((entry) => new Date(entry.stamp).toISOString());
    const at = stamps.sort()[10] ?? '';
    const query = async (text: string): Promise<string> => {
      const answer = await emsp.send({ method: 'GET', module: 'locations', role: 'SENDER', query: text, to: cp1 });
      return String(answer.headers['x-total-count']);
    };
    const [since, until, all] = [await query(`?date_from=${at}`), await query(`?date_to=${at}`), await query('')];
    expect(Number(since) + Number(until)).toBe(Number(all));
    expect(all).toBe('12');
  });

  it.each(['?limit=abc', '?offset=-1', '?limit=0', '?date_from=x'])('refuses %s with 2001 (P-18)', async (query) => {
    const { emsp } = await connected();
    const answer = await emsp.send({ method: 'GET', module: 'locations', role: 'SENDER', query, to: cp1 });
    expect([answer.http, answer.code]).toEqual([200, 2001]);
  });

  it('serves single Locations, EVSEs and Connectors (L-02, L-03)', async () => {
    const { emsp } = await connected();
    const single = async (...path: string[]): Promise<number> =>
      (await emsp.send({ method: 'GET', module: 'locations', role: 'SENDER', path, to: cp1 })).http;
    expect(await single('loc00001')).toBe(200);
    expect(await single('LOC00001', 'CP1-00001-1')).toBe(200);
    expect(await single('LOC00001', 'CP1-00001-1', '1')).toBe(200);
    expect(await single('LOC00001', 'CP1-00001-1', '9')).toBe(404);
    expect(await single('NONE')).toBe(404);
  });

  it.each([
    ['wrong-total=5', undefined, 24],
    ['bad-object', undefined, 24],
    ['foreign-link', /another origin/, 5],
    ['falling-offset', /already read/, 10],
    ['endless-link', /far more objects/, 1000],
  ])('survives the lie %s', async (fault, problem, atLeast) => {
    const { cpo, emsp } = await connected();
    await cpo.setFaults([parseFault(fault)]);
    const [list] = await emsp.pull({ modules: ['locations'] });
    if (problem === undefined) expect(list?.problem).toBeUndefined();
    else expect(list?.problem).toMatch(problem);
    expect(list?.objects).toBeGreaterThanOrEqual(atLeast);
    if (fault === 'bad-object') expect(list?.bad).toBe(6);
  });
});

describe('putAll', () => {
  it('puts everything at the peer, which then holds the same', async () => {
    const { cpo, emsp } = await connected(30);
    const job = await cpo.putAll({ concurrency: 8 });
    expect(job.state()).toMatchObject({ total: 72, done: 72, accepted: 72, created: 72, refused: 0, failed: 0 });
    expect(emsp.snapshot()).toEqual(cpo.snapshot());
    expect(emsp.inspector.byKind).toEqual({});
    await cpo.putAll({ modules: ['tariffs'] });
    expect(emsp.receiver.receipts).toMatchObject({ put: 84, created: 72, duplicates: 12, regressions: 0 });
  });

  it('reaches the peer of a platform that only pushes; nobody can pull from it', async () => {
    const cpo = await started(new CpoSimulator({ parties: [cp1], pushOnly: true }));
    cpo.generate(2);
    const emsp = await started(new EmspSimulator({ parties: [em1] }));
    await cpo.register(emsp.invite());
    await cpo.putAll();
    expect(emsp.snapshot()).toEqual(cpo.snapshot());
    expect(emsp.link.endpoint('locations', 'SENDER')).toBeUndefined();
    const command = {
      module: 'commands',
      role: 'RECEIVER' as const,
      method: 'POST',
      path: ['STOP_SESSION'],
      body: '{}',
    };
    // It takes commands all the same, but not this one.
    expect(await emsp.send(command)).toMatchObject({ code: 2001, message: 'response_url, session_id missing' });
  });

  it('is verified by the owner, object by object', async () => {
    const { cpo, emsp } = await connected(5);
    await cpo.putAll();
    expect(await cpo.verify()).toMatchObject({ equal: 22, different: 0, missing: 0, failed: 0 });
    const copy = emsp.receiver.copy();
    copy?.tariffs.delete('DE/CP1/AC-1');
    copy?.write('locations', 'DE/CP1/LOC00001', '{"id":"LOC00001"}', 0, 0);
    const { examples, ...counts } = await cpo.verify();
    expect(counts).toEqual({ equal: 20, different: 1, missing: 1, failed: 0 });
    expect(examples.map(({ key, problem }) => `${key} ${problem}`)).toEqual([
      'tariffs/DE/CP1/AC-1 missing',
      'locations/DE/CP1/LOC00001 different',
    ]);
  });

  it('counts refusals by reason', async () => {
    const { cpo, emsp } = await connected(20);
    await emsp.setFaults([parseFault('reject2001@0.5')]);
    const job = await cpo.putAll();
    const [[reason, refusals] = ['', undefined]] = Object.entries(job.refusals);
    expect(reason).toBe('200/2001 simulated refusal of this object');
    expect(refusals?.count).toBe(job.refused);
    expect(job.refused).toBeGreaterThan(5);
    expect(job.accepted + job.refused).toBe(job.total);
    expect(emsp.snapshot().size).toBe(job.accepted);
  });

  it('tries again after errors, resets and overload until all is there', async () => {
    const { cpo, emsp } = await connected(20);
    const faults = ['error500@0.05', 'reset@0.05', 'close@0.05', 'status=503@0.03', 'empty@0.03'];
    await emsp.setFaults(faults.map((fault) => parseFault(fault)));
    const job = await cpo.putAll();
    expect(job.accepted).toBe(job.total);
    expect(emsp.snapshot()).toEqual(cpo.snapshot());
    expect(Object.keys(emsp.faults.hits).length).toBeGreaterThan(1);
  });
});

describe('status stream', () => {
  it('keeps the copy of the peer equal, in order and without a breach', async () => {
    const { cpo, emsp } = await connected(15);
    await cpo.putAll();
    await cpo.runStream({ rate: 5000, count: 500, concurrency: 16 });
    expect(cpo.stream?.state()).toMatchObject({ produced: 500, accepted: 500, refused: 0, failed: 0 });
    expect(emsp.snapshot()).toEqual(cpo.snapshot());
    expect(emsp.receiver.receipts).toMatchObject({ patch: 500, regressions: 0, notFound: 0 });
    expect(emsp.inspector.byKind).toEqual({});
    expect(cpo.stream?.acknowledged.size).toBeGreaterThan(0);
  });

  it('puts the Location after a PATCH answered 404 (T-28)', async () => {
    const { cpo, emsp } = await connected(5);
    await cpo.runStream({ rate: 5000, count: 40 });
    expect(cpo.stream?.state()).toMatchObject({ produced: 40, accepted: 40, refused: 0 });
    expect(cpo.stream?.healed).toBeGreaterThan(0);
    expect(emsp.receiver.receipts.notFound).toBe(cpo.stream?.healed);
    for (const [key, hash] of emsp.snapshot()) expect(cpo.snapshot().get(key)).toBe(hash);
  });

  it('ends equal although answers are lost and errors come', async () => {
    const { cpo, emsp } = await connected(10);
    await cpo.putAll();
    await emsp.setFaults(['error500@0.05', 'reset@0.05', 'patch404@0.05'].map((fault) => parseFault(fault)));
    await cpo.runStream({ rate: 5000, count: 200 });
    expect(cpo.stream?.state()).toMatchObject({ produced: 200, accepted: 200, failed: 0, outstanding: 0 });
    expect(emsp.receiver.receipts.firstRegressions).toEqual([]);
    expect(emsp.snapshot()).toEqual(cpo.snapshot());
  });

  it('goes on where it was after the peer was dead for a while', async () => {
    const { cpo, emsp } = await connected(5);
    await cpo.putAll();
    await emsp.setFaults([parseFault('dead=300')]);
    expect(emsp.alive).toBe(false);
    await cpo.runStream({ rate: 2000, count: 30 });
    expect(emsp.alive).toBe(true);
    expect(cpo.stream?.failed).toBe(0);
    expect(emsp.snapshot()).toEqual(cpo.snapshot());
  });
});

describe('a platform that is CPO and eMSP', () => {
  it('offers both sides', async () => {
    const both = await started(new CpoSimulator({ parties: [cp1, { ...em1, party_id: 'EM9' }] }));
    both.generate(3);
    const other = await started(new CpoSimulator({ parties: [cp2] }));
    other.generate(4);
    await other.register(both.invite());
    expect(both.link.peer?.roles).toHaveLength(1);
    const roles = other.link.peer?.endpoints.map((e) => `${e.identifier} ${e.role}`) ?? [];
    const modules = ['locations', 'tariffs', 'tokens', 'sessions', 'cdrs', 'commands', 'chargingprofiles'];
    const all = modules.flatMap((module) => [`${module} RECEIVER`, `${module} SENDER`]);
    expect(roles.sort()).toEqual(
      [...all, 'credentials SENDER', 'hubclientinfo RECEIVER', 'nlhub-echo RECEIVER'].sort(),
    );
    const body = other.object('locations/NL/CP2/LOC00001');
    const to = { country_code: 'FR', party_id: 'EM9' };
    const path = ['NL', 'CP2', 'LOC00001'];
    const answer = await other.send({ method: 'PUT', module: 'locations', role: 'RECEIVER', path, body, to });
    expect([answer.http, answer.code]).toEqual([201, 1000]);
    expect(both.receiver?.copy(to)?.locations.size).toBe(1);
  });
});

async function get(url: string, token: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    http
      .get(url, { headers: { Authorization: authorizationOf(token) } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
      .on('error', reject);
  });
}
