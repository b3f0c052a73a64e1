import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeAuthorization } from '../../../src/kernel/credentials-token.js';

/** A partner that repeats the token it was shown in everything it says, as careless platforms do in their error messages. */
export class EchoingPartner {
  readonly tokenA = 'echo-token-A-3f9b2c7d';
  /** What it wants to be shown. */
  readonly tokenC = 'echo-token-C-77aa01e5';
  /** Everything that it was shown. */
  readonly shown = new Set<string>();
  refusesCredentials = false;
  private readonly server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => this.answer(request, response, Buffer.concat(chunks).toString('utf8')));
  });

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
  }

  get versionsUrl(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/versions`;
  }

  close(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private answer(request: http.IncomingMessage, response: http.ServerResponse, body: string): void {
    const header = request.headers.authorization ?? '';
    this.shown.add(header.replace(/^Token /, ''));
    const { decoded } = decodeAuthorization(header) ?? {};
    if (decoded !== undefined) this.shown.add(decoded);
    const inBody = /"token":"([^"]+)"/.exec(body)?.[1];
    if (inBody !== undefined) this.shown.add(inBody);
    const words = `not for ${header} (${decoded}), nor for ${inBody}`;
    const base = this.versionsUrl.replace('/versions', '');
    const send = (status: number, code: number, data?: unknown): void => {
      response.writeHead(status, { 'Content-Type': 'application/json' });
      response.end(
        JSON.stringify({ status_code: code, status_message: words, timestamp: new Date().toISOString(), data }),
      );
    };
    if (request.url === '/versions') send(200, 1000, [{ version: '2.2.1', url: `${base}/details` }]);
    else if (request.url === '/details') send(200, 1000, { version: '2.2.1', endpoints: endpointsBelow(base) });
    else if (request.url === '/credentials' && !this.refusesCredentials)
      send(200, 1000, { token: this.tokenC, url: this.versionsUrl, roles });
    else send(request.method === 'GET' ? 500 : 200, 2001);
  }
}

const roles = ['EMSP', 'CPO'].map((role) => ({
  role,
  country_code: 'NL',
  party_id: 'ECH',
  business_details: { name: 'Echo' },
}));

const endpointsBelow = (base: string): object[] => [
  { identifier: 'credentials', role: 'SENDER', url: `${base}/credentials` },
  { identifier: 'locations', role: 'RECEIVER', url: `${base}/locations` },
  { identifier: 'tariffs', role: 'RECEIVER', url: `${base}/tariffs` },
  { identifier: 'locations', role: 'SENDER', url: `${base}/list` },
];
