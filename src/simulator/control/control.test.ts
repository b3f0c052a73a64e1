import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CpoSimulator } from '../cpo-simulator.js';
import { EmspSimulator } from '../emsp-simulator.js';
import { type Answer, HttpClient } from '../http/http-client.js';
import { cpoRoutes, emspRoutes } from './control-routes.js';
import { ControlServer } from './control-server.js';

describe('control server', () => {
  const http = new HttpClient();
  const cpo = new CpoSimulator({ parties: [{ country_code: 'DE', party_id: 'CP1', role: 'CPO' }] });
  const emsp = new EmspSimulator({ parties: [{ country_code: 'FR', party_id: 'EM1', role: 'EMSP' }] });
  const cpoControl = new ControlServer(cpoRoutes(cpo));
  const emspControl = new ControlServer(emspRoutes(emsp));
  let ports: { cpo: number; emsp: number };

  beforeEach(async () => {
    cpo.generate(4);
    await cpo.start();
    await emsp.start();
    ports = { cpo: await cpoControl.start(0), emsp: await emspControl.start(0) };
  });

  afterEach(async () => {
    http.close();
    await Promise.all([cpo.stop(), emsp.stop(), cpoControl.stop(), emspControl.stop()]);
  });

  const raw = (who: 'cpo' | 'emsp', method: string, path: string, body?: unknown): Promise<Answer> =>
    http.send({
      method,
      url: `http://127.0.0.1:${ports[who]}${path}`,
      headers: {},
      body: body === undefined ? undefined : JSON.stringify(body),
    });

  async function call(who: 'cpo' | 'emsp', method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await raw(who, method, path, body);
    if (answer.status !== 200) throw new Error(`${answer.status} ${answer.body}`);
    return JSON.parse(answer.body);
  }

  const lines = async (who: 'cpo' | 'emsp'): Promise<string[]> =>
    (await raw(who, 'GET', '/snapshot')).body.trim().split('\n').sort();

  it('drives a whole partnership', async () => {
    const invitation = await call('emsp', 'POST', '/invite');
    expect(await call('cpo', 'POST', '/register', invitation)).toMatchObject({ registered: true });
    expect(await call('cpo', 'POST', '/put-all', { wait: true })).toMatchObject({
      done: 10,
      accepted: 10,
      running: false,
    });
    expect(await call('cpo', 'POST', '/stream', { rate: 2000, count: 20, wait: true })).toMatchObject({ accepted: 20 });
    expect(await lines('emsp')).toEqual(await lines('cpo'));
    expect(await lines('emsp')).toHaveLength(10);
    expect(await call('emsp', 'POST', '/compare')).toMatchObject({ equal: 10, different: 0, missing: 0, extra: 0 });
    expect(await call('emsp', 'GET', '/state')).toMatchObject({
      kind: 'emsp',
      registered: true,
      violations: { total: 0 },
      received: { put: 10, patch: 20, copies: { 'FR/EM1': { locations: 4, tariffs: 6 } } },
    });
    const object = await call('emsp', 'GET', '/object?key=locations/DE/CP1/LOC00001');
    expect(object).toEqual({ text: expect.stringContaining('"LOC00001"') });
    expect((await raw('cpo', 'GET', '/acknowledged')).body).toContain('"status"');
    await call('emsp', 'POST', '/rotate');
    const sent = { method: 'GET', module: 'locations', role: 'SENDER', path: ['LOC00002'], to: 'DE/CP1' };
    expect(await call('emsp', 'POST', '/send', sent)).toMatchObject({
      http: 200,
      code: 1000,
      data: { id: 'LOC00002' },
    });
    await call('cpo', 'POST', '/unregister');
    expect(await call('emsp', 'GET', '/connection')).toEqual({});
  });

  it('drives a charge: tokens, authorize, command, session, CDR, with the legs of both ends', async () => {
    emsp.provider?.wallet.generate(2);
    const invitation = await call('emsp', 'POST', '/invite');
    await call('cpo', 'POST', '/register', invitation);
    expect(await call('emsp', 'POST', '/push-tokens')).toEqual({ pushed: 2, refusals: {} });
    const [token] = JSON.parse(`[${(await raw('emsp', 'GET', '/tokens')).body.trim().split('\n').join(',')}]`);
    expect((await raw('cpo', 'GET', '/tokens')).body).toContain(token.uid);
    const asked = { uid: token.uid, type: token.type, to: 'FR/EM1' };
    expect(await call('cpo', 'POST', '/authorize', asked)).toMatchObject({ code: 1000, info: { allowed: 'ALLOWED' } });
    await call('cpo', 'POST', '/script', { plan: { updates: 2, intervalMs: 1 } });
    const [{ location_id, evse_uid, connector_id }] = (await call('cpo', 'GET', '/places')) as [Record<string, string>];
    const members = { location_id, evse_uid, connector_id };
    const order = { command: 'START_SESSION', uid: token.uid, to: 'DE/CP1', members, wait: true };
    const sent = (await call('emsp', 'POST', '/command', order)) as { correlation_id: string };
    expect(sent).toMatchObject({ response: { result: 'ACCEPTED' }, results: [{ body: { result: 'ACCEPTED' } }] });
    await (await cpo.operator.charges.nth(1, 5_000))?.done;
    expect(await call('cpo', 'GET', '/charges')).toMatchObject([{ state: 'completed', token: { uid: token.uid } }]);
    expect((await raw('emsp', 'GET', '/cdrs')).body).toContain('"DE/CP1/C');
    for (const who of ['cpo', 'emsp'] as const) {
      const leg = JSON.parse((await raw(who, 'GET', `/legs?correlation_id=${sent.correlation_id}`)).body);
      expect(leg).toMatchObject({ module: 'commands', from: 'FR/EM1', to: 'DE/CP1' });
    }
    const own = { token, updates: 1, intervalMs: 1, wait: true };
    expect(await call('cpo', 'POST', '/charge', own)).toMatchObject({ state: 'completed' });
    expect(await call('emsp', 'GET', '/state')).toMatchObject({
      violations: { total: 0 },
      provider: { sessions: { put: 2 }, cdrs: { post: 2 } },
    });
  });

  it('sets faults, dies and revives', async () => {
    expect(await call('cpo', 'POST', '/faults', { faults: ['slow=5@0.5', { kind: 'dead' }] })).toEqual({
      faults: ['slow=5@0.5', 'dead'],
    });
    expect(await call('cpo', 'GET', '/state')).toMatchObject({ alive: false });
    await call('cpo', 'POST', '/faults', { faults: [] });
    expect(await call('cpo', 'GET', '/state')).toMatchObject({ alive: true, faults: [] });
    await call('cpo', 'POST', '/die');
    expect(cpo.alive).toBe(false);
    await call('cpo', 'POST', '/revive');
    expect(cpo.alive).toBe(true);
  });

  it.each([
    ['/faults', { faults: ['nonsense'] }, 400],
    ['/register', {}, 400],
    ['/register', { versions_url: 'http://127.0.0.1:1/x', token: 'x' }, 502],
    ['/stream', { count: 5 }, 400],
    ['/nowhere', {}, 404],
  ])('answers a mistaken POST %s %j with %d', async (path, body, status) => {
    expect((await raw('cpo', 'POST', path, body)).status).toBe(status);
  });
});
