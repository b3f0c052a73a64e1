import { once } from 'node:events';
import net from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Relay } from './relay.js';
import { until } from './until.js';

/** A service that says everything back. */
async function echo(): Promise<{ url: URL; received: () => string; close: () => Promise<void> }> {
  let received = '';
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      received += chunk.toString();
      socket.write(chunk);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  return {
    url: new URL(`tcp://127.0.0.1:${port}`),
    received: () => received,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

class Client {
  heard = '';
  pieces = 0;
  ended: string | undefined;
  private constructor(private readonly socket: net.Socket) {
    socket.on('data', (chunk) => {
      this.heard += chunk.toString();
      this.pieces += 1;
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.ended = error.code;
    });
    socket.on('close', () => {
      this.ended ??= 'closed';
    });
  }

  static async connect(port: number): Promise<Client> {
    const socket = net.connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new Client(socket);
  }

  say(text: string): void {
    this.socket.write(text);
  }

  close(): void {
    this.socket.destroy();
  }
}

describe('Relay', () => {
  let service: Awaited<ReturnType<typeof echo>>;
  let relay: Relay;
  const clients: Client[] = [];
  const connect = async (): Promise<Client> => {
    const client = await Client.connect(relay.port);
    clients.push(client);
    return client;
  };

  beforeEach(async () => {
    service = await echo();
    relay = await Relay.prepare(service.url);
    await relay.open();
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    await relay.cut();
    await service.close();
  });

  it('carries bytes both ways', async () => {
    const client = await connect();
    client.say('hello');
    await until('the echo', () => client.heard === 'hello');
    expect(relay.connections).toBe(1);
  });

  it('delays each direction, in order', async () => {
    const client = await connect();
    relay.delay(60);
    const startedAt = performance.now();
    client.say('one');
    await until('one has arrived', () => service.received() === 'one', { everyMs: 1 });
    client.say('two');
    await until('both echoes', () => client.heard === 'onetwo', { everyMs: 1 });
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(175);
    relay.delay(0);
    client.say('three');
    await until('three', () => client.heard === 'onetwothree');
  });

  it('lets bytes trickle', async () => {
    const client = await connect();
    relay.trickle({ bytes: 1, everyMs: 5 });
    const startedAt = performance.now();
    client.say('slow as honey');
    await until('the echo', () => client.heard === 'slow as honey');
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(60);
    expect(client.pieces).toBeGreaterThan(3);
  });

  it('holds bytes and lets them go', async () => {
    const client = await connect();
    client.say('a');
    await until('the echo', () => client.heard === 'a');
    relay.hold();
    client.say('b');
    const late = await connect();
    late.say('c');
    expect(client.heard + late.heard).toBe('a');
    relay.release();
    await until('the echoes', () => client.heard === 'ab' && late.heard === 'c');
  });

  it('leaves connections half open for good, and heals for new ones', async () => {
    const client = await connect();
    client.say('a');
    await until('the echo', () => client.heard === 'a');
    relay.halfOpen();
    client.say('b');
    const during = await connect();
    during.say('c');
    relay.heal();
    const after = await connect();
    client.say('d');
    during.say('e');
    after.say('f');
    await until('the echo', () => after.heard === 'f');
    expect([client.heard, during.heard, service.received()]).toEqual(['a', '', 'af']);
    expect([client.ended, during.ended]).toEqual([undefined, undefined]);
  });

  it('resets what is open and takes new connections', async () => {
    const client = await connect();
    client.say('a');
    await until('the echo', () => client.heard === 'a');
    relay.reset();
    await until('the reset', () => client.ended !== undefined);
    expect(client.ended).toBe('ECONNRESET');
    const after = await connect();
    after.say('b');
    await until('the echo', () => after.heard === 'b');
  });

  it('refuses connections when cut', async () => {
    const client = await connect();
    await relay.cut();
    await until('the reset', () => client.ended !== undefined);
    await expect(Client.connect(relay.port)).rejects.toThrow('ECONNREFUSED');
  });
});
