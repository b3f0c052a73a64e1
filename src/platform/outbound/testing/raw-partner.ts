import { once } from 'node:events';
import net from 'node:net';
import { systemClock } from '../../../kernel/clock.js';
import type { Resolve } from '../guarded-agent.js';
import { OutboundClient, type OutboundClientOptions } from '../outbound-client.js';
import type { CallLimits, OutboundRequest, Profile } from '../outbound-types.js';

export const success = '{"status_code":1000,"timestamp":"2026-01-01T00:00:00Z"}';
export const loopback = { address: '127.0.0.1', family: 4 };
export const toLoopback: Resolve = (_hostname, callback) => callback(null, [loopback]);

const toClose: (() => Promise<unknown> | unknown)[] = [];

/** Closes what this file opened since the last call; to be called after each test. */
export async function closeAll(): Promise<void> {
  for (const close of toClose.splice(0)) await close();
}

/** A client that development switches let reach this machine. */
export function newClient(options: Partial<OutboundClientOptions> = {}): OutboundClient {
  const client = new OutboundClient({
    policy: { development: true, allowedNetworks: [] },
    clock: systemClock,
    ...options,
  });
  toClose.unshift(() => client.close());
  return client;
}

/** Listens on a free loopback port, which it returns. */
export async function listen(server: net.Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sockets = new Set<net.Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  toClose.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

/** A partner that writes what it likes, as soon as the headers of a request are in; `count` counts all requests. */
export function rawServer(answer: (socket: net.Socket, count: number) => void): Promise<number> {
  let count = 0;
  return listen(
    net.createServer((socket) => {
      socket.on('error', () => undefined);
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk.toString('latin1');
        if (!text.includes('\r\n\r\n')) return;
        text = '';
        answer(socket, ++count);
      });
    }),
  );
}

/** A PUT to a server on this machine. */
export function call(port: number, overrides: Partial<OutboundRequest> = {}): OutboundRequest {
  const origin = `http://127.0.0.1:${port}`;
  return {
    method: 'PUT',
    url: `${origin}/x`,
    token: 't',
    origins: [origin],
    profile: 'push',
    body: '{}',
    ...overrides,
  };
}

export function limits(profile: Profile, values: Partial<CallLimits>): Partial<OutboundClientOptions> {
  return { limits: { [profile]: { totalMs: 10_000, firstByteMs: 10_000, answerBytes: 1_000, ...values } } };
}

/** Status line and first header of an answer, and a whole answer. */
export const head = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n';
export const whole = `${head}Content-Length: ${success.length}\r\n\r\n${success}`;
