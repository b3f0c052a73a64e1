import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CpoSimulator } from '../cpo-simulator.js';
import { EmspSimulator } from '../emsp-simulator.js';
import { authorizationOf } from '../handshake/peer-link.js';
import { HttpClient } from './http-client.js';

const stamp = '2026-01-01T00:00:00Z';
const location = `{"country_code":"DE","party_id":"CP1","id":"L1","last_updated":"${stamp}"}`;

describe('a strict receiver', () => {
  const http = new HttpClient();
  let emsp: EmspSimulator;
  let cpo: CpoSimulator;

  beforeEach(async () => {
    emsp = new EmspSimulator({ parties: [{ country_code: 'FR', party_id: 'EM1', role: 'EMSP' }] });
    cpo = new CpoSimulator({ parties: [{ country_code: 'DE', party_id: 'CP1', role: 'CPO' }] });
    await emsp.start();
    await cpo.start();
    await cpo.register(emsp.invite());
  });

  afterEach(async () => {
    http.close();
    await Promise.all([emsp.stop(), cpo.stop()]);
  });

  const right = (): Record<string, string> => ({
    Authorization: authorizationOf(emsp.link.inboundToken ?? ''),
    'X-Request-ID': randomUUID(),
    'X-Correlation-ID': 'c1',
    'Content-Type': 'application/json',
    'OCPI-to-country-code': 'fr',
    'OCPI-to-party-id': 'em1',
    'OCPI-from-country-code': 'DE',
    'OCPI-from-party-id': 'CP1',
  });

  async function put(
    change: Record<string, string | undefined>,
    body = location,
    method = 'PUT',
    path = '/DE/CP1/L1',
  ): Promise<{ status: string; breaches: string[] }> {
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries({ ...right(), ...change }))
      if (value !== undefined) headers[name] = value;
    const url = `${emsp.baseUrl}/2.2.1/in/locations${path}`;
    const answer = await http.send({ method, url, headers, body });
    const { status_code } = JSON.parse(answer.body);
    const bad = emsp.receiver.badBodies;
    return {
      status: `${answer.status}/${status_code}`,
      breaches: [...Object.keys(emsp.inspector.byKind), ...Object.keys(bad)],
    };
  }

  it('finds nothing wrong with a right request', async () => {
    expect(await put({})).toEqual({ status: '201/1000', breaches: [] });
  });

  it.each([
    ['a token that is not Base64', { Authorization: 'Token plain' }, '401/2000', 'authorization'],
    ['no token', { Authorization: undefined }, '401/2000', 'authorization'],
    ['no request id', { 'X-Request-ID': undefined }, '201/1000', 'request-id-missing'],
    ['no correlation id', { 'X-Correlation-ID': undefined }, '201/1000', 'correlation-id-missing'],
    ['another content type', { 'Content-Type': 'text/plain' }, '201/1000', 'content-type'],
    ['a stranger as TO', { 'OCPI-to-party-id': 'XXX' }, '200/2001', 'routing-to'],
    ['no TO', { 'OCPI-to-party-id': undefined }, '201/1000', 'routing-to-missing'],
    ['a stranger as FROM', { 'OCPI-from-party-id': 'XXX' }, '201/1000', 'routing-from'],
    ['no FROM', { 'OCPI-from-party-id': undefined }, '201/1000', 'routing-from-missing'],
  ])('reports %s', async (_what, change, status, breach) => {
    expect(await put(change)).toEqual({ status, breaches: [breach] });
  });

  it('reports a request id that was used before', async () => {
    await put({ 'X-Request-ID': 'same' });
    expect((await put({ 'X-Request-ID': 'same' })).breaches).toEqual(['request-id-repeated']);
  });

  it.each([
    ['bad JSON', '{"id":', 'PUT', '/DE/CP1/L1', '400/2001', 'invalid-json'],
    ['a list', '[]', 'PUT', '/DE/CP1/L1', '200/2001', 'no-object'],
    ['another id than the URL', location, 'PUT', '/DE/CP1/L2', '200/2001', 'url-body-mismatch'],
    ['another owner than the URL', location, 'PUT', '/DE/CP2/L1', '200/2001', 'url-body-mismatch'],
    ['a PATCH without last_updated', '{"name":"x"}', 'PATCH', '/DE/CP1/L1', '200/2001', 'last-updated-missing'],
  ])('refuses %s', async (_what, body, method, path, status, breach) => {
    expect(await put({}, body, method, path)).toEqual({ status, breaches: [breach] });
  });

  it('tells of time that goes backwards, and applies it all the same', async () => {
    await put({}, location.replace(stamp, '2026-01-02T00:00:00Z'));
    await put({});
    expect(emsp.receiver.receipts.firstRegressions).toEqual([
      { key: 'locations/DE/CP1/L1', before: '2026-01-02T00:00:00Z', received: stamp },
    ]);
    expect(emsp.object('locations/DE/CP1/L1')).toBe(location);
  });

  it('counts an exact repeat as a duplicate, not as a regression', async () => {
    await put({});
    await put({});
    expect(emsp.receiver.receipts).toMatchObject({ put: 2, created: 1, duplicates: 1, regressions: 0 });
  });

  it('answers 404/2003 to a PATCH of what it does not know', async () => {
    const answer = await put({}, `{"status":"BLOCKED","last_updated":"${stamp}"}`, 'PATCH', '/DE/CP1/L1/E1');
    expect(answer.status).toBe('404/2003');
    expect(emsp.receiver.receipts.notFound).toBe(1);
  });

  it('refuses methods that do not exist, naming those that do', async () => {
    expect((await put({}, location, 'POST')).status).toBe('405/2000');
    expect((await put({}, location, 'DELETE')).status).toBe('405/2000');
  });
});
