import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CpoSimulator } from '../cpo-simulator.js';
import { EmspSimulator } from '../emsp-simulator.js';
import { type AskedRequest, checkAnswer } from './answer-checks.js';
import { Inspector } from './inspector.js';

const hub = { country_code: 'NL', party_id: 'HUB', role: 'HUB' };
const cp1 = { country_code: 'DE', party_id: 'CP1' };
const em1 = { country_code: 'FR', party_id: 'EM1', role: 'EMSP' };
const stamp = '2026-01-01T00:00:00Z';

describe('what partners of a hub watch in its requests', () => {
  let peer: CpoSimulator;
  let emsp: EmspSimulator;
  let cpo: CpoSimulator;

  beforeEach(async () => {
    // A platform in role HUB sends what the hub under test should and should not.
    peer = new CpoSimulator({ parties: [hub], pushOnly: true });
    emsp = new EmspSimulator({ parties: [em1] });
    cpo = new CpoSimulator({ parties: [{ ...cp1, role: 'CPO' }] });
    cpo.generate(1);
    await Promise.all([peer.start(), emsp.start(), cpo.start()]);
    await peer.register(emsp.invite());
  });

  afterEach(() => Promise.all([peer.stop(), emsp.stop(), cpo.stop()]));

  const breaches = async (call: Parameters<CpoSimulator['send']>[0]): Promise<string[]> => {
    await peer.send({ to: em1, ...call });
    return Object.keys(emsp.inspector.byKind);
  };
  const push = { method: 'PUT', module: 'locations', role: 'RECEIVER', path: ['DE', 'CP1', 'L1'] } as const;
  const location = {
    ...push,
    path: [...push.path],
    body: `{"country_code":"DE","party_id":"CP1","id":"L1","last_updated":"${stamp}"}`,
  };
  const clientInfo = {
    method: 'PUT',
    module: 'hubclientinfo',
    role: 'RECEIVER' as const,
    path: ['DE', 'CP1'],
    body: `{"country_code":"DE","party_id":"CP1","role":"CPO","status":"CONNECTED","last_updated":"${stamp}"}`,
  };
  const result = { method: 'POST', module: 'commands', role: 'SENDER' as const, body: '{"result":"ACCEPTED"}' };

  it('a broadcast comes from the hub, what is meant for one party from the owner (R-04, R-21)', async () => {
    expect(await breaches({ ...location, from: hub })).toEqual([]);
    expect(await breaches({ ...location, from: cp1 })).toEqual([]);
    expect(await breaches({ ...location, from: { ...cp1, party_id: 'CP2' } })).toEqual(['routing-from']);
  });

  it('what is passed on does not come from the hub (R-04)', async () => {
    const session = { ...push, module: 'sessions', path: ['DE', 'CP1', 'S1'], body: '{}' };
    expect(await breaches({ ...session, from: hub })).toContain('routing-from');
  });

  it('HubClientInfo comes without routing headers (R-02), whole, and never goes back (H-03, H-19)', async () => {
    expect(await breaches({ ...clientInfo, unrouted: true })).toEqual([]);
    expect(emsp.clientInfos.known.get('DE/CP1/CPO')).toMatchObject({ status: 'CONNECTED', by: 'push' });
    expect(await breaches({ ...clientInfo, from: hub })).toEqual(['routing-on-configuration']);
    const older = clientInfo.body.replace('2026-', '2025-').replace('CONNECTED', 'OFFLINE');
    expect(await breaches({ ...clientInfo, body: older, unrouted: true })).toContain('client-info');
    expect(emsp.clientInfos.known.get('DE/CP1/CPO')).toMatchObject({ status: 'CONNECTED' });
    const gone = { ...clientInfo, method: 'DELETE', body: undefined, unrouted: true };
    expect((await peer.send(gone)).http).toBe(405);
  });

  it('a result is bare, and from who answered (CMD-05, R-44)', async () => {
    const { commands, wallet } = emsp.provider ?? {};
    const [token] = wallet?.generate(1) ?? [];
    const place = { location_id: 'L1' };
    const sent = await commands?.send({ command: 'START_SESSION', from: em1, to: cp1, token, members: place });
    // Nobody can forward here; who answered is what matters.
    const path = ['START_SESSION', sent?.id ?? ''];
    expect(
      await breaches({ ...result, path, from: cp1, body: '{"status_code":1000,"data":{"result":"ACCEPTED"}}' }),
    ).toContain('result-wrapped');
    expect((await peer.send({ ...result, path: ['START_SESSION', 'guessed'], from: cp1, to: em1 })).http).toBe(404);
    expect(await breaches({ ...result, path, from: hub })).toContain('routing-from');
  });

  it('a Session or CDR of somebody else’s Token is none of our business (R-41)', async () => {
    const body = JSON.stringify({
      ...cp1,
      id: 'S1',
      start_date_time: stamp,
      kwh: 1,
      cdr_token: { country_code: 'BE', party_id: 'EM2', uid: 'U', type: 'RFID', contract_id: 'C' },
      ...{ auth_method: 'WHITELIST', location_id: 'L1', evse_uid: 'E', connector_id: '1', currency: 'EUR' },
      status: 'ACTIVE',
      last_updated: stamp,
    });
    const session = { ...push, module: 'sessions', path: ['DE', 'CP1', 'S1'], body, from: cp1 };
    expect(await breaches(session)).toEqual(['session']);
  });

  it('a CPO does not carry its token to a response_url elsewhere (R-44)', async () => {
    const asked = cpo.invite();
    await peer.unregister();
    await peer.register(asked);
    const token = {
      ...cp1,
      ...em1,
      uid: 'U',
      type: 'RFID',
      contract_id: 'C',
      issuer: 'I',
      valid: true,
      whitelist: 'ALWAYS',
    };
    const [entry] = cpo.catalogue.list('locations');
    const command = {
      response_url: `${emsp.baseUrl}/2.2.1/out/commands/START_SESSION/1`,
      token: { ...token, last_updated: stamp },
      location_id: entry?.id,
    };
    const call = { method: 'POST', module: 'commands', role: 'RECEIVER' as const, path: ['START_SESSION'] };
    const answer = await peer.send({ ...call, body: JSON.stringify(command), from: em1, to: cp1 });
    expect([answer.code, cpo.inspector.byKind]).toEqual([2001, { 'response-url-foreign': 1 }]);
    expect(cpo.operator.courier.sent).toEqual([]);
  });
});

describe('checkAnswer', () => {
  const asked = (change: Partial<AskedRequest> = {}): AskedRequest => ({
    call: { method: 'POST', module: 'commands', role: 'RECEIVER', path: ['START_SESSION'] },
    url: 'http://hub/commands',
    to: cp1,
    from: em1,
    requestId: 'r1',
    correlationId: 'c1',
    peerParty: hub,
    ...change,
  });
  const headers = (from?: string, to = 'FR/EM1'): Record<string, string> => {
    const pair = (name: string, party: string): Record<string, string> => {
      const [country = '', id = ''] = party.split('/');
      return { [`ocpi-${name}-country-code`]: country, [`ocpi-${name}-party-id`]: id };
    };
    return { 'x-request-id': 'r1', 'x-correlation-id': 'c1', ...pair('to', to), ...(from ? pair('from', from) : {}) };
  };
  const found = (request: AskedRequest, code: number, given: Record<string, string>, http = 200): string[] => {
    const inspector = new Inspector();
    checkAnswer(inspector, request, { http, code, message: '', data: undefined, headers: given });
    return Object.keys(inspector.byKind);
  };
  const authorize = { method: 'POST', module: 'tokens', role: 'SENDER' as const, path: ['U', 'authorize'] };
  const list = { method: 'GET', module: 'tokens', role: 'SENDER' as const };

  it.each<[string, AskedRequest, number, Record<string, string>, string[]]>([
    ['the receiver answers', asked(), 1000, headers('DE/CP1'), []],
    ['the receiver refuses', asked(), 2003, headers('DE/CP1'), []],
    ['the hub refuses', asked(), 2001, headers('NL/HUB'), []],
    ['the hub fails', asked(), 4003, headers('NL/HUB'), []],
    ['the hub answers in the place of the receiver', asked(), 1000, headers('NL/HUB'), ['answer-routing-from']],
    ['another party answers', asked(), 1000, headers('DE/CP2'), ['answer-routing-from']],
    ['nobody is said to answer', asked(), 1000, headers(), ['answer-routing-from']],
    ['the hub’s failure in the name of the receiver', asked(), 4002, headers('DE/CP1'), ['answer-routing-from']],
    ['for somebody else', asked(), 1000, headers('DE/CP1', 'FR/EM9'), ['answer-routing-to']],
    ['another request id', asked(), 1000, { ...headers('DE/CP1'), 'x-request-id': 'r2' }, ['answer-request-id']],
    ['no correlation id', asked({ correlationId: 'c2' }), 1000, headers('DE/CP1'), ['answer-correlation-id']],
    ['open routing: whoever was found', asked({ call: authorize, to: undefined }), 1000, headers('BE/EM2'), []],
    ['TO = hub, a request: the same', asked({ call: authorize, to: hub }), 1000, headers('BE/EM2'), []],
    [
      'open routing: the hub',
      asked({ call: authorize, to: undefined }),
      1000,
      headers('NL/HUB'),
      ['answer-routing-from'],
    ],
    ['GET All: the hub', asked({ call: list, to: hub }), 1000, headers('NL/HUB'), []],
    ['GET All: not the hub', asked({ call: list, to: hub }), 1000, headers('DE/CP1'), ['answer-routing-from']],
    [
      'routing headers on a configuration module',
      asked({ call: { ...list, unrouted: true }, to: undefined, from: undefined }),
      1000,
      headers('NL/HUB'),
      ['answer-routing-on-configuration'],
    ],
  ])('%s', (_what, request, code, given, kinds) => {
    expect(found(request, code, given)).toEqual(kinds);
  });

  it.each([401, 403, 429, 503])('does not judge a %d', (http) => {
    expect(found(asked(), 2000, {}, http)).toEqual([]);
  });
});
