import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EmspSimulator } from '../emsp-simulator.js';
import { authorizationOf } from '../handshake/peer-link.js';
import { type Answer, HttpClient } from '../http/http-client.js';
import { parseFault } from './fault.js';

const stamp = '2026-01-01T00:00:00Z';
const body = `{"country_code":"DE","party_id":"CP1","id":"L1","last_updated":"${stamp}"}`;

/** What a partner's fault looks like from the other end, and whether the push was applied nevertheless. */
describe('faults', () => {
  const emsp = new EmspSimulator({ parties: [{ country_code: 'FR', party_id: 'EM1', role: 'EMSP' }] });
  const http = new HttpClient({ timeoutMs: 400, maxBodyBytes: 1_000_000 });
  let token = '';

  beforeEach(async () => {
    await emsp.setFaults([]);
    await emsp.start();
    token = emsp.link.invite();
    emsp.link.admit(token, 'peer');
    emsp.receiver.copy()?.locations.clear();
  });

  afterEach(() => emsp.stop());

  async function push(fault: string, method = 'PUT'): Promise<Answer> {
    await emsp.setFaults([parseFault(fault)]);
    const url = `${emsp.baseUrl}/2.2.1/in/locations/DE/CP1/L1`;
    const headers = { Authorization: authorizationOf(token), 'Content-Type': 'application/json' };
    return http.send({ method, url, headers, body });
  }

  const applied = (): boolean => emsp.receiver.copy()?.locations.size === 1;

  it.each([
    ['error500', 500, '3000', false],
    ['status=401', 401, '2000', false],
    ['status=503', 503, '3000', false],
    ['reject2001', 200, '2001', false],
    ['ocpi3000', 200, '3000', false],
    ['html', 200, '<!doctype html>', false],
    ['redirect=http://127.0.0.1:9/elsewhere', 307, '', false],
    ['redirect=308 http://127.0.0.1:9/elsewhere', 308, '', false],
    ['retry-after=3600', 429, '2000', false],
    ['unavailable=2', 503, '3000', false],
    ['encodings=1000', 201, '1000', true],
    ['no-envelope', 200, '{"ok":true}', true],
    ['empty', 204, '', true],
    ['close', 201, '1000', true],
    ['slow=20', 201, '1000', true],
    ['late=20', 201, '1000', true],
    ['trickle=1', 201, '1000', true],
  ])('%s', async (fault, status, content, isApplied) => {
    const answer = await push(fault);
    expect(answer.status).toBe(status);
    expect(answer.body).toContain(content);
    expect(applied()).toBe(isApplied);
    expect(Object.values(emsp.faults.hits).length).toBeGreaterThan(0);
  });

  it.each([
    ['hang', 'TIMEOUT', false],
    ['headers-only', 'TIMEOUT', false],
    ['trickle=300', 'TIMEOUT', true],
    ['reset', 'ECONNRESET', true],
    ['huge=9000000', 'TOO_LARGE', true],
    ['huge-headers=100000', 'HPE_HEADER_OVERFLOW', true],
  ])('%s leaves no answer (%s)', async (fault, code, isApplied) => {
    await expect(push(fault)).rejects.toMatchObject({ code: expect.stringMatching(`${code}|STALE_SOCKET`) });
    expect(applied()).toBe(isApplied);
  });

  it('gzip packs the answer unasked', async () => {
    const answer = await push('gzip');
    expect(answer.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(Buffer.from(answer.body, 'latin1')).toString()).toContain('"status_code":1000');
  });

  it('bomb is small until it is unpacked', async () => {
    const { body } = await push('bomb');
    expect(body.length).toBeLessThan(1_000_000);
    expect(gunzipSync(Buffer.from(body, 'latin1')).length).toBe(16 * 1024 * 1024);
  });

  it('redirect and retry-after name what they were told', async () => {
    expect((await push('redirect=http://127.0.0.1:9/x')).headers.location).toBe('http://127.0.0.1:9/x');
    expect((await push('retry-after=-5')).headers['retry-after']).toBe('-5');
  });

  it('patch404 spares PUT', async () => {
    expect((await push('patch404')).status).toBe(201);
    expect((await push('patch404', 'PATCH')).status).toBe(404);
  });

  it('dead refuses connections until it is revived', async () => {
    await expect(push('dead')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await emsp.revive();
    await emsp.setFaults([]);
    expect((await push('slow=1')).status).toBe(201);
  });
});
