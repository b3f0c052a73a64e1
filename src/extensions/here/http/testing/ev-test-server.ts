import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { createEvListener, type EvListenerOptions, evPrefix } from '../ev-listener.js';
import { type EvKey, type EvRoute, type EvScope, evScopes } from '../ev-route.js';

export interface EvTestServer {
  /** `http://127.0.0.1:PORT/ev/v3` */
  readonly base: string;
  /** What nobody expected, as it was told. */
  readonly failures: readonly unknown[];
  get(path: string, headers?: Readonly<Record<string, string>>, method?: string): Promise<EvTestAnswer>;
  close(): Promise<void>;
}

export interface EvTestAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly bytes: Buffer;
  /** Parsed, if it is JSON. */
  readonly body: unknown;
}

export const testKey = 'test-key';

/** Routes on a real socket. The key `test-key` may read everything, `key-of-SCOPE` only what needs that scope. */
export async function startEvServer(
  routes: readonly EvRoute[],
  options: Partial<Pick<EvListenerOptions, 'sees' | 'limit' | 'isAway'>> = {},
): Promise<EvTestServer> {
  const failures: unknown[] = [];
  const mount = createEvListener({
    routes,
    keys: { find: keyOf },
    sees: () => true,
    failed: (error) => void failures.push(error),
    ...options,
  });
  const server = http.createServer((request, response) => mount.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}${evPrefix}`;
  return {
    base,
    failures,
    get: (path, headers = { Authorization: `Bearer ${testKey}` }, method = 'GET') => call(base + path, headers, method),
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function keyOf(text: string): EvKey | undefined {
  if (text === testKey) return { id: 'all', scopes: new Set(evScopes), party: undefined };
  const scope = /^key-of-(\w+)$/.exec(text)?.[1];
  return scope === undefined ? undefined : { id: text, scopes: new Set([scope as EvScope]), party: undefined };
}

function call(url: string, headers: Readonly<Record<string, string>>, method: string): Promise<EvTestAnswer> {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const bytes = Buffer.concat(chunks);
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          bytes,
          body: parsed(bytes.toString('utf8')),
        });
      });
    });
    request.on('error', reject);
    request.end();
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
