import { randomBytes, randomUUID } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { jsonCall } from './http-call.js';
import type { Hub } from './hub.js';

export interface Party {
  readonly country_code: string;
  readonly party_id: string;
}

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

interface Credentials {
  readonly token: string;
}

interface Details {
  readonly endpoints: readonly { readonly identifier: string; readonly role: string; readonly url: string }[];
}

/** The `Authorization` value that presents a credentials token. */
export const authorization = (token: string): string => `Token ${Buffer.from(token).toString('base64')}`;

/**
 * The least that is a partner: it registers with the hub by the real handshake and can be pulled from. It checks nothing and
 * costs next to nothing, so that what is measured is the hub.
 */
export class BenchPartner {
  /** What the hub knows us by; there once registered. */
  token = '';
  private endpoints: Details['endpoints'] = [];
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

  /** Invitation, versions, details, POST credentials. */
  async register(hub: Hub): Promise<void> {
    const { name, role, parties } = this.options;
    const origin = this.baseUrl;
    const invite = await hub.admin<{ token: string }>('POST', '/api/invites', {
      name,
      roles: parties.map((party) => ({ ...party, role })),
      origins: [origin],
    });
    const versions = await ocpiCall<readonly { version: string; url: string }[]>('GET', hub.versionsUrl, invite.token);
    const url = versions.find(({ version }) => version === '2.2.1')?.url ?? '';
    this.endpoints = (await ocpiCall<Details>('GET', url, invite.token)).endpoints;
    const credentials = await ocpiCall<Credentials>('POST', this.urlOf('credentials'), invite.token, {
      token: this.tokenB,
      url: `${origin}/versions`,
      roles: parties.map((party) => ({ ...party, role, business_details: { name } })),
    });
    this.token = credentials.token;
  }

  /** The hub's endpoint of a module, without the hub's address. */
  pathOf(identifier: string, role: string): string {
    return new URL(this.urlOf(identifier, role)).pathname;
  }

  private urlOf(identifier: string, role?: string): string {
    const found = this.endpoints.find(
      (endpoint) => endpoint.identifier === identifier && (role === undefined || endpoint.role === role),
    );
    if (!found) throw new Error(`The hub offers no ${identifier} ${role ?? ''}.`);
    return found.url;
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

  private ownEndpoints(): Details['endpoints'] {
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

async function ocpiCall<T>(method: string, url: string, token: string, json?: unknown): Promise<T> {
  const headers = {
    Authorization: authorization(token),
    'X-Request-ID': randomUUID(),
    'X-Correlation-ID': randomUUID(),
  };
  const envelope = await jsonCall<{ data: T; status_code: number; status_message?: string }>({
    method,
    url,
    headers,
    json,
  });
  if (envelope.status_code !== 1000) throw new Error(`${method} ${url}: ${JSON.stringify(envelope).slice(0, 500)}`);
  return envelope.data;
}
