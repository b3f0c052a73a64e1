import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '../../../src/kernel/clock.js';
import { Handshake } from '../../../src/simulator/handshake/handshake.js';
import { PeerLink } from '../../../src/simulator/handshake/peer-link.js';
import { HttpClient } from '../../../src/simulator/http/http-client.js';
import type { RoleClaim } from '../../support/e2e/admin.js';

/** A command that a CPO has carried out: all that it got, each time that it got it. */
export interface Execution {
  readonly cpo: string;
  /** X-Correlation-ID and the hub's X-Request-ID. */
  readonly c: string;
  readonly r: string;
  /** When all of it was there, monotonic ms. */
  readonly at: number;
}

/** What a CPO does once it has carried out a command. */
export type Manner = (response: http.ServerResponse, answer: () => void) => void;

export interface CommandPartnerOptions {
  readonly name: string;
  readonly party: RoleClaim;
  readonly manner?: Manner;
  /** Where the hub reaches it, if something stands in between. */
  readonly publicOrigin?: string;
}

/** What a CPO says of a command; the reader can tell by it whose answer it is. */
export const wordsOf = (correlationId: string): string => `carried out ${correlationId}`;

/** A platform that sends commands or takes them, and writes down each that it gets. */
export class CommandPartner {
  readonly executions: Execution[] = [];
  readonly link = new PeerLink(systemClock);
  private readonly client = new HttpClient();
  private readonly server = http.createServer((request, response) => this.take(request, response));

  private constructor(private readonly options: CommandPartnerOptions) {}

  static async listen(options: CommandPartnerOptions): Promise<CommandPartner> {
    const partner = new CommandPartner(options);
    await new Promise<void>((resolve) => partner.server.listen(0, '127.0.0.1', resolve));
    return partner;
  }

  get name(): string {
    return this.options.name;
  }

  get party(): RoleClaim {
    return this.options.party;
  }

  get ownOrigin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get origin(): string {
    return this.options.publicOrigin ?? this.ownOrigin;
  }

  async register(invite: { readonly token: string; readonly versions_url: string }): Promise<void> {
    const { link, client, party } = this;
    const versionsUrl = (): string => `${this.origin}/versions`;
    const handshake = new Handshake({ http: client, link, parties: [party], versionsUrl });
    await handshake.register(invite.versions_url, invite.token);
  }

  close(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private take(request: http.IncomingMessage, response: http.ServerResponse): void {
    request.on('error', () => undefined);
    request.on('end', () => this.answer(request, response));
    request.resume();
  }

  private answer(request: http.IncomingMessage, response: http.ServerResponse): void {
    const { url = '', method, headers } = request;
    const send = (status: number, code: number, data?: unknown, message = ''): void => {
      response.writeHead(status, { 'Content-Type': 'application/json' });
      const timestamp = new Date().toISOString();
      response.end(JSON.stringify({ data, status_code: code, status_message: message, timestamp }));
    };
    const { origin, options } = this;
    if (!this.link.standingOf(headers.authorization)) send(401, 2000);
    else if (url === '/versions') send(200, 1000, [{ version: '2.2.1', url: `${origin}/2.2.1` }]);
    else if (url === '/2.2.1') send(200, 1000, { version: '2.2.1', endpoints: this.endpoints() });
    else if (method === 'POST' && url.startsWith('/commands/')) {
      const c = String(headers['x-correlation-id']);
      this.executions.push({ cpo: this.name, c, r: String(headers['x-request-id']), at: performance.now() });
      const answer = (): void => send(200, 1000, { result: 'ACCEPTED', timeout: 30 }, wordsOf(c));
      if (options.manner) options.manner(response, answer);
      else answer();
    } else send(404, 2000);
  }

  private endpoints(): object[] {
    const side = this.party.role === 'CPO' ? 'RECEIVER' : 'SENDER';
    return [
      { identifier: 'credentials', role: 'RECEIVER', url: `${this.origin}/credentials` },
      { identifier: 'commands', role: side, url: `${this.origin}/commands` },
    ];
  }
}
