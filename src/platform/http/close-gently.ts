import type http from 'node:http';
import net from 'node:net';

const connections = new WeakMap<http.Server, Set<net.Socket>>();

/** Remembers who is connected, for {@link closeGently}. To be called before the server listens. */
export function watchConnections(server: http.Server): void {
  const sockets = new Set<net.Socket>();
  connections.set(server, sockets);
  server.on('connection', (socket: net.Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
}

/** How long a connection that has brought no request yet is waited for: the request may be on its way. ms */
const arrivingMs = 250;

/** From now on every answer ends its connection (`Connection: close`), so that clients come to another hub by themselves. */
export function endConnections(server: http.Server): void {
  server.prependListener('request', (_request: http.IncomingMessage, response: http.ServerResponse) => {
    response.shouldKeepAlive = false;
  });
}

/**
 * Takes no new connections, lets every request be answered, and resolves when the last connection is closed. What is not
 * done after `patienceMs` is cut.
 */
export async function closeGently(server: http.Server, patienceMs: number): Promise<void> {
  endConnections(server);
  // Node's own close() of an HTTP server would also cut connections whose request is still on its way.
  const closed = new Promise<void>((resolve) => net.Server.prototype.close.call(server, () => resolve()));
  // Again and again: a connection may become idle after an answer that did not end it.
  const idle = setInterval(() => closeIdle(server), arrivingMs);
  const late = setTimeout(() => server.closeAllConnections(), patienceMs);
  await closed;
  clearInterval(idle);
  clearTimeout(late);
  // Ends its watch over slow connections.
  server.close(() => undefined);
}

/** Those between two requests, and those that have never brought one, which Node itself does not count among them. */
function closeIdle(server: http.Server): void {
  server.closeIdleConnections();
  for (const socket of connections.get(server) ?? []) if (socket.bytesRead === 0) socket.destroy();
}
