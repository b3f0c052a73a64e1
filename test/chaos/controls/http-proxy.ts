import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request on its way through. */
export interface Passing {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What goes back. */
export interface Returning {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

type Forward = (request: Passing) => Promise<Returning>;

/** A reverse proxy that may do with requests and answers what it likes: a hub or a partner that lies. */
export class HttpProxy {
  private readonly agent = new http.Agent({ keepAlive: true });
  private readonly server: http.Server;

  private constructor(
    /** Origin to which requests go. */
    private readonly target: () => string,
    private readonly handle: (request: Passing, forward: Forward) => Promise<Returning>,
  ) {
    this.server = http.createServer((request, response) => this.take(request, response));
  }

  static async listen(
    target: () => string,
    handle: (request: Passing, forward: Forward) => Promise<Returning>,
  ): Promise<HttpProxy> {
    const proxy = new HttpProxy(target, handle);
    await new Promise<void>((resolve) => proxy.server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): Promise<void> {
    this.agent.destroy();
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private take(request: http.IncomingMessage, response: http.ServerResponse): void {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('error', () => undefined);
    request.on('end', () => {
      const { method = '', url = '' } = request;
      const passing = { method, url, headers: plain(request.headers), body: Buffer.concat(chunks) };
      this.handle(passing, (changed) => this.forward(changed)).then(
        ({ status, headers, body }) => {
          response.writeHead(status, { ...headers, 'content-length': body.length });
          response.end(body);
        },
        () => response.destroy(),
      );
    });
  }

  private forward({ method, url, headers, body }: Passing): Promise<Returning> {
    return new Promise((resolve, reject) => {
      const onward = { ...headers, ...(body.length > 0 ? { 'content-length': String(body.length) } : {}) };
      const outgoing = http.request(this.target() + url, { method, headers: onward, agent: this.agent }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 502, headers: plain(answer.headers), body: Buffer.concat(chunks) }),
        );
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }
}

const ofTheConnection = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length']);

const plain = (headers: http.IncomingHttpHeaders): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined || ofTheConnection.has(name) ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
    ),
  );
