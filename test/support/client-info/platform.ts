import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { PartnerEndpoint } from '../../../src/platform/partners/index.js';

/** What a platform was asked. */
export interface Asked {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Record<string, unknown> | undefined;
}

/** A partner's platform as a real server: it answers its versions, takes ClientInfo, and offers a list of its own if it is a hub. */
export class Platform {
  readonly asked: Asked[] = [];
  /** Shown to the hub; known once it has registered. */
  token = '';
  /** Whether it answers as it should; a platform that does not says 500 to everything. */
  answers = true;
  /** What it gives as the pages of its own list. */
  pages: (readonly unknown[])[] = [[]];
  /** Whether it is told of others by pushes. */
  takesPushes = true;
  origin = '';
  private server: http.Server | undefined;

  static async open(): Promise<Platform> {
    const platform = new Platform();
    platform.server = http.createServer((request, response) => void platform.serve(request, response));
    await new Promise<void>((resolve) => platform.server?.listen(0, '127.0.0.1', resolve));
    platform.origin = `http://127.0.0.1:${(platform.server.address() as AddressInfo).port}`;
    return platform;
  }

  async close(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((resolve) => this.server?.close(resolve));
  }

  get versionsUrl(): string {
    return `${this.origin}/versions`;
  }

  get endpoints(): readonly PartnerEndpoint[] {
    const sender = { identifier: 'hubclientinfo', role: 'SENDER' as const, url: `${this.origin}/list` };
    const receiver = { identifier: 'hubclientinfo', role: 'RECEIVER' as const, url: `${this.origin}/clients` };
    return this.takesPushes ? [sender, receiver] : [sender];
  }

  /** What it was told of others, in order: `DE/CP1 CPO CONNECTED`. */
  get told(): readonly string[] {
    return this.pushes.map(({ path, body }) => `${path.slice('/clients/'.length)} ${body?.role} ${body?.status}`);
  }

  /** The same without what is only planned: how long an invite waits depends on the test's machine. */
  get toldOfConnected(): readonly string[] {
    return this.told.filter((line) => !line.endsWith(' PLANNED'));
  }

  get pushes(): readonly Asked[] {
    return this.asked.filter(({ path }) => path.startsWith('/clients'));
  }

  forget(): void {
    this.asked.length = 0;
  }

  private async serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const { method = '', url = '', headers } = request;
    const body = text === '' ? undefined : (JSON.parse(text) as Record<string, unknown>);
    this.asked.push({ method, path: url, headers, body });
    if (!this.answers) {
      response.writeHead(500).end();
      return;
    }
    const page = Number(new URL(url, this.origin).searchParams.get('page') ?? 0);
    const data = url.startsWith('/list') ? this.pages[page] : [];
    if (url.startsWith('/list') && page + 1 < this.pages.length)
      response.setHeader('Link', `<${this.origin}/list?page=${page + 1}>; rel="next"`);
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify({ status_code: 1000, timestamp: '2026-01-01T00:00:00Z', data }));
  }
}
