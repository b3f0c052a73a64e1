import { readFileSync } from 'node:fs';
import net from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { encodeAuthorization } from '../../src/kernel/credentials-token.js';
import type { CpoSimulator } from '../../src/simulator/index.js';
import { type FloodResult, flood } from '../support/e2e/flood.js';
import { report, until, World } from '../support/e2e/index.js';

/** At full size: 60, 2000 and 20. */
const floodSeconds = Number(process.env.ROAMHUB_TEST_FLOOD_SECONDS ?? 5);
const slowSockets = Number(process.env.ROAMHUB_TEST_SLOW_SOCKETS ?? 300);
const stops = Number(process.env.ROAMHUB_TEST_STOPS ?? 1);

let world: World;
let cpos: CpoSimulator[];

/** A hub with so many partners that have ten Locations each. */
async function start(partners: number, env: Readonly<Record<string, string>> = {}): Promise<void> {
  world = await World.start({ env });
  cpos = [];
  for (let n = 0; n < partners; n++) {
    const cpo = await world.cpo(`DE/C${String(n).padStart(2, '0')}`, { pushOnly: true });
    cpo.generate(10);
    await world.join(cpo);
    await cpo.putAll();
    cpos.push(cpo);
  }
}

const polite = (from: number) => cpos.slice(from).map((cpo) => ({ cpo, rate: 20, connections: 8 }));
const sum = (results: readonly FloodResult[], of: (result: FloodResult) => number): number =>
  results.reduce((total, result) => total + of(result), 0);
const worst = (results: readonly FloodResult[], of: (result: FloodResult) => number): number =>
  Math.max(...results.map(of));
const ms = (value: number): string => `${value.toFixed(1)} ms`;

function statuses(results: readonly FloodResult[]): Record<string, number> {
  const all: Record<string, number> = {};
  for (const result of results)
    for (const [status, count] of Object.entries(result.statuses)) all[status] = (all[status] ?? 0) + count;
  return all;
}

/** Most memory that the hub has ever had resident, MiB. */
const peakMemory = (): number =>
  Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${world.hub.pid}/status`, 'utf8'))?.[1]) / 1024;

describe('a flood from 3 of 10 partners (P13)', () => {
  beforeAll(() => start(10));
  afterAll(() => world.close());

  it('is not felt by the other 7, and is over when it is over', async () => {
    const url = world.hub.publicUrl;
    const calm = await flood(url, 2, polite(3));
    const full = await flood(
      url,
      2,
      cpos.map((cpo) => ({ cpo, rate: 100_000, connections: 8 })),
    );
    const sustained = sum(full, (result) => result.accepted) / 2;
    const [bad, good] = await Promise.all([
      flood(
        url,
        floodSeconds,
        cpos.slice(0, 3).map((cpo) => ({ cpo, rate: (5 * sustained) / 3, connections: 200 })),
      ),
      flood(url, floodSeconds, polite(3)),
    ]);
    const endedAt = performance.now();
    const p99 = (results: readonly FloodResult[]) => worst(results, (result) => result.p99);
    report(`calm: p99 ${ms(p99(calm))}; sustained: ${Math.round(sustained)} updates/s`);
    report(
      `flood of ${Math.round(5 * sustained)}/s for ${floodSeconds} s: ${JSON.stringify(statuses(bad))}, ` +
        `${Math.round(sum(bad, (result) => result.perSecond))} accepted/s, p99 ${ms(p99(bad))}`,
    );
    report(`the polite: ${JSON.stringify(statuses(good))}, p99 ${ms(p99(good))}; peak ${Math.round(peakMemory())} MiB`);

    // Who is polite is served: at most one of a thousand is turned away, none is broken off or left waiting.
    const asked = sum(good, (result) => result.sent);
    expect(asked).toBeGreaterThan(7 * 20 * floodSeconds * 0.95);
    expect(asked - sum(good, (result) => result.accepted)).toBeLessThanOrEqual(asked / 1_000);
    expect(sum(good, (result) => result.dropped + result.broken + result.unanswered)).toBe(0);
    expect(p99([...good, ...bad])).toBeLessThan(2_000);
    // The others are told so, and when to come back.
    expect(Object.keys(statuses(bad)).filter((status) => !['200', '429', '503'].includes(status))).toEqual([]);
    expect(statuses(bad)['429']).toBeGreaterThan(0);
    expect(sum(bad, (result) => result.withoutRetryAfter + result.broken + result.unanswered)).toBe(0);
    // Turning away leaves the hub its work: most of what it can do is done for somebody.
    expect(sum([...good, ...bad], (result) => result.perSecond)).toBeGreaterThan(sustained / 3);
    expect(peakMemory()).toBeLessThan(512);

    const usual = Math.max(3 * p99(calm), 50);
    await until('it is as before', async () => p99(await flood(url, 1, polite(3))) < usual, { deadlineMs: 30_000 });
    report(`as before ${ms(performance.now() - endedAt)} after the flood`);
  });

  it('is seen by the operator', async () => {
    const metrics = (await world.hub.admin.call('GET', '/metrics')).text;
    expect(Number(/^roamhub_shed_total\{reason="limited"\} (\d+)/m.exec(metrics)?.[1])).toBeGreaterThan(0);
    expect(metrics).toMatch(/^roamhub_requests_in_flight 0$/m);
    expect(metrics).toMatch(/^roamhub_overloaded 0$/m);
  });
});

describe('a partner beyond its rate', () => {
  beforeAll(() => start(2, { ROAMHUB_RATE_LIMIT: '50' }));
  afterAll(() => world.close());

  it('gets its rate over all its connections, and is told when to come back', async () => {
    const [bad] = cpos;
    if (!bad) throw new Error('no partner');
    const [[result], others] = await Promise.all([
      flood(world.hub.publicUrl, 3, [{ cpo: bad, rate: 5_000, connections: 50 }]),
      flood(world.hub.publicUrl, 3, polite(1)),
    ]);
    report(`beyond its rate: ${JSON.stringify(result?.statuses)}`);
    // A burst of four times the rate, and the rate for as long as it lasts.
    expect(result?.accepted).toBeGreaterThan(3 * 50);
    expect(result?.accepted).toBeLessThan(200 + 50 * 6);
    expect(result?.withoutRetryAfter).toBe(0);
    expect(statuses(others)).toEqual({ 200: sum(others, (other) => other.sent) });
  });
});

describe('slow clients (T12)', () => {
  const sockets: net.Socket[] = [];

  beforeAll(() => start(2));
  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    await world.close();
  });

  it('do not hurt healthy ones', async () => {
    const calm = await flood(world.hub.publicUrl, 2, polite(1));
    const token = encodeAuthorization(cpos[0]?.link.peer?.outboundToken ?? '');
    const put = `PUT /ocpi/2.2.1/receiver/locations/DE/C00/SLOW HTTP/1.1\r\nAuthorization: ${token}\r\n`;
    const starts = [
      'GET /ocpi/versions HTTP/1.1\r\nX-Slow: ',
      `${put}Content-Type: application/json\r\nContent-Length: 900000\r\n\r\n${' '.repeat(30_000)}`,
    ];
    let cut = 0;
    for (let n = 0; n < slowSockets; n++) {
      const socket = net.connect(Number(new URL(world.hub.publicUrl).port), '127.0.0.1');
      sockets.push(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => cut++);
      socket.on('data', () => undefined);
      socket.write(starts[n % 4 === 0 ? 1 : 0] ?? '');
    }
    const held = await flood(world.hub.publicUrl, 4, polite(1));
    report(`${slowSockets} slow clients: p99 ${ms(held[0]?.p99 ?? 0)}, without ${ms(calm[0]?.p99 ?? 0)}`);
    expect(statuses(held)).toEqual({ 200: held[0]?.sent });
    // Of 80 requests the 99th percentile is the slowest one; how late it is depends on what else the machine does.
    expect(held[0]?.p50).toBeLessThan(2 * (calm[0]?.p50 ?? 0) + 10);
    expect(held[0]?.p99).toBeLessThan(2 * (calm[0]?.p99 ?? 0) + 250);
    expect(cut).toBeLessThan(slowSockets / 2);
  });
});

describe('a stop under load (P11)', () => {
  beforeAll(() => start(3, { ROAMHUB_STOP_DEADLINE_SECONDS: '8' }));
  afterAll(() => world.close());

  it.each(Array.from({ length: stops }, (_, n) => n + 1))('breaks no request: stop %d', async () => {
    const load = flood(
      world.hub.publicUrl,
      60,
      cpos.map((cpo) => ({ cpo, rate: 100_000, connections: 150, reconnect: false })),
    );
    const served = async () => (await world.hub.admin.call('GET', '/metrics')).text;
    const acks = async () => /^roamhub_acks_total{module="locations"} (\d+)/m.exec(await served())?.[1];
    await until('there is load', async () => Number(await acks()) > 1_000, { deadlineMs: 30_000 });
    const { code, signal, ms: took } = await world.hub.terminate();
    const results = await load;
    report(
      `stopped in ${ms(took)} under ${JSON.stringify(statuses(results))}, ${sum(results, (result) => result.broken)} broken`,
    );
    expect({ code, signal }).toEqual({ code: 0, signal: null });
    expect(sum(results, (result) => result.broken + result.unanswered)).toBe(0);
    expect(took).toBeLessThan(8_000);
    await world.hub.start();
  });

  it('waits for a request under way, ends its connection, and does not wait for one that never comes', async () => {
    const [cpo] = cpos;
    const [entry] = cpo?.catalogue.list('locations') ?? [];
    if (!cpo || !entry) throw new Error('no Location');
    const port = Number(new URL(world.hub.publicUrl).port);
    const never = net.connect(port, '127.0.0.1');
    never.on('error', () => undefined);
    never.write('GET /ocpi/versions HTTP/1.1\r\nX-Slow: ');
    const body = JSON.stringify({ name: 'Late', last_updated: new Date().toISOString() });
    const slow = net.connect(port, '127.0.0.1');
    const answered = new Promise<string>((resolve, reject) => {
      let text = '';
      slow.on('data', (chunk) => {
        text += chunk.toString();
      });
      slow.on('close', () => resolve(text));
      slow.on('error', reject);
    });
    slow.write(
      `PATCH /ocpi/2.2.1/receiver/locations/DE/C00/${encodeURIComponent(entry.id)} HTTP/1.1\r\nHost: hub\r\n` +
        `Authorization: ${encodeAuthorization(cpo.link.peer?.outboundToken ?? '')}\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 10)}`,
    );
    await until('it is under way', async () =>
      (await world.hub.admin.call('GET', '/metrics')).text.includes('roamhub_requests_in_flight 1'),
    );
    const stopping = world.hub.terminate();
    await until('the hub says so', async () => (await world.hub.ready()).status === 503, { everyMs: 5 });
    slow.write(body.slice(10));
    const answer = await answered;
    expect(answer).toMatch(/^HTTP\/1.1 200 /);
    expect(answer).toMatch(/^connection: close\r$/im);
    const { code, ms: took } = await stopping;
    report(`stopped in ${ms(took)} with a client that never ends its request`);
    expect(code).toBe(0);
    expect(took).toBeLessThan(8_000);
    never.destroy();
  });
});
