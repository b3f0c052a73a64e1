import net from 'node:net';
import { requestEnd } from './receiver.js';

// Process of its own: one platform that answers everything with ready bytes, on raw sockets, at next to no cost. It is told what with, and
// tells its port.

export interface ReadyAnswer {
  readonly method: 'GET' | 'POST';
  /** Without query. */
  readonly path: string;
  readonly status: '200 OK' | '201 Created';
  /** `Name: value` lines. */
  readonly headers?: readonly string[];
  readonly body: string;
}

export interface ReadyParty {
  readonly endpoints: readonly { readonly identifier: string; readonly role: string; readonly path: string }[];
  readonly answers: readonly ReadyAnswer[];
}

const envelope = (data: unknown): string =>
  JSON.stringify({ data, status_code: 1000, timestamp: '2026-01-01T00:00:00Z' });

function bytesOf({ status, headers = [], body }: Omit<ReadyAnswer, 'method' | 'path'>): Buffer {
  const lines = [
    `HTTP/1.1 ${status}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Keep-Alive: timeout=60',
    'X-Request-ID: 6a1c4c0e-2f0b-4a86-8f5c-0d9a7f1d3b11',
    'X-Correlation-ID: 9d0f6b7e-9f0a-4c3c-8a77-5f2f9f6f6f10',
    ...headers,
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`);
}

process.on('message', (party: ReadyParty) => {
  const ready = new Map<string, Buffer>();
  const server = net.createServer({ noDelay: true }, (socket) => {
    let waiting: Buffer | undefined;
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      let data = waiting ? Buffer.concat([waiting, chunk]) : chunk;
      for (let end = requestEnd(data); end !== undefined; end = requestEnd(data)) {
        const line = data.toString('latin1', 0, data.indexOf(' HTTP/'));
        socket.write(ready.get(line.split('?', 1)[0] ?? '') ?? ready.get('') ?? '');
        data = data.subarray(end);
      }
      waiting = data.length > 0 ? data : undefined;
    });
  });
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as net.AddressInfo;
    const origin = `http://127.0.0.1:${port}`;
    const endpoints = [
      { identifier: 'credentials', role: 'SENDER', url: `${origin}/credentials` },
      ...party.endpoints.map(({ identifier, role, path }) => ({ identifier, role, url: origin + path })),
    ];
    const good = (data: unknown) => bytesOf({ status: '200 OK', body: envelope(data) });
    ready.set('', good([]));
    ready.set('GET /versions', good([{ version: '2.2.1', url: `${origin}/2.2.1` }]));
    ready.set('GET /2.2.1', good({ version: '2.2.1', endpoints }));
    for (const answer of party.answers) ready.set(`${answer.method} ${answer.path}`, bytesOf(answer));
    process.send?.(port);
  });
});
