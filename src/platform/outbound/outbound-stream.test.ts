import { once } from 'node:events';
import net from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { OutboundClient } from './outbound-client.js';
import { AnswerBroken, type OutboundRequest, type Streamed } from './outbound-types.js';
import { call, closeAll, head, limits, listen, newClient, rawServer, success, whole } from './testing/raw-partner.js';

afterEach(closeAll);

const forward = (port: number, overrides: Partial<OutboundRequest> = {}): OutboundRequest =>
  call(port, { method: 'GET', profile: 'forward', asWritten: true, ...overrides });

/** A GET has no body here; `call` gives one to everything. */
function get(port: number, overrides: Partial<OutboundRequest> = {}): OutboundRequest {
  const { body: _body, ...rest } = forward(port, overrides);
  return rest;
}

async function answered(client: OutboundClient, request: OutboundRequest, wholeUpTo?: number): Promise<Streamed> {
  const outcome = await client.stream(request, wholeUpTo);
  if (outcome.kind !== 'answered') throw new Error(JSON.stringify(outcome));
  return outcome;
}

/** What a partner received, as text. */
async function received(request: (port: number) => OutboundRequest): Promise<string> {
  let text = '';
  const port = await listen(
    net.createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => {
        text += chunk.toString('latin1');
        // All bodies here end so.
        if (/\r\n\r\n$|\}$/.test(text)) socket.write(whole);
      });
    }),
  );
  await answered(newClient(), request(port), 1_000);
  return text;
}

describe('an answer that is handed on', () => {
  it('comes in one piece if it is short', async () => {
    const port = await rawServer((socket) => socket.write(whole));
    const client = newClient();
    for (let round = 0; round < 3; round++) {
      const { httpStatus, start, stream, headers } = await answered(client, get(port), success.length);
      expect({ httpStatus, text: start.toString(), stream }).toEqual({
        httpStatus: 200,
        text: success,
        stream: undefined,
      });
      expect(headers['content-type']).toBe('application/json');
    }
  });

  it('is told as soon as its headers are there if nothing of it is waited for', async () => {
    const sockets: net.Socket[] = [];
    const port = await rawServer((socket) => {
      sockets.push(socket);
      socket.write(`${head}Content-Length: ${success.length}\r\n\r\n`);
    });
    const { start, stream } = await answered(newClient(), get(port));
    expect(start).toHaveLength(0);
    sockets[0]?.write(success);
    if (!stream) throw new Error('no stream');
    expect((await buffer(stream)).toString()).toBe(success);
  });

  it('comes as a stream from its first byte on if it is longer, byte for byte', async () => {
    const body = Buffer.alloc(300_000, 'é\u0000ÿ');
    const port = await rawServer((socket) => {
      socket.write(`${head}Content-Length: ${body.length}\r\n\r\n`);
      socket.write(body);
    });
    const { start, stream } = await answered(newClient(), get(port), 1_000);
    expect(start.length).toBeGreaterThan(1_000);
    if (!stream) throw new Error('no stream');
    expect(body.equals(await buffer(stream))).toBe(true);
  });

  it('waits for a slow reader: of 50 MB next to nothing is held (R-48)', async () => {
    const size = 50_000_000;
    let taken = 0;
    const port = await rawServer((socket) => {
      socket.write(`${head}Content-Length: ${size}\r\n\r\n`);
      const piece = Buffer.alloc(10_000, 'x');
      const more = (): void => {
        while (taken < size) {
          taken += piece.length;
          if (!socket.write(piece)) return;
        }
      };
      socket.on('drain', more);
      more();
    });
    const client = newClient(limits('forward', { answerBytes: size }));
    const { stream } = await answered(client, get(port), 65_536);
    if (!stream) throw new Error('no stream');
    // Nobody reads: the system's buffers hold some megabytes, and then the partner is made to wait.
    for (let turn = 0; turn < 1_000; turn++) await new Promise(setImmediate);
    expect(taken).toBeLessThan(size / 2);
    expect(stream.readableLength).toBeLessThan(300_000);
    let read = 0;
    let mostHeld = 0;
    for await (const piece of stream) {
      read += (piece as Buffer).length;
      mostHeld = Math.max(mostHeld, stream.readableLength);
    }
    expect(read).toBe(size);
    expect(mostHeld).toBeLessThan(300_000);
  });

  it('ends with an error at the deadline, also if nobody reads', async () => {
    const port = await rawServer((socket) => socket.write(`${head}Content-Length: 500\r\n\r\n{"status_code"`));
    const client = newClient(limits('forward', { totalMs: 80 }));
    const { stream } = await answered(client, get(port));
    if (!stream) throw new Error('no stream');
    await expect(buffer(stream)).rejects.toMatchObject({ reason: 'timeout' });
    const unread = await answered(client, get(port));
    const [error] = await once(unread.stream ?? stream, 'error', { signal: AbortSignal.timeout(5_000) }).catch(
      (thrown: unknown) => [thrown],
    );
    expect(error).toBeInstanceOf(AnswerBroken);
  });

  it('ends with an error beyond the largest size, counted while it streams', async () => {
    const port = await rawServer((socket) => {
      socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n`);
      const more = (): void => {
        while (!socket.destroyed) if (!socket.write(`3e8\r\n${'x'.repeat(1_000)}\r\n`)) break;
      };
      socket.on('drain', more);
      more();
    });
    const { stream } = await answered(newClient(limits('forward', { answerBytes: 500_000 })), get(port));
    if (!stream) throw new Error('no stream');
    await expect(buffer(stream)).rejects.toMatchObject({ reason: 'too-large' });
  });

  it('ends with an error if the partner breaks off', async () => {
    const port = await rawServer((socket) => {
      socket.write(`${head}Content-Length: 5000\r\n\r\n${'x'.repeat(2_000)}`, () => socket.destroy());
    });
    const { stream } = await answered(newClient(), get(port), 100);
    if (!stream) throw new Error('no stream');
    await expect(buffer(stream)).rejects.toMatchObject({ reason: 'reset' });
  });

  it('ends when the signal of its caller fires, and when the client is closed', async () => {
    const port = await rawServer((socket) => socket.write(`${head}Content-Length: 5000\r\n\r\n{`));
    const stopping = new AbortController();
    const client = newClient();
    const first = await answered(client, get(port, { signal: stopping.signal }));
    const second = await answered(client, get(port));
    if (!first.stream || !second.stream) throw new Error('no stream');
    stopping.abort();
    await expect(buffer(first.stream)).rejects.toMatchObject({ reason: 'aborted' });
    await client.close();
    await expect(buffer(second.stream)).rejects.toMatchObject({ reason: 'aborted' });
  });

  it('frees its socket when its reader goes away', async () => {
    let closed: () => void = () => undefined;
    const gone = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const port = await rawServer((socket, count) => {
      if (count > 1) return void socket.write(whole);
      socket.on('close', closed);
      socket.write(`${head}Content-Length: 5000000\r\n\r\n{`);
    });
    // Longer than this test may take: the deadline would free it as well.
    const client = newClient({
      ...limits('forward', { totalMs: 60_000, answerBytes: 5_000_000 }),
      socketsPerOrigin: 1,
    });
    const { stream } = await answered(client, get(port));
    stream?.destroy();
    await gone;
    expect((await answered(client, get(port), 1_000)).start.toString()).toBe(success);
  });

  it('goes back to the pool with its socket once it was read', async () => {
    let connections = 0;
    const body = 'x'.repeat(200_000);
    const port = await listen(
      net.createServer((socket) => {
        connections++;
        socket.on('error', () => undefined);
        socket.on('data', () => socket.write(`${head}Content-Length: ${body.length}\r\n\r\n${body}`));
      }),
    );
    const client = newClient({ socketsPerOrigin: 1 });
    for (let round = 0; round < 3; round++) {
      const { stream } = await answered(client, get(port), 10);
      if (!stream) throw new Error('no stream');
      expect(await buffer(stream)).toHaveLength(body.length);
    }
    expect(connections).toBe(1);
  });
});

describe('a stream has the guards of every call', () => {
  it('goes to the origins of its partner only (T9), and nowhere once the client is closed', async () => {
    let calls = 0;
    const port = await rawServer((socket) => {
      calls++;
      socket.write(whole);
    });
    const client = newClient();
    expect(await client.stream(get(port, { origins: ['https://elsewhere.example'] }))).toEqual({
      kind: 'refused',
      reason: 'foreign-origin',
    });
    expect(await client.stream(get(port, { url: `http://user@127.0.0.1:${port}/` }))).toMatchObject({
      kind: 'refused',
    });
    await client.close();
    expect(await client.stream(get(port))).toEqual({ kind: 'refused', reason: 'closed' });
    expect(calls).toBe(0);
  });

  it('does not follow a redirect', async () => {
    let calls = 0;
    const canary = await rawServer(() => void calls++);
    const port = await rawServer((socket) =>
      socket.write(`HTTP/1.1 307 x\r\nLocation: http://127.0.0.1:${canary}/\r\nContent-Length: 0\r\n\r\n`),
    );
    const origins = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${canary}`];
    expect(await newClient().stream(get(port, { origins }))).toMatchObject({ httpStatus: 307, stream: undefined });
    expect(calls).toBe(0);
  });

  it.each(['gzip', 'br'])('refuses Content-Encoding %s unread (T11)', async (encoding) => {
    const port = await rawServer((socket) => socket.write(`${head}Content-Encoding: ${encoding}\r\n\r\n`));
    expect(await newClient().stream(get(port))).toMatchObject({ kind: 'ambiguous', reason: 'encoded' });
  });

  it.each(['GET', 'PUT', 'POST', 'PATCH', 'DELETE'] as const)(
    'sends a %s of profile forward once, also where a kept socket turns out to be closed (P10)',
    async (method) => {
      let requests = 0;
      const port = await rawServer((socket, count) => {
        requests = count;
        if (count === 1) socket.write(whole);
        else socket.destroy();
      });
      const client = newClient();
      await answered(client, get(port), 1_000);
      expect(await client.stream(get(port, { method }))).toMatchObject({ kind: 'ambiguous', reason: 'reset' });
      expect(requests).toBe(2);
    },
  );

  it('says that nothing left if there was no connection', async () => {
    const port = await rawServer(() => undefined);
    await closeAll();
    expect(await newClient().stream(get(port))).toMatchObject({ kind: 'unreachable', reason: 'connect' });
  });
});

describe('what leaves', () => {
  it('is the body as bytes, with its length and as application/json (R-07)', async () => {
    const body = Buffer.from('{ "name" : "Zoë \u0000", "price":1.50e0}');
    const text = await received((port) => forward(port, { method: 'POST', body }));
    expect(text).toContain(`Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`);
    expect(text.slice(text.indexOf('\r\n\r\n') + 4)).toBe(body.toString('latin1'));
  });

  it.each(['GET', 'DELETE'] as const)(
    'is no body with %s, and the one that was received if there was one',
    async (method) => {
      const none = await received((port) => get(port, { method }));
      expect(none).not.toMatch(/content-/i);
      const some = await received((port) => forward(port, { method, body: Buffer.from('{}') }));
      expect(some).toMatch(/Content-Length: 2\r\n.*\r\n\r\n\{\}$/s);
    },
  );

  it('is path and query byte for byte as written (R-07)', async () => {
    const path = '/x/%7e%2F/a\'b"<>^`{|}/%zz//;p=1';
    const query = "?a='b'&c=%27\"<>";
    const text = await received((port) => get(port, { url: `http://127.0.0.1:${port}${path}${query}` }));
    expect(text.slice(0, text.indexOf('\r\n'))).toBe(`GET ${path}${query} HTTP/1.1`);
    const bare = await received((port) => get(port, { url: `http://127.0.0.1:${port}?a=1` }));
    expect(bare).toMatch(/^GET \/\?a=1 HTTP/);
  });
});
