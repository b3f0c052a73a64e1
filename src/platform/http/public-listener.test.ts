import { afterEach, describe, expect, it } from '@jest/globals';
import { roles } from '../../kernel/module-id.js';
import { defineModule, done, type OcpiModule } from './define-module.js';
import { mountedEndpoints } from './public-listener.js';
import { ToyHub } from './testing/toy-hub.js';

const modules: OcpiModule[] = [
  defineModule({
    kind: 'functional',
    id: 'tariffs',
    interfaces: {
      SENDER: [{ owner: 'none', roles, method: 'GET', path: '', handle: () => done([]) }],
      RECEIVER: [
        {
          owner: 'none',
          roles,
          method: 'PUT',
          path: '',
          bodyLimit: 10_000,
          handle: (request) => done(request.body?.text),
        },
      ],
    },
  }),
  defineModule({
    kind: 'configuration',
    id: 'credentials',
    interfaces: { SENDER: [{ access: 'registered', method: 'GET', path: '', handle: () => done() }] },
  }),
  defineModule({
    kind: 'configuration',
    id: 'versions',
    interfaces: { SENDER: [{ access: 'registered', method: 'GET', path: '/versions', handle: () => done() }] },
  }),
];

let toy: ToyHub;
afterEach(() => toy.close());
const open = async (...options: [Parameters<typeof ToyHub.open>[1]?]) => {
  toy = await ToyHub.open(modules, ...options);
};
const head = 'Authorization: Token partner\r\nConnection: close\r\n';
const receiver = '/ocpi/2.2.1/receiver/tariffs';

const stranger = { credentialId: 'a', presentedToken: 'token-a', form: 'raw' } as const;

/** Status of a raw answer, after a look at whether it is a whole envelope with ids. */
function judge(raw: string): number {
  const [top = '', body = ''] = raw.split('\r\n\r\n');
  expect(top).toMatch(/^x-request-id: \S+/im);
  expect(top).toMatch(/^x-correlation-id: \S+/im);
  const envelope = JSON.parse(body) as { status_code: number; timestamp: string };
  expect(typeof envelope.status_code).toBe('number');
  expect(envelope.timestamp).toMatch(/Z$/);
  return Number(top.split(' ')[1]);
}

it('version details are what is mounted, absolute, without versions itself (V-03…V-08)', async () => {
  await open();
  expect(mountedEndpoints('https://hub.example', modules, stranger)).toEqual([
    { identifier: 'tariffs', role: 'SENDER', url: 'https://hub.example/ocpi/2.2.1/sender/tariffs' },
    { identifier: 'tariffs', role: 'RECEIVER', url: 'https://hub.example/ocpi/2.2.1/receiver/tariffs' },
    { identifier: 'credentials', role: 'SENDER', url: 'https://hub.example/ocpi/2.2.1/credentials' },
  ]);
  for (const { url } of mountedEndpoints('', modules, stranger)) {
    const answer = await toy.call('GET', url);
    expect([200, 405]).toContain(answer.status);
  }
});

it('health and readiness need no token', async () => {
  await open();
  for (const path of ['/health', '/ready'])
    expect((await toy.call('GET', path, { Authorization: '' })).status).toBe(200);
});

describe('what is hardly HTTP', () => {
  it.each([
    ['no HTTP', '\u0000\u0001garbage\r\n\r\n', 400],
    ['a header block without end', `GET / HTTP/1.1\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`, 431],
    ['two lengths', `PUT ${receiver} HTTP/1.1\r\n${head}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`, 400],
    [
      'length and chunks',
      `PUT ${receiver} HTTP/1.1\r\n${head}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}`,
      400,
    ],
    ['a broken chunk', `PUT ${receiver} HTTP/1.1\r\n${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n`, 400],
    ['a blank in the path', `GET /ocpi /versions HTTP/1.1\r\n${head}\r\n`, 400],
    ['an unknown method', `BREW /ocpi/versions HTTP/1.1\r\n${head}\r\n`, 400],
  ])('is answered in the envelope: %s (T-14, T-22)', async (_, bytes, status) => {
    await open();
    expect(judge(await toy.raw(bytes))).toBe(status);
  });

  it.each([
    ['no Host', `GET /ocpi/versions HTTP/1.1\r\n${head}\r\n`, 200],
    ['HTTP/1.0', `GET /ocpi/versions HTTP/1.0\r\n${head}\r\n`, 200],
    ['an unknown Expect', `GET /ocpi/versions HTTP/1.1\r\nExpect: wonders\r\n${head}\r\n`, 200],
    ['an upgrade', `GET /ocpi/versions HTTP/1.1\r\nUpgrade: websocket\r\n${head}\r\n`, 200],
    ['an absolute target', `GET http://other.example/ocpi/versions HTTP/1.1\r\n${head}\r\n`, 200],
    ['a target of *', `OPTIONS * HTTP/1.1\r\n${head}\r\n`, 404],
    ['dots in the path', `GET /ocpi/../../etc/passwd HTTP/1.1\r\n${head}\r\n`, 404],
    ['a NUL in the path', `GET /ocpi/%00 HTTP/1.1\r\n${head}\r\n`, 404],
    ['a broken escape', `GET /ocpi/%zz HTTP/1.1\r\n${head}\r\n`, 404],
    ['150 headers', `GET /ocpi/versions HTTP/1.1\r\n${head}${'X: y\r\n'.repeat(150)}\r\n`, 200],
  ])('but can be read is treated as what it says: %s', async (_, bytes, status) => {
    await open();
    expect(judge(await toy.raw(bytes))).toBe(status);
  });

  it('is cut off when it wants a tunnel', async () => {
    await open();
    expect(await toy.raw(`CONNECT other.example:443 HTTP/1.1\r\n${head}\r\n`)).toBe('');
    expect((await toy.call('GET', '/ocpi/versions')).status).toBe(200);
  });
});

describe('bodies', () => {
  const chunked = (...chunks: (string | Buffer)[]) => [
    `PUT ${receiver} HTTP/1.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n${head}\r\n`,
    ...chunks.flatMap((chunk) => [`${Buffer.byteLength(chunk).toString(16)}\r\n`, chunk, '\r\n']),
    '0\r\n\r\n',
  ];

  it('come in chunks, cut anywhere', async () => {
    await open();
    const bytes = Buffer.from('"Köln"');
    expect(judge(await toy.raw(...chunked(bytes.subarray(0, 3), bytes.subarray(3))))).toBe(200);
  });

  it('that grow over the limit are refused, and the connection ends (T13)', async () => {
    await open();
    const raw = await toy.raw(...chunked(...Array.from({ length: 20 }, () => ' '.repeat(1_000))));
    expect(judge(raw)).toBe(413);
    expect(raw).toMatch(/^connection: close$/im);
  });

  it('without end are cut off and harm nobody', async () => {
    await open();
    const endless = Array.from({ length: 2_000 }, () => `3e8\r\n${' '.repeat(1_000)}\r\n`).join('');
    const raw = await toy.raw(...chunked().slice(0, 1), endless);
    // The answer may be lost with the reset connection; what matters is that it ends.
    if (raw !== '') expect(judge(raw)).toBe(413);
    expect((await toy.call('GET', '/ocpi/versions')).status).toBe(200);
  });

  it('that are encoded are refused on every route that takes one, unread (T11)', async () => {
    await open();
    for (const encoding of ['gzip', 'br', 'deflate', 'zstd', 'gzip, br']) {
      const raw = await toy.raw(
        `PUT ${receiver} HTTP/1.1\r\nContent-Type: application/json\r\nContent-Encoding: ${encoding}\r\nContent-Length: 9000\r\n${head}\r\n`,
      );
      expect(judge(raw)).toBe(415);
    }
  });
});

describe('slow clients (T12)', () => {
  const patience = { headersMs: 60, requestMs: 120, checkMs: 20 };

  it('are cut off when their headers do not come, in the envelope, and cost nobody else anything', async () => {
    await open({ patience });
    const slow = Array.from({ length: 50 }, () => toy.raw('GET /ocpi/versions HTTP/1.1\r\nX-Slow: '));
    expect((await toy.call('GET', '/ocpi/versions')).status).toBe(200);
    for (const raw of await Promise.all(slow)) expect(judge(raw)).toBe(408);
  });

  it('are cut off when their body does not come', async () => {
    await open({ patience });
    const raw = await toy.raw(
      `PUT ${receiver} HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 100\r\n${head}\r\n{"a":`,
    );
    expect(judge(raw)).toBe(408);
  });

  it('are waited for as long as the rules say: ten and thirty seconds, with a look every five', async () => {
    await open();
    const { server } = toy as unknown as { server: { headersTimeout: number; requestTimeout: number } };
    expect([server.headersTimeout, server.requestTimeout]).toEqual([10_000, 30_000]);
  });
});

it('POST to the URL of a Receiver interface is 405; an object there has to be named (O-01, O-02)', async () => {
  const put = { owner: 'none', roles, method: 'PUT', path: '/:id', handle: () => done() } as const;
  toy = await ToyHub.open([defineModule({ kind: 'functional', id: 'tariffs', interfaces: { RECEIVER: [put] } })]);
  const post = await toy.call('POST', receiver, {}, '{}');
  expect([post.status, post.body.status_code, post.headers.allow]).toEqual([405, 2000, 'PUT']);
  for (const method of ['GET', 'PUT', 'OPTIONS', 'HEAD', 'TRACE'])
    expect((await toy.call(method, receiver)).status).toBe(404);
  expect((await toy.call('OPTIONS', receiver, { Authorization: '' })).status).toBe(401);
});
