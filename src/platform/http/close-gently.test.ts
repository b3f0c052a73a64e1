import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { closeGently, endConnections, watchConnections } from './close-gently.js';

const request = 'GET / HTTP/1.1\r\nHost: hub\r\n\r\n';

describe('a server that closes', () => {
  let server: http.Server;
  let waiting: http.ServerResponse[];
  const sockets: net.Socket[] = [];

  beforeEach(async () => {
    waiting = [];
    server = http.createServer((_request, response) => {
      waiting.push(response);
      server.emit('waiting');
    });
    watchConnections(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });

  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
    server.closeAllConnections();
    server.close();
  });

  const connect = async (): Promise<net.Socket> => {
    const socket = net.connect((server.address() as AddressInfo).port, '127.0.0.1');
    sockets.push(socket);
    socket.on('error', () => undefined);
    await Promise.all([once(socket, 'connect'), once(server, 'connection')]);
    return socket;
  };

  /** Everything that comes until the connection ends. */
  const all = (socket: net.Socket): Promise<string> =>
    new Promise((resolve) => {
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk.toString();
      });
      socket.on('close', () => resolve(text));
    });

  it('ends each connection with the next answer', async () => {
    endConnections(server);
    const socket = await connect();
    socket.write(request);
    await once(server, 'waiting');
    waiting[0]?.end('done');
    expect(await all(socket)).toMatch(/Connection: close[\s\S]*done$/i);
  });

  it('answers what is under way and what is on its way', async () => {
    const [under, arriving] = [await connect(), await connect()];
    under.write(request);
    await once(server, 'waiting');
    const closing = closeGently(server, 5_000);
    arriving.write(request);
    await once(server, 'waiting');
    for (const response of waiting) response.end('done');
    expect(await all(arriving)).toMatch(/done$/);
    await closing;
  });

  it('does not wait for connections that bring nothing', async () => {
    const socket = await connect();
    const received = all(socket);
    await closeGently(server, 60_000);
    expect(await received).toBe('');
  });

  it('does not wait for a connection that becomes idle late', async () => {
    server.keepAliveTimeout = 65_000;
    const [under, idle] = [await connect(), await connect()];
    under.write(request);
    await once(server, 'waiting');
    const closing = closeGently(server, 60_000);
    // The first look has been taken when the connection that brings nothing is gone.
    await once(idle, 'close');
    waiting[0]?.end('done');
    await closing;
  });

  it('cuts what does not come to an end', async () => {
    const socket = await connect();
    socket.write(request);
    await once(server, 'waiting');
    const received = all(socket);
    await closeGently(server, 1);
    expect(await received).toBe('');
  });
});
