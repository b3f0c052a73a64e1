import net from 'node:net';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { encodeAuthorization } from '../src/kernel/credentials-token.js';
import { cast, envelope, sendRaw, startTestHub, type TestHub } from './support/hub/index.js';
let hub: TestHub;
beforeAll(async () => { hub = await startTestHub({ reachable: true }); });
afterAll(async () => { await hub.close(); });
const to = (c: string, p: string) => ({ 'OCPI-to-country-code': c, 'OCPI-to-party-id': p });
const S = '/ocpi/2.2.1/receiver/sessions';
const sess = (id: string, more = {}) => ({ id, country_code: 'DE', party_id: 'CP1', cdr_token: { country_code: 'FR', party_id: 'EM1', uid: 'u' }, ...more });
const log = (n: string, v: unknown) => process.stderr.write(`## ${n}: ${JSON.stringify(v)}\n`);
it('A', async () => {
  for (const host of ['h', 'hh', 'a'.repeat(22), 'hub.example']) {
    hub.forget();
    const body = JSON.stringify({ cdr_token: { country_code: 'FR', party_id: 'EM1' } });
    const r = await sendRaw(hub.url, `PUT http://${host}${S}/DE/CP1/S1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: ${encodeAuthorization(cast.P1.token)}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    log('A ' + host, [r.split('\r\n')[0], r.slice(-150), hub.partner('P2').received.map((x) => x.target)]);
  }
});
it('B', async () => {
  const a = await hub.as('P1', 'PUT', `${S}/DE/CP1/SB`, { body: sess('SB', { cdr_token: { country_code: 'x'.repeat(500_000), party_id: 'y' } }) });
  log('B', [a.status, a.text.slice(0, 100), hub.outcomes.at(-1)?.trace.candidates[0]?.party.length]);
});
it('C', async () => {
  const id = 'L'.repeat(8000);
  const a = await hub.as('P1', 'PUT', `${S}/DE/CP1/${id}`, { body: sess(id) });
  await new Promise((r) => setTimeout(r, 50));
  const row = hub.storage.reader.prepare('SELECT max(length(id)) AS n FROM route_memory').get();
  log('C', [a.status, a.text.slice(0, 90), row]);
});
it('D', async () => {
  const put = (who: 'P2' | 'P3', result: string) => {
    hub.partner('P1').behaviour = () => ({ body: envelope({ result, timeout: 30 }) });
    return hub.as(who, 'PUT', '/ocpi/2.2.1/receiver/chargingprofiles/SD', { headers: to('DE', 'CP1'), body: { charging_profile: { charging_rate_unit: 'W' }, response_url: `${hub.partner(who).origin}/x` } });
  };
  log('D1', (await put('P2', 'ACCEPTED')).text);
  log('D2', (await put('P3', 'REJECTED')).text);
  hub.forget();
  const a = await hub.as('P1', 'PUT', '/ocpi/2.2.1/sender/chargingprofiles/SD', { body: { start_date_time: '2026-05-01T12:00:00Z', charging_profile: {} } });
  log('D', [a.text.slice(0, 120), hub.partner('P2').received.length, hub.partner('P3').received.length]);
  hub.partner('P1').behaviour = () => ({});
});
it('E', async () => {
  const a = await hub.as('P1', 'PATCH', `${S}/DE/CP1/S9`, { headers: to('FR', 'EM1'), body: { country_code: 'AT', party_id: 'CP3', id: 'other' } });
  log('E', a.text);
});
it('F', async () => {
  hub.partner('P1').forget();
  const a = await hub.as('P2', 'POST', '/ocpi/2.2.1/receiver/commands/UNLOCK_CONNECTOR?response_url=https%3A%2F%2Fevil.example', { headers: to('DE', 'CP1'), body: { location_id: 'L', evse_uid: 'E', connector_id: '1', response_url: `${hub.partner('P2').origin}/x` } });
  log('F', [a.text.slice(0, 100), hub.partner('P1').received.map((x) => x.target)]);
});
it('H', async () => {
  hub.partner('P1').behaviour = () => new Promise((r) => setTimeout(() => r({}), 700));
  const many = Array.from({ length: 110 }, (_, i) => hub.as('P2', 'PUT', `/ocpi/2.2.1/sender/sessions/${i}/charging_preferences`, { headers: to('DE', 'CP1'), body: {} }));
  const sock = await Promise.race([new Promise((r) => setTimeout(r, 300)), Promise.all(many)]);
  const t = Date.now();
  const b = await hub.call('GET', '/ocpi/2.2.1/sender/cdrs', { token: cast.P3.token, headers: to('DE', 'CP1'), agent: new (await import('node:http')).Agent() });
  log('H', [b.text, Date.now() - t, sock === undefined]);
  await Promise.all(many);
  hub.partner('P1').behaviour = () => ({});
}, 20000);
it('G', async () => {
  const big = JSON.stringify(envelope('x'.repeat(9_000_000)));
  hub.partner('P1').behaviour = (r) => (r.target.includes('big') ? { body: big } : {});
  const u = new URL(hub.url);
  const socks = Array.from({ length: 12 }, () => {
    const s = net.connect(Number(u.port), u.hostname, () => s.write(`GET /ocpi/2.2.1/sender/cdrs?big=1 HTTP/1.1\r\nHost: x\r\nAuthorization: ${encodeAuthorization(cast.P2.token)}\r\nOCPI-to-country-code: DE\r\nOCPI-to-party-id: CP1\r\n\r\n`));
    s.on('error', () => 0); s.pause(); return s;
  });
  await new Promise((r) => setTimeout(r, 400));
  const t = Date.now();
  const b = await hub.call('GET', '/ocpi/2.2.1/sender/cdrs', { token: cast.P3.token, headers: to('DE', 'CP1'), agent: new (await import('node:http')).Agent() });
  log('G', [b.text, Date.now() - t]);
  for (const s of socks) s.destroy();
  hub.partner('P1').behaviour = () => ({});
}, 20000);
it('J', async () => {
  hub.partner('P1').behaviour = () => ({ body: envelope({ result: 'ACCEPTED', timeout: 3, pad: 'p'.repeat(200_000) }) });
  const a = await hub.as('P2', 'POST', '/ocpi/2.2.1/receiver/commands/UNLOCK_CONNECTOR', { headers: to('DE', 'CP1'), body: { location_id: 'L', evse_uid: 'E', connector_id: '1', response_url: `${hub.partner('P2').origin}/x` } });
  log('J', [a.status, hub.storage.reader.prepare('SELECT max(length(answer)) AS n FROM request_guard').get()]);
  hub.partner('P1').behaviour = () => ({});
});
it('K', async () => {
  const own = `${hub.partner('P2').origin}/x`;
  const a = await hub.as('P2', 'POST', '/ocpi/2.2.1/receiver/commands/UNLOCK_CONNECTOR', { headers: to('DE', 'CP1'), body: `{"location_id":"L","response_url":"${own}","response\\u005furl":"https://evil.example"}` });
  log('K', a.text);
  expect(1).toBe(1);
});
