import { once } from 'node:events';
import net from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { isSuccess } from './outbound-types.js';
import {
  call,
  closeAll,
  head,
  limits,
  listen,
  loopback,
  newClient,
  rawServer,
  success,
  whole,
} from './testing/raw-partner.js';

afterEach(closeAll);

describe('the last look before a request leaves', () => {
  it('is taken when the connection stands, and not a byte leaves if it says no', async () => {
    let bytes = 0;
    let connections = 0;
    const port = await listen(
      net.createServer((socket) => {
        socket.on('error', () => undefined);
        socket.on('data', (chunk) => {
          bytes += chunk.length;
          socket.write(whole);
        });
      }),
    );
    const looks: boolean[] = [];
    const client = newClient({
      resolve: (_name, answer) => {
        connections++;
        // Not asked while the name is looked up.
        looks.push(false);
        answer(null, [{ address: '127.0.0.1', family: 4 }]);
      },
    });
    const url = `http://localhost:${port}/x`;
    const ask = (mayLeave: () => boolean) =>
      client.send(call(port, { url, origins: [`http://localhost:${port}`], mayLeave }));
    const no = await ask(() => {
      looks.push(true);
      return false;
    });
    expect(no).toEqual({ kind: 'refused', reason: 'withdrawn' });
    expect(looks).toEqual([false, true]);
    expect(bytes).toBe(0);
    expect(isSuccess(await ask(() => true))).toBe(true);
    expect(bytes).toBeGreaterThan(0);
    // And once more on a socket that is kept.
    expect(isSuccess(await ask(() => true))).toBe(true);
    const before = bytes;
    expect(await ask(() => false)).toEqual({ kind: 'refused', reason: 'withdrawn' });
    expect(bytes).toBe(before);
    expect(connections).toBe(2);
  });
});

describe('time limits', () => {
  it('cuts a partner that accepts and never answers: ambiguous', async () => {
    const port = await rawServer(() => undefined);
    const client = newClient(limits('push', { totalMs: 40, firstByteMs: 40 }));
    expect(await client.send(call(port))).toMatchObject({ kind: 'ambiguous', reason: 'timeout', bytesSent: true });
  });

  it('cuts an answer that never ends at the total time', async () => {
    const port = await rawServer((socket) => socket.write(`${head}Content-Length: 500\r\n\r\n{`));
    const client = newClient(limits('push', { totalMs: 60 }));
    expect(await client.send(call(port))).toMatchObject({ kind: 'ambiguous', reason: 'timeout' });
  });

  it('allows a page more time than its first byte', async () => {
    const port = await rawServer((socket) => {
      socket.write(`${head}Content-Length: ${success.length}\r\n\r\n`);
      setTimeout(() => socket.write(success), 120);
    });
    const client = newClient(limits('page', { totalMs: 5_000, firstByteMs: 60 }));
    expect(isSuccess(await client.send(call(port, { method: 'GET', profile: 'page' })))).toBe(true);
  });

  it('counts waiting for a free socket, and says that nothing was sent', async () => {
    const port = await rawServer(() => undefined);
    const client = newClient({ ...limits('push', { totalMs: 40 }), socketsPerOrigin: 1 });
    const stopping = new AbortController();
    const first = client.send(call(port, { profile: 'handshake', signal: stopping.signal }));
    expect(await client.send(call(port))).toMatchObject({ kind: 'unreachable', reason: 'busy' });
    stopping.abort();
    expect(await first).toMatchObject({ kind: 'ambiguous', reason: 'aborted' });
  });

  it('gives up connecting after its own time, and says that nothing was sent', async () => {
    const client = newClient({ connectMs: 30, resolve: () => undefined });
    const url = 'http://silent.localhost/x';
    expect(await client.send(call(0, { url, origins: ['http://silent.localhost'] }))).toMatchObject({
      kind: 'unreachable',
      reason: 'dns',
    });
  });

  it('ends when its signal fires, before and after sending', async () => {
    const arrived = new AbortController();
    const port = await rawServer(() => arrived.abort());
    const client = newClient();
    expect(await client.send(call(port, { signal: arrived.signal }))).toMatchObject({
      kind: 'ambiguous',
      reason: 'aborted',
    });
    expect(await client.send(call(port, { signal: arrived.signal }))).toMatchObject({
      kind: 'unreachable',
      reason: 'aborted',
    });
  });

  it('ends what is under way when it is closed', async () => {
    const client = newClient();
    const port = await rawServer(() => void client.close());
    expect(await client.send(call(port))).toMatchObject({ kind: 'ambiguous', reason: 'aborted' });
  });
});

describe('sizes and encodings', () => {
  it('refuses an announced size before reading', async () => {
    const port = await rawServer((socket) => socket.write(`${head}Content-Length: 1001\r\n\r\n`));
    expect(await newClient(limits('push', {})).send(call(port))).toMatchObject({
      kind: 'ambiguous',
      reason: 'too-large',
    });
  });

  it('counts an endless chunked body while it streams', async () => {
    let sent = 0;
    const port = await rawServer((socket) => {
      socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n`);
      const more = () => {
        while (!socket.destroyed) {
          sent += 1_000;
          if (!socket.write(`3e8\r\n${'x'.repeat(1_000)}\r\n`)) break;
        }
      };
      socket.on('drain', more);
      more();
    });
    expect(await newClient(limits('push', { answerBytes: 5_000 })).send(call(port))).toMatchObject({
      kind: 'ambiguous',
      reason: 'too-large',
    });
    expect(sent).toBeLessThan(20_000_000);
  });

  it('takes an answer of exactly the largest size', async () => {
    const body = `{"status_code":1000,"data":"${'x'.repeat(1_000 - 30)}"}`;
    expect(body).toHaveLength(1_000);
    const port = await rawServer((socket) => socket.write(`${head}Content-Length: 1000\r\n\r\n${body}`));
    expect(isSuccess(await newClient(limits('push', {})).send(call(port)))).toBe(true);
  });

  it('refuses 100 kB of headers', async () => {
    const port = await rawServer((socket) => socket.write(`${head}X-A: ${'a'.repeat(100_000)}\r\n\r\n`));
    expect(await newClient().send(call(port))).toMatchObject({ kind: 'ambiguous', reason: 'too-large' });
  });

  it.each(['gzip', 'br', 'deflate', 'zstd', 'GZIP', 'identity, gzip', new Array(1_000).fill('gzip').join(', ')])(
    'refuses Content-Encoding %.20s without reading the body (T11)',
    async (encoding) => {
      const port = await rawServer((socket) => socket.write(`${head}Content-Encoding: ${encoding}\r\n\r\n`));
      expect(await newClient().send(call(port))).toMatchObject({ kind: 'ambiguous', reason: 'encoded' });
    },
  );

  it('takes Content-Encoding: identity', async () => {
    const port = await rawServer((socket) =>
      socket.write(whole.replace('\r\n\r\n', '\r\nContent-Encoding: Identity\r\n\r\n')),
    );
    expect(isSuccess(await newClient().send(call(port)))).toBe(true);
  });

  it.each([
    ['that is not UTF-8', Buffer.concat([Buffer.from(`${head}Content-Length: 2\r\n\r\n`), Buffer.from([0xff, 0xfe])])],
    ['with broken chunks', `${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n`],
    ['that is no HTTP', 'SSH-2.0-OpenSSH_9.0\r\n\r\n'],
  ])('calls an answer %s a bad body', async (_name, answer) => {
    const port = await rawServer((socket) => socket.write(answer));
    expect(await newClient().send(call(port))).toMatchObject({ kind: 'ambiguous', reason: 'bad-body' });
  });

  it('calls an answer that breaks off a reset', async () => {
    const port = await rawServer((socket) => socket.end(`${head}Content-Length: 50\r\n\r\n{`));
    expect(await newClient().send(call(port))).toMatchObject({ kind: 'ambiguous', reason: 'reset' });
  });

  it('does not take an upgrade for an answer', async () => {
    const port = await rawServer((socket) =>
      socket.write('HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'),
    );
    expect(await newClient().send(call(port))).toMatchObject({ kind: 'ambiguous', reason: 'bad-body' });
  });
});

describe('kept sockets', () => {
  /** Answers the first request of all, then closes every kept socket as soon as a second request comes in on it. */
  async function closingServer(): Promise<{ port: number; requests: string[]; connections: () => number }> {
    const requests: string[] = [];
    let connections = 0;
    const port = await listen(
      net.createServer((socket) => {
        const isFirst = ++connections === 1;
        let served = 0;
        socket.on('error', () => undefined);
        socket.on('data', (chunk) => {
          requests.push(chunk.toString('latin1').split(' ', 1)[0] ?? '');
          if (isFirst && ++served === 2) socket.destroy();
          else socket.write(whole);
        });
      }),
    );
    return { port, requests, connections: () => connections };
  }

  it('are used again', async () => {
    const { port, connections } = await closingServer();
    const client = newClient();
    await client.send(call(port));
    await client.send(call(port)).then(() => client.send(call(port)));
    // The second went out twice, and the socket of a repetition is not kept.
    expect(connections()).toBe(3);
    const steady = await rawServer((socket) => socket.write(whole));
    let opened = 0;
    const counting = newClient({
      resolve: (_hostname, callback) => {
        opened++;
        callback(null, [loopback]);
      },
    });
    const named = { url: `http://partner.localhost:${steady}/x`, origins: [`http://partner.localhost:${steady}`] };
    for (let i = 0; i < 5; i++) expect(isSuccess(await counting.send(call(steady, named)))).toBe(true);
    expect(opened).toBe(1);
  });

  it.each(['GET', 'PUT', 'PATCH', 'DELETE'] as const)(
    'closed by the partner: a %s goes out once more',
    async (method) => {
      const { port, requests } = await closingServer();
      const client = newClient();
      expect(isSuccess(await client.send(call(port, { method: 'GET' })))).toBe(true);
      expect(isSuccess(await client.send(call(port, { method })))).toBe(true);
      expect(requests).toEqual(['GET', method, method]);
    },
  );

  it.each([
    ['a POST', { method: 'POST' }],
    ['a forwarded message', { profile: 'forward' }],
  ] as const)('closed by the partner: %s does not go out again (P10)', async (_name, overrides) => {
    const { port, requests } = await closingServer();
    const client = newClient();
    await client.send(call(port, overrides));
    expect(await client.send(call(port, overrides))).toMatchObject({ kind: 'ambiguous', reason: 'reset' });
    expect(requests).toHaveLength(2);
  });

  it('are not the excuse for repeating on a new one', async () => {
    let count = 0;
    const port = await rawServer((socket) => {
      count++;
      socket.destroy();
    });
    expect(await newClient().send(call(port))).toMatchObject({ kind: 'ambiguous', reason: 'reset' });
    expect(count).toBe(1);
  });

  it('do not repeat a request whose answer had begun', async () => {
    const port = await rawServer((socket, count) => {
      if (count === 1) socket.write(whole);
      else socket.end('HTTP/1.1 2');
    });
    const client = newClient();
    await client.send(call(port));
    expect(await client.send(call(port))).toMatchObject({ kind: 'ambiguous' });
  });

  it('are not kept when the partner announces to close them within a second', async () => {
    let connections = 0;
    const server = net.createServer((socket) => {
      connections++;
      socket.on('data', () => socket.write(whole.replace('\r\n\r\n', '\r\nKeep-Alive: timeout=1\r\n\r\n')));
    });
    const port = await listen(server);
    const client = newClient();
    await client.send(call(port));
    await client.send(call(port));
    expect(connections).toBe(2);
  });

  it('are closed with the agent that was used longest ago', async () => {
    let closed: Promise<unknown> | undefined;
    const first = await rawServer((socket) => {
      closed ??= once(socket, 'close');
      socket.write(whole);
    });
    const second = await rawServer((socket) => socket.write(whole));
    const client = newClient({ maxAgents: 1 });
    for (const port of [first, second]) expect(isSuccess(await client.send(call(port)))).toBe(true);
    await closed;
    expect(isSuccess(await client.send(call(first)))).toBe(true);
  });
});
