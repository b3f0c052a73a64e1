import { randomBytes } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Endpoint, type Party, type Registered, register } from './handshake.js';
import type { Hub } from './hub.js';

/** A list that a partner offers: one page of one party as JSON text, with the number of objects in all. */
export type PageSource = (
  party: Party,
  offset: number,
  limit: number,
) => { body: Buffer; count: number; total: number };

export interface BenchPartnerOptions {
  readonly name: string;
  readonly role: 'CPO' | 'EMSP';
  readonly parties: readonly Party[];
  /** A CPO's Locations. */
  readonly locations?: PageSource;
}

/**
 * The least that is a partner: it registers with the hub by the real handshake and can be pulled from. It checks nothing and
 * costs next to nothing, so that what is measured is the hub.
 */
export class BenchPartner {
  /** When the hub first asked for a page, ms of performance.now(). */
  firstPullAt: number | undefined;
  private readonly server: http.Server;
  private readonly tokenB = randomBytes(24).toString('base64url');

  constructor(private readonly options: BenchPartnerOptions) {
    this.server = http.createServer((request, response) => this.answer(request, response));
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  register(hub: Hub): Promise<Registered> {
    const { name, role, parties } = this.options;
    return register(hub, { name, role, parties, origin: this.baseUrl, tokenB: this.tokenB });
  }

  private get baseUrl(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  private answer(request: http.IncomingMessage, response: http.ServerResponse): void {
    request.resume();
    const url = new URL(request.url ?? '', this.baseUrl);
    if (url.pathname === '/locations') this.answerPage(request, url, response);
    else if (url.pathname === '/versions') sendData(response, JSON.stringify([this.ownVersion()]));
    else if (url.pathname === '/2.2.1')
      sendData(response, JSON.stringify({ version: '2.2.1', endpoints: this.ownEndpoints() }));
    else sendData(response, '[]');
  }

  private ownVersion(): { version: string; url: string } {
    return { version: '2.2.1', url: `${this.baseUrl}/2.2.1` };
  }

  private ownEndpoints(): Endpoint[] {
    // An eMSP must offer something beside credentials; it has no tokens that anybody would pull.
    const module = this.options.locations ? 'locations' : 'tokens';
    return ['credentials', module].map((identifier) => ({
      identifier,
      role: 'SENDER',
      url: `${this.baseUrl}/${identifier}`,
    }));
  }

  private answerPage(request: http.IncomingMessage, url: URL, response: http.ServerResponse): void {
    this.firstPullAt ??= performance.now();
    const party = {
      country_code: String(request.headers['ocpi-to-country-code']),
      party_id: String(request.headers['ocpi-to-party-id']),
    };
    const offset = Number(url.searchParams.get('offset') ?? 0);
    const limit = Math.min(Number(url.searchParams.get('limit') ?? 250), 250);
    const page = this.options.locations?.(party, offset, limit) ?? { body: Buffer.from('[]'), count: 0, total: 0 };
    const headers: Record<string, string> = { 'X-Total-Count': String(page.total), 'X-Limit': '250' };
    const next = offset + page.count;
    if (next < page.total) headers.Link = `<${this.baseUrl}/locations?offset=${next}&limit=${limit}>; rel="next"`;
    sendData(response, page.body, headers);
  }
}

function sendData(response: http.ServerResponse, data: Buffer | string, headers: Record<string, string> = {}): void {
  const body = Buffer.concat([
    Buffer.from('{"data":'),
    Buffer.from(data),
    Buffer.from(`,"status_code":1000,"timestamp":"${new Date().toISOString()}"}`),
  ]);
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': body.length, ...headers });
  response.end(body);
}
