import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import tls from 'node:tls';
import { afterEach, describe, expect, it } from '@jest/globals';
import { BlockedAddressError, createAgent } from './guarded-agent.js';
import { isSuccess } from './outbound-types.js';
import {
  call,
  closeAll,
  listen,
  loopback,
  newClient,
  rawServer,
  success,
  toLoopback,
  whole,
} from './testing/raw-partner.js';

afterEach(closeAll);

describe('address guard (T8)', () => {
  async function canary(): Promise<{ port: number; connections: () => number }> {
    let connections = 0;
    const port = await listen(
      net.createServer((socket) => {
        connections++;
        socket.destroy();
      }),
    );
    return { port, connections: () => connections };
  }

  const hosts = [
    '127.0.0.1',
    '127.1',
    '127.0.1',
    '0177.0.0.1',
    '0x7f.0.0.1',
    '0x7f.1',
    '2130706433',
    '017700000001',
    '0x7f000001',
    '127.0.0.1.',
    '0',
    '0.0.0.0',
    '①②⑦.⓪.⓪.①',
    '127。0。0。1',
    '１２７.0.0.1',
    '[::1]',
    '[::]',
    '[0:0:0:0:0:0:0:1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[::127.0.0.1]',
    '[64:ff9b::127.0.0.1]',
    '[64:ff9b:1::7f00:1]',
    '[2002:7f00:1::]',
    '[2001:0:7f00:1::]',
    '[fe80::1]',
    '[fc00::1]',
    '10.0.0.1',
    '169.254.169.254',
    '192.168.1.1',
    'localhost',
    'LOCALHOST.',
    'user@localhost',
    'user:password@127.0.0.1',
    'partner.example@127.0.0.1',
    '127.0.0.1%2f@partner.example',
    'localhost\\@partner.example',
    '%31%32%37.0.0.1',
    'rebound.localhost',
    'mixed.localhost',
    'mapped.localhost',
  ];

  it(`lets none of ${hosts.length} spellings through to a server on this machine`, async () => {
    const { port, connections } = await canary();
    const client = newClient({
      policy: { development: false, allowedNetworks: [] },
      connectMs: 500,
      resolve: (hostname, callback) => {
        if (hostname === 'mapped.localhost') callback(null, [{ address: '::ffff:127.0.0.1', family: 6 }]);
        else callback(null, [loopback, { address: '::1', family: 6 }]);
      },
    });
    for (const host of hosts) {
      const origin = `https://${host}:${port}`;
      const outcome = await client.send(call(port, { url: `${origin}/x`, origins: [origin] }));
      expect({ host, outcome }).toMatchObject({ host, outcome: { kind: 'refused' } });
    }
    expect(connections()).toBe(0);
  });

  it('would see a connection, were there one', async () => {
    const { port, connections } = await canary();
    await newClient().send(call(port));
    expect(connections()).toBe(1);
  });

  it('drops the closed addresses of a name and connects to the open ones only', async () => {
    const { port, connections } = await canary();
    const open = await listen(http.createServer());
    const client = newClient({
      policy: { development: false, allowedNetworks: ['127.0.0.0/8'] },
      resolve: (_hostname, callback) => callback(null, [{ address: '10.0.0.1', family: 4 }, loopback]),
    });
    const origin = `https://partner.localhost:${open}`;
    // The plain server on the other end cannot speak TLS: reaching it at all is what counts here.
    const outcome = await client.send(call(open, { url: `${origin}/x`, origins: [origin] }));
    expect(outcome).toMatchObject({ kind: 'unreachable', reason: 'tls' });
    expect(connections()).toBe(0);
    expect(port).not.toBe(open);
  });

  it('resolves at every connect, so that a name may not move inside later (DNS rebinding)', async () => {
    const { port, connections } = await canary();
    const steady = await rawServer((socket) => socket.end(whole.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n')));
    let answers = 0;
    const client = newClient({
      policy: { development: true, allowedNetworks: [] },
      resolve: (_hostname, callback) =>
        callback(null, [++answers === 1 ? loopback : { address: '169.254.169.254', family: 4 }]),
    });
    const named = (p: number) => ({
      url: `http://partner.localhost:${p}/x`,
      origins: [`http://partner.localhost:${p}`],
    });
    expect(isSuccess(await client.send(call(steady, named(steady))))).toBe(true);
    expect(await client.send(call(steady, named(steady)))).toEqual({ kind: 'refused', reason: 'blocked-address' });
    expect(await client.send(call(port, named(port)))).toEqual({ kind: 'refused', reason: 'blocked-address' });
    expect(connections()).toBe(0);
  });

  it('looks at the address once more when the socket is connected', async () => {
    let asked = 0;
    const port = await rawServer((socket) => socket.write(whole));
    const agent = createAgent(
      { origin: '', secure: false, hostname: 'partner.localhost', port, host: '', path: '/' },
      {
        guard: { allowsAddress: () => ++asked === 1 },
        resolve: toLoopback,
        connectMs: 1_000,
        maxSockets: 1,
        keepAlive: false,
      },
    );
    const request = http.get({ agent, hostname: 'partner.localhost', port });
    const error = await new Promise((resolve) => request.once('error', resolve).once('response', resolve));
    expect(error).toBeInstanceOf(BlockedAddressError);
    expect(asked).toBe(2);
  });

  it('leaves a kept socket as it was found, however often it is used', async () => {
    const port = await rawServer((socket) => socket.write(whole));
    const agent = createAgent(
      { origin: '', secure: false, hostname: '127.0.0.1', port, host: '', path: '/' },
      { guard: { allowsAddress: () => true }, resolve: toLoopback, connectMs: 1_000, maxSockets: 1, keepAlive: true },
    );
    const counts: number[] = [];
    for (let i = 0; i < 5; i++) {
      const request = http.get({ agent, hostname: '127.0.0.1', port });
      const response = await new Promise<http.IncomingMessage>((resolve) => request.once('response', resolve));
      counts.push(response.socket.listenerCount('error'));
      response.resume();
      await once(request, 'close');
    }
    agent.destroy();
    expect(counts).toEqual([1, 1, 1, 1, 1]);
  });

  it('is unreachable for a name that does not resolve', async () => {
    const client = newClient({
      resolve: (hostname, callback) =>
        callback(Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), { code: 'ENOTFOUND' }), []),
    });
    const named = { url: 'http://gone.localhost/x', origins: ['http://gone.localhost'] };
    expect(await client.send(call(0, named))).toMatchObject({ kind: 'unreachable', reason: 'dns' });
  });

  it('is unreachable for a closed port', async () => {
    const server = net.createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    await new Promise((resolve) => server.close(resolve));
    expect(await newClient().send(call(port))).toMatchObject({ kind: 'unreachable', reason: 'connect' });
  });
});

describe('TLS', () => {
  const file = (name: string) =>
    fs.readFileSync(new URL(`../../../test/fixtures/tls/${name}`, import.meta.url), 'utf8');
  const partner = file('partner.pem');
  const expired = file('expired.pem');

  async function secureServer(cert: string, options: https.ServerOptions = {}): Promise<number> {
    const server = https.createServer({ key: file('key.pem'), cert, ...options }, (_request, response) => {
      response.setHeader('Content-Type', 'application/json');
      response.end(success);
    });
    return listen(server);
  }

  async function attempt(port: number, host: string, trusted: readonly string[] | undefined): Promise<unknown> {
    const client = newClient({
      resolve: toLoopback,
      ...(trusted ? { certificateAuthorities: trusted } : {}),
    });
    const origin = `https://${host}:${port}`;
    return await client.send(call(port, { url: `${origin}/x`, origins: [origin] }));
  }

  it('verifies and goes through', async () => {
    const port = await secureServer(partner);
    expect(await attempt(port, 'partner.localhost', [partner])).toMatchObject({ kind: 'answered', statusCode: 1000 });
  });

  it.each([
    ['an unknown authority', partner, 'partner.localhost', undefined],
    ['another name', partner, 'other.localhost', [partner]],
    ['an expired certificate', expired, 'partner.localhost', [expired]],
  ])('refuses %s', async (_name, cert, host, trusted) => {
    const port = await secureServer(cert);
    expect(await attempt(port, host, trusted)).toMatchObject({ kind: 'unreachable', reason: 'tls' });
  });

  it('refuses a partner that speaks only TLS 1.1, even where the process would accept it', async () => {
    const { DEFAULT_MIN_VERSION: minVersion, DEFAULT_CIPHERS: ciphers } = tls;
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    try {
      tls.DEFAULT_MIN_VERSION = 'TLSv1';
      tls.DEFAULT_CIPHERS = old.ciphers;
      const port = await secureServer(partner, old);
      expect(await attempt(port, 'partner.localhost', [partner])).toMatchObject({ kind: 'unreachable', reason: 'tls' });
    } finally {
      tls.DEFAULT_MIN_VERSION = minVersion;
      tls.DEFAULT_CIPHERS = ciphers;
    }
  });

  it('does not believe a plain server', async () => {
    const port = await listen(http.createServer((_request, response) => response.end(success)));
    expect(await attempt(port, 'partner.localhost', undefined)).toMatchObject({ kind: 'unreachable', reason: 'tls' });
  });
});
