// Over 400 lines: the pipeline has one order of steps, and the tests follow it.
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '../../kernel/clock.js';
import { roles } from '../../kernel/module-id.js';
import { StorageUnavailable } from '../storage/index.js';
import { asStored, defineModule, done, type OcpiModule, type OcpiReply } from './define-module.js';
import { LoadGate, type LoadLimits } from './load-gate.js';
import { readyPage } from './page-cache.js';
import type { Authenticator } from './request-pipeline.js';
import { ToyHub } from './testing/toy-hub.js';

const open = { owner: 'none', roles } as const;
const validity = { version: 0, removals: 0, firstChunk: 0, lastChunk: 0 };
let page = readyPage(Buffer.alloc(0), { count: 0, lastId: 0, more: false, validity });
let deflated: Buffer | undefined;
let inside = 0;
let release: () => void = () => undefined;

const modules: OcpiModule[] = [
  defineModule({
    kind: 'functional',
    id: 'locations',
    interfaces: {
      SENDER: [
        { ...open, method: 'GET', path: '', handle: () => done([]) },
        { ...open, method: 'GET', path: '/text', handle: () => asStored('{"n":150000.0}') },
        {
          ...open,
          method: 'GET',
          path: '/page',
          handle: (): OcpiReply => ({
            kind: 'page',
            page,
            compressed: () => deflated,
            totalCount: 7,
            limit: 5,
            next: 'https://hub.example/next?x=1',
          }),
        },
        {
          ...open,
          method: 'GET',
          path: '/bug',
          handle: () => {
            throw new TypeError('secret /etc/hub at line 3');
          },
        },
        {
          ...open,
          method: 'GET',
          path: '/full',
          handle: () => {
            throw new StorageUnavailable(new Error('disk'));
          },
        },
        {
          ...open,
          method: 'GET',
          path: '/unreadable',
          handle: () => {
            throw Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_READ' });
          },
        },
        {
          ...open,
          method: 'GET',
          path: '/slow',
          handle: async () => {
            inside++;
            await new Promise<void>((resolve) => {
              release = resolve;
            });
            return done();
          },
        },
        { ...open, method: 'GET', path: '/id/:id', handle: (request) => done(request.params.id) },
      ],
      RECEIVER: [
        { ...open, method: 'PUT', path: '/echo', bodyLimit: 1_000, handle: (request) => done(request.body?.value) },
        { ...open, method: 'PUT', path: '/void', handle: () => done() },
      ],
    },
  }),
  defineModule({
    kind: 'configuration',
    id: 'credentials',
    interfaces: {
      SENDER: [
        { access: 'registered or invited', method: 'GET', path: '', handle: () => done('open') },
        { access: 'registered', method: 'DELETE', path: '', handle: () => done('closed') },
      ],
    },
  }),
];
const sender = '/ocpi/2.2.1/sender/locations';
const receiver = '/ocpi/2.2.1/receiver/locations';

let toy: ToyHub;
const gate = (limits: Partial<LoadLimits>) => new LoadGate({ clock: systemClock, limits });
const start = async (...parameters: Parameters<typeof ToyHub.open> extends [unknown, ...infer R] ? R : never) => {
  toy = await ToyHub.open(modules, ...parameters);
};
afterEach(() => toy.close());

describe('every answer', () => {
  it('is the envelope with both ids, also when something is wrong (T-14, T-19, T-20, T-22)', async () => {
    await start();
    const ids = { 'X-Request-ID': 'req-1', 'X-Correlation-ID': 'corr-1' };
    const cases: [string, string, Record<string, string>, string | undefined, number, number][] = [
      ['GET', sender, {}, undefined, 200, 1000],
      ['GET', sender, { Authorization: 'Token nobody' }, undefined, 401, 2000],
      ['GET', `${sender}/nowhere`, {}, undefined, 404, 2000],
      ['GET', `${sender}/id/%E0%A4%A`, {}, undefined, 404, 2000],
      ['POST', sender, {}, '{}', 405, 2000],
      ['PUT', `${receiver}/echo`, { 'Content-Type': 'application/json' }, '{"a":', 400, 2001],
      ['PUT', `${receiver}/echo`, { 'Content-Type': 'text/plain' }, '{}', 415, 2001],
      ['PUT', `${receiver}/echo`, { 'Content-Type': 'application/json' }, ' '.repeat(1_001), 413, 2001],
      ['GET', `${sender}/bug`, {}, undefined, 200, 3000],
      ['GET', `${sender}/full`, {}, undefined, 503, 3000],
    ];
    for (const [method, path, headers, body, status, code] of cases) {
      const answer = await toy.call(method, path, { ...ids, ...headers }, body);
      expect([method, path, answer.status, answer.body.status_code]).toEqual([method, path, status, code]);
      expect(answer.headers).toMatchObject({ 'x-request-id': 'req-1', 'x-correlation-id': 'corr-1' });
      expect(answer.headers['content-type']).toBe('application/json');
      expect(answer.headers).not.toHaveProperty('x-powered-by');
      expect(answer.body.timestamp).toBe('2026-01-01T00:00:00.000Z');
    }
  });

  it('has ids of our own where the caller sent none or nothing to echo (T-24)', async () => {
    await start();
    for (const headers of [{}, { 'X-Request-ID': 'a\tb', 'X-Correlation-ID': 'x'.repeat(256) }]) {
      const answer = await toy.call('GET', sender, headers as Record<string, string>);
      expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
      expect(answer.headers['x-correlation-id']).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  it('of a functional module goes back to the requester, from the hub (R-05, R-39); of a configuration module it does not (R-02)', async () => {
    await start();
    const from = { 'OCPI-from-country-code': 'fr', 'OCPI-from-party-id': 'em1' };
    for (const [path, code] of [
      [sender, 1000],
      [`${sender}/bug`, 3000],
      [`${sender}?x`, 1000],
    ] as const) {
      const answer = await toy.call('GET', path, from);
      expect(answer.body.status_code).toBe(code);
      expect(answer.headers).toMatchObject({
        'ocpi-to-country-code': 'fr',
        'ocpi-to-party-id': 'em1',
        'ocpi-from-country-code': 'NL',
        'ocpi-from-party-id': 'HUB',
      });
    }
    const credentials = await toy.call('GET', '/ocpi/2.2.1/credentials', { 'OCPI-to-party-id': 'HUB' });
    expect(credentials.body).toMatchObject({ status_code: 1000, data: 'open' });
    expect(Object.keys(credentials.headers).filter((name) => name.startsWith('ocpi-'))).toEqual([]);
  });

  it('carries stored text as it is, and no data where there are none (T-17)', async () => {
    await start();
    expect((await toy.call('GET', `${sender}/text`)).bytes.toString()).toContain('"data":{"n":150000.0}');
    expect((await toy.call('PUT', `${receiver}/void`)).body).not.toHaveProperty('data');
  });
});

describe('who asks', () => {
  it('is asked before anything else: a stranger learns neither URLs nor methods, and no body of his is read', async () => {
    await start();
    for (const [method, path] of [
      ['GET', '/'],
      ['GET', '/ocpi/9.9'],
      ['POST', sender],
      ['BREW', sender],
      ['OPTIONS', sender],
    ] as const)
      expect((await toy.call(method === 'BREW' ? 'PURGE' : method, path, { Authorization: '' })).status).toBe(401);
    const unsent = await toy.raw(
      `PUT ${receiver}/echo HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 900\r\nConnection: close\r\n\r\n`,
    );
    expect(unsent).toMatch(/^HTTP\/1.1 401 /);
  });

  it('with a token A opens configuration, and no functional module (T-04)', async () => {
    await start();
    const tokenA = { Authorization: 'Token token-a' };
    expect((await toy.call('GET', '/ocpi/2.2.1/credentials', tokenA)).status).toBe(200);
    expect((await toy.call('DELETE', '/ocpi/2.2.1/credentials', tokenA)).status).toBe(401);
    expect((await toy.call('GET', sender, tokenA)).status).toBe(401);
  });

  it('is turned away for a while after 20 wrong tokens; a good token from the same address is not (T5)', async () => {
    await start();
    const guess = (n: number) => toy.call('GET', sender, { Authorization: `Token guess-${n}` });
    for (let n = 0; n < 20; n++) expect((await guess(n)).status).toBe(401);
    const refused = await guess(20);
    expect([refused.status, refused.body.status_code]).toEqual([429, 2000]);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await toy.call('GET', sender)).status).toBe(200);
    toy.time.now += Number(refused.headers['retry-after']) * 1_000;
    expect((await guess(21)).status).toBe(401);
    expect((await guess(22)).status).toBe(429);
  });

  it('without any token is 401 however often it asks (T-03)', async () => {
    await start();
    for (let n = 0; n < 25; n++)
      expect(await toy.raw(`GET ${sender} HTTP/1.1\r\nConnection: close\r\n\r\n`)).toMatch(/^HTTP\/1.1 401 /);
  });

  it('gets no more than the rate of a partner (429 with Retry-After)', async () => {
    await start({ rateLimit: { perSecond: 1, burst: 2 } });
    const statuses: number[] = [];
    for (let n = 0; n < 3; n++) statuses.push((await toy.call('GET', sender)).status);
    expect(statuses).toEqual([200, 200, 429]);
    expect((await toy.call('GET', sender, { Authorization: 'Token token-a' })).status).toBe(401);
    toy.time.now += 1_000;
    expect((await toy.call('GET', sender)).status).toBe(200);
  });
});

describe('methods', () => {
  it('that are not offered are 405 and say which are (T-42)', async () => {
    await start();
    const post = await toy.call('POST', sender, {}, '{}');
    expect([post.status, post.headers.allow]).toEqual([405, 'GET']);
    const all = await toy.call('PATCH', '/ocpi/2.2.1/credentials');
    expect([all.status, all.headers.allow]).toEqual([405, 'GET, DELETE']);
    for (const method of ['HEAD', 'OPTIONS', 'TRACE', 'PROPFIND'])
      expect((await toy.call(method, sender)).status).toBe(405);
    expect(toy.outcomes.every((outcome) => outcome.statusCode === 2000)).toBe(true);
  });

  it('are the same with a slash at the end (T-32)', async () => {
    await start();
    expect((await toy.call('GET', `${sender}/`)).status).toBe(200);
    expect((await toy.call('GET', `${sender}/?limit=1`)).status).toBe(200);
    expect((await toy.call('GET', `${sender}//`)).status).toBe(404);
  });

  it('find path parameters decoded', async () => {
    await start();
    expect((await toy.call('GET', `${sender}/id/a%2Fb%25%20c`)).body.data).toBe('a/b% c');
  });
});

describe('failures of ours', () => {
  it('are 200/3000 with a fixed sentence; the reason goes to the log only (ST-10)', async () => {
    await start();
    const answer = await toy.call('GET', `${sender}/bug`);
    expect(answer.bytes.toString()).not.toContain('secret');
    expect(toy.outcomes[0]).toMatchObject({
      httpStatus: 200,
      statusCode: 3000,
      fault: new TypeError('secret /etc/hub at line 3'),
    });
  });

  it('of the storage are 503/3000 with Retry-After, whether it was written or read (P9)', async () => {
    await start();
    for (const path of ['/full', '/unreadable']) {
      const answer = await toy.call('GET', sender + path);
      expect([answer.status, answer.body.status_code, answer.headers['retry-after']]).toEqual([503, 3000, '5']);
    }
  });

  it('of headers that Node refuses still leave an answer and a hub that runs', async () => {
    await start();
    page = readyPage(Buffer.from('1'), { count: 1, lastId: 1, more: true, validity });
    const odd: OcpiModule = defineModule({
      kind: 'functional',
      id: 'tariffs',
      interfaces: {
        SENDER: [
          {
            ...open,
            method: 'GET',
            path: '',
            handle: (): OcpiReply => ({
              kind: 'page',
              page,
              compressed: () => undefined,
              totalCount: 1,
              limit: 1,
              next: 'https://hub/\u0131',
            }),
          },
        ],
      },
    });
    await toy.close();
    toy = await ToyHub.open([odd]);
    const answer = await toy.call('GET', '/ocpi/2.2.1/sender/tariffs', { 'X-Request-ID': 'r' });
    expect([answer.status, answer.body.status_code, answer.headers['x-request-id']]).toEqual([200, 3000, 'r']);
  });
});

describe('load and stop', () => {
  it('turns away what is too much, at once, and serves again afterwards', async () => {
    await start({ gate: gate({ requests: 1 }) });
    inside = 0;
    const slow = toy.call('GET', `${sender}/slow`);
    while (inside === 0) await new Promise((resolve) => setImmediate(resolve));
    const refused = await toy.call('GET', sender);
    expect([refused.status, refused.body.status_code, refused.headers['retry-after']]).toEqual([503, 3000, '1']);
    release();
    expect((await slow).status).toBe(200);
    expect((await toy.call('GET', sender)).status).toBe(200);
  });

  it('gives one partner no more than its part of what it handles at once (T12, T19)', async () => {
    await start({ gate: gate({ requestsOfOne: 1 }) });
    inside = 0;
    const slow = toy.call('GET', `${sender}/slow`);
    while (inside === 0) await new Promise((resolve) => setImmediate(resolve));
    const refused = await toy.call('GET', sender);
    expect([refused.status, refused.body.status_code, refused.headers['retry-after']]).toEqual([429, 2000, '1']);
    const other = await toy.call('GET', '/ocpi/2.2.1/credentials', { Authorization: 'Token token-a' });
    expect(other.status).toBe(200);
    release();
    expect((await slow).status).toBe(200);
    expect((await toy.call('GET', sender)).status).toBe(200);
  });

  it('refuses bodies beyond what it holds of them at once, of one partner and in all', async () => {
    const json = { 'Content-Type': 'application/json' };
    for (const [limits, status] of [
      [{ bytesOfOne: 100 }, 429],
      [{ bytes: 150 }, 503],
    ] as const) {
      await start({ gate: gate(limits) });
      const fits = await toy.call('PUT', `${receiver}/echo`, json, JSON.stringify('x'.repeat(50)));
      const big = await toy.call('PUT', `${receiver}/echo`, json, JSON.stringify('x'.repeat(99)));
      expect([fits.status, big.status, big.headers['retry-after']]).toEqual([200, status, '1']);
      // What is held is let go with its request.
      expect((await toy.call('PUT', `${receiver}/echo`, json, JSON.stringify('x'.repeat(50)))).status).toBe(200);
      await toy.close();
    }
  });

  it('answers who is turned away for load after a pause, and at once when it stops', async () => {
    await start({ rateLimit: { perSecond: 1, burst: 1 }, refusalPauseMs: 3_600_000 });
    expect((await toy.call('GET', sender)).status).toBe(200);
    const refused = toy.call('GET', sender);
    // Other refusals do not wait.
    expect((await toy.call('GET', sender, { Authorization: 'Token nobody' })).status).toBe(401);
    expect(toy.outcomes.map((outcome) => outcome.httpStatus)).toEqual([200, 401]);
    // Nor do strangers, however often they guess.
    const guess = (n: number) => toy.call('GET', sender, { Authorization: `Token nobody-${n}` });
    for (let n = 1; n < 20; n++) expect((await guess(n)).status).toBe(401);
    expect((await guess(20)).status).toBe(429);
    toy.pipeline.stop();
    expect((await refused).status).toBe(429);
    expect((await toy.call('GET', sender)).status).toBe(503);
  });

  it('reads no body of who is turned away', async () => {
    await start({ gate: gate({ requests: 0 }) });
    const head = 'Authorization: Token partner\r\nContent-Type: application/json\r\nConnection: close\r\n';
    const raw = await toy.raw(`PUT ${receiver}/echo HTTP/1.1\r\n${head}Content-Length: 900\r\n\r\n`);
    expect(raw).toMatch(/^HTTP\/1.1 503 /);
  });

  it('uses a connection on after a refusal, whatever body came with it', async () => {
    await start({ gate: gate({ requests: 0 }) });
    const put = (body: string, more: string) =>
      `PUT ${receiver}/echo HTTP/1.1\r\nAuthorization: Token partner\r\nContent-Length: ${body.length}\r\n${more}\r\n${body}`;
    const raw = await toy.raw(put(' '.repeat(500_000), ''), put('{}', 'Connection: close\r\n'));
    expect(raw.match(/HTTP\/1.1 503 /g)).toHaveLength(2);
  });

  it('asks what other nodes know of a token, for so many of one address at once', async () => {
    let answer: () => void = () => undefined;
    const news = new Promise<void>((resolve) => {
      answer = resolve;
    });
    let asked = 0;
    const authenticator: Authenticator = {
      authenticate: () => undefined,
      newsOf: () => {
        asked++;
        return news;
      },
      touch: () => undefined,
    };
    await start({ authenticator, gate: gate({ requestsOfOne: 1 }) });
    const first = toy.call('GET', sender);
    while (asked === 0) await new Promise((resolve) => setImmediate(resolve));
    expect((await toy.call('GET', sender)).status).toBe(429);
    answer();
    expect((await first).status).toBe(401);
  });

  it('ends the connection of requests that were under way when the stop began', async () => {
    await start();
    inside = 0;
    const slow = toy.raw(`GET ${sender}/slow HTTP/1.1\r\nAuthorization: Token partner\r\n\r\n`);
    while (inside === 0) await new Promise((resolve) => setImmediate(resolve));
    toy.pipeline.endConnections();
    release();
    expect(await slow).toMatch(/^HTTP\/1.1 200 [\s\S]*^connection: close\r$/im);
  });

  it('finishes what is under way and answers everything else 503 while stopping', async () => {
    await start();
    inside = 0;
    const slow = toy.call('GET', `${sender}/slow`);
    while (inside === 0) await new Promise((resolve) => setImmediate(resolve));
    toy.pipeline.stop();
    for (const path of [sender, '/nowhere']) expect((await toy.call('GET', path)).status).toBe(503);
    release();
    expect((await slow).status).toBe(200);
  });
});

describe('a page', () => {
  const fill = async (text: string): Promise<void> => {
    const { deflateRawSync, constants } = await import('node:zlib');
    page = readyPage(Buffer.from(text), { count: 1, lastId: 1, more: true, validity });
    deflated = deflateRawSync(page.plain, { finishFlush: constants.Z_SYNC_FLUSH });
  };

  it('has the headers of a list (P-07, P-09, P-10)', async () => {
    await start();
    await fill('{"id":"1"}');
    const answer = await toy.call('GET', `${sender}/page`);
    expect(answer.headers).toMatchObject({
      'x-total-count': '7',
      'x-limit': '5',
      link: '<https://hub.example/next?x=1>; rel="next"',
      'content-length': String(answer.bytes.length),
    });
    expect(answer.body).toMatchObject({ data: [{ id: '1' }], status_code: 1000 });
  });

  it.each(['', '{"id":"1"}', '{"t":"Köln 充电"}', `"${'0123456789'.repeat(20_000)}"`])(
    'is the same compressed, with right length, checksum and size: %#',
    async (text) => {
      await start();
      await fill(text);
      const plain = await toy.call('GET', `${sender}/page`);
      toy.time.now += 1;
      const compressed = await toy.call('GET', `${sender}/page`, { 'Accept-Encoding': 'br, gzip;q=0.5' });
      expect(compressed.headers['content-encoding']).toBe('gzip');
      expect(compressed.headers.vary).toBe('Accept-Encoding');
      expect(compressed.headers['content-length']).toBe(String(compressed.bytes.length));
      // gunzip checks CRC-32 and size of the trailer itself.
      const text2 = gunzipSync(compressed.bytes).toString();
      expect(text2).toBe(plain.bytes.toString().replace('00.000Z', '00.001Z'));
    },
  );

  it('is broken if one byte of it is, so the checksum does check', async () => {
    await start();
    await fill('{"id":"1"}');
    const { bytes } = await toy.call('GET', `${sender}/page`, { 'Accept-Encoding': 'gzip' });
    bytes[bytes.length - 12] = (bytes[bytes.length - 12] ?? 0) ^ 1;
    expect(() => gunzipSync(bytes)).toThrow();
  });

  it.each([
    ['gzip', true],
    ['deflate, gzip;q=1.0, *;q=0.5', true],
    ['gzip;q=0', false],
    ['gzip; q=0.0 , deflate', false],
    ['gzip;q=0.000', false],
    ['identity', false],
    ['', false],
  ])('for Accept-Encoding %j is compressed: %j', async (accepted, expected) => {
    await start();
    await fill('1');
    const answer = await toy.call('GET', `${sender}/page`, { 'Accept-Encoding': accepted });
    expect(answer.headers['content-encoding'] === 'gzip').toBe(expected);
  });

  it('is plain as long as nothing compressed is ready', async () => {
    await start();
    await fill('1');
    deflated = undefined;
    expect((await toy.call('GET', `${sender}/page`, { 'Accept-Encoding': 'gzip' })).body.data).toEqual([1]);
  });
});
