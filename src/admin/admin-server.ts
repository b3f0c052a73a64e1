import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ListenerConfig, urlHost } from '../platform/config/index.js';
import { closeGently, watchConnections } from '../platform/http/index.js';

/** How long answers under way are waited for at the end, ms. */
const patienceMs = 2_000;

export interface AdminServer {
  /** The port that is bound, also when port 0 was asked for. */
  readonly port: number;
  readonly url: string;
  /** Takes no new connections, lets answers finish, and resolves when all are closed. */
  close(): Promise<void>;
}

/**
 * Puts the admin application on its own listener, away from partners (T22).
 * @throws Error with the system's code, such as EADDRINUSE
 */
export async function listenAdmin(app: http.RequestListener, { host, port }: ListenerConfig): Promise<AdminServer> {
  const server = http.createServer(
    { headersTimeout: 10_000, requestTimeout: 30_000, connectionsCheckingInterval: 5_000, maxHeaderSize: 16 * 1024 },
    app,
  );
  server.maxConnections = 200;
  watchConnections(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  return {
    port: bound,
    url: `http://${urlHost(host)}:${bound}`,
    close: () => closeGently(server, patienceMs),
  };
}
