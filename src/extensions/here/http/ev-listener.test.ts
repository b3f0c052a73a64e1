import { afterEach, describe, expect, it } from '@jest/globals';
import { EvError, unavailable } from './ev-error.js';
import type { EvRoute } from './ev-route.js';
import { type EvTestServer, startEvServer } from './testing/ev-test-server.js';

const route = (path: string, handle: EvRoute['handle'], rest: Partial<EvRoute> = {}): EvRoute => ({
  path,
  scope: undefined,
  summary: '',
  parameters: {},
  handle,
  ...rest,
});
const routes: EvRoute[] = [
  route('/echo/{name}', ({ params, query }) => ({ body: { ...params, n: query.get('n') } }), { parameters: { n: '' } }),
  route('/echo/fixed', () => ({ body: 'fixed' })),
  route('/secret', () => ({ body: 1 }), { scope: 'predictions' }),
  route('/broken', () => {
    throw new Error('password=hunter2');
  }),
  route('/away', () => {
    throw unavailable('not now', 7);
  }),
  route('/lost', () => Promise.reject(new TypeError('connection lost'))),
  route('/range', () => {
    throw new EvError(416, 'no such bytes', 'Ask for fewer.', { 'Content-Range': 'bytes */5' });
  }),
];
const uuid = /^[0-9a-f-]{36}$/;

let server: EvTestServer | undefined;
const start = async (options: Parameters<typeof startEvServer>[1] = {}): Promise<EvTestServer> => {
  server = await startEvServer(routes, options);
  return server;
};
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const long = (status: number, title: string, code: string) => ({
  title,
  status,
  code,
  cause: expect.any(String),
  action: expect.any(String),
  correlationId: expect.stringMatching(uuid),
});
const short = (status: number, error: string) => ({ error, error_description: expect.any(String), status });

describe('the EV data API', () => {
  it('takes the key in the query or as Bearer token, and only one', async () => {
    const { get } = await start();
    const statuses = async (path: string, headers = {}) => (await get(path, headers)).status;
    expect(await statuses('/echo/a?apiKey=test-key')).toBe(200);
    expect(await statuses('/echo/a', { Authorization: 'Bearer test-key' })).toBe(200);
    expect(await statuses('/echo/a', { authorization: 'bearer test-key' })).toBe(200);
    expect(await statuses('/echo/a?apiKey=test-key', { Authorization: 'Bearer test-key' })).toBe(200);
    expect(await statuses('/echo/a?apiKey=test-key', { Authorization: 'Bearer key-of-browse' })).toBe(401);
    expect(await statuses('/echo/a?apiKey=test-key&apiKey=key-of-browse')).toBe(401);
    expect(await statuses('/echo/a?apiKey=test-key', { Authorization: 'Basic dGVzdA==' })).toBe(401);
    expect(await statuses('/echo/a?apiKey=wrong')).toBe(401);
    expect(await statuses('/echo/a?apiKey=')).toBe(401);
    expect(await statuses('/echo/a')).toBe(401);
    // Who has no key learns nothing about paths.
    expect(await statuses('/nothing')).toBe(401);
  });

  it('refuses in the two forms that are documented', async () => {
    const { get } = await start();
    const refusal = async (path: string, headers?: Record<string, string>, method?: string) => {
      const answer = await get(path, headers, method);
      expect(answer.headers['content-type']).toBe('application/json');
      return answer.body;
    };
    expect(await refusal('/echo/a?m=1')).toEqual(long(400, 'Bad Request', 'E629400'));
    expect(await refusal('/nothing')).toEqual(long(404, 'Not Found', 'E629000'));
    expect(await refusal('')).toEqual(long(404, 'Not Found', 'E629000'));
    expect(await refusal('/echo/%ff')).toEqual(long(404, 'Not Found', 'E629000'));
    expect(await refusal('/broken')).toEqual(long(500, 'Internal Server Error', 'E629500'));
    expect(await refusal('/away')).toEqual(long(503, 'Service Unavailable', 'E629503'));
    expect(await refusal('/echo/a?apiKey=s3cr3t-guess', {})).toEqual(short(401, 'Unauthorized'));
    expect(await refusal('/secret?apiKey=key-of-browse', {})).toEqual(short(403, 'Forbidden'));
    expect(await refusal('/echo/a', undefined, 'POST')).toEqual(short(405, 'Method Not Allowed'));
    expect(await refusal('/range')).toEqual(short(416, 'Range Not Satisfiable'));
  });

  it('has a correlation id in every answer, the same as in the body, and sends the request id back', async () => {
    const { get } = await start();
    const bearer = { Authorization: 'Bearer test-key', 'X-Request-ID': 'mine-1' };
    for (const path of ['/echo/a', '/nothing', '/broken', '/away']) {
      const { headers, body } = await get(path, bearer);
      const { correlationId } = body as { correlationId?: string };
      expect(headers['x-correlation-id']).toMatch(uuid);
      if (correlationId !== undefined) expect(correlationId).toBe(headers['x-correlation-id']);
      expect(headers['x-request-id']).toBe('mine-1');
    }
    const { headers } = await get('/echo/a', {});
    expect(headers['x-correlation-id']).toMatch(uuid);
    expect(headers).not.toHaveProperty('x-request-id');
    const overlong = await get('/echo/a', { ...bearer, 'X-Request-ID': 'x'.repeat(5_000) });
    expect(String(overlong.headers['x-request-id']).length).toBeLessThan(300);
  });

  it('says nothing of what broke, nor of keys, but tells its operator', async () => {
    const { get, failures } = await start();
    const broken = await get('/broken?apiKey=test-key', {});
    expect(broken.bytes.toString()).not.toMatch(/hunter2|test-key/);
    expect(failures).toEqual([expect.objectContaining({ message: 'password=hunter2' })]);
    const guess = await get('/echo/a?apiKey=s3cr3t-guess', {});
    expect(guess.bytes.toString()).not.toContain('s3cr3t-guess');
  });

  it('says that the storage is away, and does not call that a mistake', async () => {
    const { get, failures } = await start({ isAway: (error) => error instanceof TypeError });
    const { status, headers } = await get('/lost');
    expect([status, headers['retry-after'] !== undefined]).toEqual([503, true]);
    expect(failures).toEqual([]);
  });

  it('limits each key by itself', async () => {
    const { get } = await start({ limit: (id) => (id === 'all' ? 3 : 0) });
    const { status, headers, body } = await get('/echo/a');
    expect([status, headers['retry-after'], body]).toEqual([429, '3', short(429, 'Too Many Requests')]);
    expect((await get('/echo/a?apiKey=key-of-browse', {})).status).toBe(200);
  });

  it('is read only, for browsers of any origin', async () => {
    const { get } = await start();
    const written = await get('/echo/a', undefined, 'DELETE');
    expect([written.status, written.headers.allow]).toEqual([405, 'GET, HEAD, OPTIONS']);
    const head = await get('/echo/a', undefined, 'HEAD');
    expect([head.status, head.bytes.length, Number(head.headers['content-length']) > 0]).toEqual([200, 0, true]);
    const asked = await get('/echo/a', { Origin: 'https://app.example' }, 'OPTIONS');
    expect([asked.status, asked.headers['access-control-allow-origin']]).toEqual([204, '*']);
    expect((await get('/nothing')).headers['access-control-allow-origin']).toBe('*');
  });

  it('finds fixed words before names, and decodes names', async () => {
    const { get } = await start();
    expect((await get('/echo/fixed')).body).toBe('fixed');
    expect((await get('/echo/here%3Aa%2Fb?n=1')).body).toEqual({ name: 'here:a/b', n: '1' });
    for (const path of ['/echo', '/echo/', '/echo/a/b', '/echo/__proto__?constructor=1'])
      expect((await get(path)).status).toBe(path === '/echo/' ? 200 : path.includes('?') ? 400 : 404);
  });
});
