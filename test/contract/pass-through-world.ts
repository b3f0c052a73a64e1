import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../../src/kernel/clock.js';
import { encodeAuthorization } from '../../src/kernel/credentials-token.js';
import { type Role, roles } from '../../src/kernel/module-id.js';
import { type PartyRef, partyKey, sameParty } from '../../src/kernel/party-ref.js';
import { cdrsModule } from '../../src/modules/cdrs/index.js';
import { chargingProfilesModule } from '../../src/modules/chargingprofiles/index.js';
import { commandsModule } from '../../src/modules/commands/index.js';
import { sessionsModule } from '../../src/modules/sessions/index.js';
import { everythingOpen } from '../../src/platform/agreements/index.js';
import {
  Callbacks,
  type CallbacksOptions,
  type DroppedResult,
  type DurableRows,
  Forwarder,
  PostgresRows,
  RouteMemory,
  Router,
  SqliteRows,
} from '../../src/platform/forwarding/index.js';
import { createPublicListener, type PagedList, RequestPipeline } from '../../src/platform/http/index.js';
import { OutboundClient, UrlGuard } from '../../src/platform/outbound/index.js';
import { type Caller, defaultSwitches, type Partner, SealingKeyRing } from '../../src/platform/partners/index.js';
import { EmbeddedQueue } from '../../src/platform/queue/index.js';
import { PartyBook, type RouteTrace } from '../../src/platform/routing/index.js';
import { type HubStorage, PostgresStorage, SqliteStorage } from '../../src/platform/storage/index.js';
import { type Answer, type CallOptions, callHttp } from '../support/hub/index.js';

export const hubParty = { country_code: 'NL', party_id: 'HUB' } as const;

/** What a platform was sent. */
export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

export type Reply = {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
};

export const enveloped = (data?: unknown, statusCode = 1000): Reply => ({
  body: JSON.stringify({
    ...(data === undefined ? {} : { data }),
    status_code: statusCode,
    timestamp: '2026-05-01T12:00:00Z',
  }),
});

/** A partner's platform: a real server that notes what comes and answers as a test says. */
export class TestPlatform {
  readonly received: Received[] = [];
  /** `undefined` breaks the connection off. */
  answer: (received: Received) => Reply | undefined | Promise<Reply | undefined> = () => enveloped();
  status: Partner['status'] = 'CONNECTED';
  /** What it may use through the hub. */
  customModules: readonly string[] = [];
  private server: http.Server | undefined;
  private port = 0;

  constructor(
    readonly id: string,
    readonly parties: readonly string[],
  ) {}

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Token that the platform calls the hub with; the hub calls it with `hub-token-for-ID`. */
  get token(): string {
    return `token-of-platform-${this.id}`;
  }

  get roles(): readonly (PartyRef & { readonly role: Role })[] {
    return this.parties.map((text) => {
      const [country_code = '', party_id = '', role = ''] = text.split('/');
      if (!(roles as readonly string[]).includes(role)) throw new TypeError(`${text} has no role`);
      return { country_code, party_id, role: role as Role };
    });
  }

  get partner(): Partner {
    const modules = ['sessions', 'cdrs', 'commands', 'chargingprofiles', 'nlhub-tasks'];
    return {
      id: this.id,
      name: this.id,
      status: this.status,
      roles: this.roles,
      allowedRoles: this.roles,
      versionsUrl: `${this.origin}/ocpi/versions`,
      version: '2.2.1',
      endpoints: modules.flatMap((identifier) =>
        (['SENDER', 'RECEIVER'] as const).map((role) => ({
          identifier,
          role,
          url: `${this.origin}/${role.toLowerCase()}/${identifier}`,
        })),
      ),
      origins: [this.origin],
      pendingOrigins: [],
      switches: { ...defaultSwitches, custom_modules: this.customModules },
      createdAt: 0,
      credentialsAt: 0,
    };
  }

  /** The last thing that came. */
  get last(): Received {
    const last = this.received.at(-1);
    if (!last) throw new Error(`nothing came to ${this.id}`);
    return last;
  }

  /** Begins to listen, at the port it had if there was one. */
  async listen(): Promise<void> {
    this.server = http.createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', async () => {
        const { method = '', url = '', headers } = request;
        const received = { method, url, headers, body: Buffer.concat(chunks).toString('utf8') };
        this.received.push(received);
        const reply = await this.answer(received);
        if (!reply) {
          request.socket.destroy();
          return;
        }
        response.writeHead(reply.status ?? 200, { 'Content-Type': 'application/json', ...reply.headers });
        response.end(reply.body);
      });
    });
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = (this.server.address() as AddressInfo).port;
  }

  async silence(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((resolve) => this.server?.close(resolve));
  }
}

export interface NodeOptions extends Partial<Pick<CallbacksOptions, 'alone' | 'pollMs' | 'works'>> {
  readonly storage: HubStorage;
  readonly clock: Clock;
  readonly platforms: readonly TestPlatform[];
  readonly pages?: PagedList;
}

const ring = new SealingKeyRing(new Map([['k1', Buffer.alloc(32, 7)]]), 'k1');

/** One hub process as far as messages pass through it: pipeline, router, forwarder and the four modules on a storage. */
export class TestNode {
  readonly traces: RouteTrace[] = [];
  readonly dropped: DroppedResult[] = [];
  readonly foreign: string[] = [];
  readonly trouble: unknown[] = [];
  readonly callbacks: Callbacks;
  readonly routes: RouteMemory;
  private readonly rows: DurableRows;
  private dead = false;
  private readonly queue: EmbeddedQueue;
  private readonly client: OutboundClient;
  private readonly server: http.Server;

  private constructor(private readonly options: NodeOptions) {
    const { storage, clock, platforms } = options;
    const onTrouble = (error: unknown): void => void this.trouble.push(error);
    if (!(storage instanceof SqliteStorage) && !(storage instanceof PostgresStorage))
      throw new TypeError('a storage of another kind');
    const written = storage instanceof SqliteStorage ? new SqliteRows(storage, clock) : new PostgresRows(storage);
    const refuse = <T>(): Promise<T> => Promise.reject(new Error('this process is dead'));
    const rows: DurableRows = {
      run: (sql, values) => (this.dead ? refuse() : written.run(sql, values)),
      note: (sql, values) => (this.dead ? refuse() : written.note(sql, values)),
    };
    this.rows = rows;
    this.queue = new EmbeddedQueue({ clock, report: onTrouble });
    this.client = new OutboundClient({ policy: { development: true, allowedNetworks: [] }, clock });
    const book = {
      all: () => platforms.map(({ partner }) => partner),
      byId: (id: string) => platforms.find((one) => one.id === id)?.partner,
      speakingFor: (party: PartyRef) =>
        platforms.filter((one) => one.roles.some((role) => sameParty(role, party))).map(({ partner }) => partner),
      outboundToken: (id: string) => `hub-token-for-${id}`,
    };
    const forwarder = new Forwarder({
      client: this.client,
      ring,
      clock,
      interfaceUrl: (module, role) => `${this.url}/ocpi/2.2.1/${role.toLowerCase()}/${module}`,
      onRefusedToken: () => undefined,
      onDroppedHeader: () => undefined,
    });
    const router = new Router({ book: new PartyBook(book), policy: everythingOpen, forwards: forwarder });
    this.routes = new RouteMemory({ rows, clock, onTrouble });
    this.callbacks = new Callbacks({
      rows,
      clock,
      ring,
      forwards: forwarder,
      partners: book,
      urls: new UrlGuard({ development: true, allowedNetworks: [] }),
      queue: this.queue,
      alone: options.alone ?? storage.kind === 'sqlite',
      senderUrl: (module) => `${this.url}/ocpi/2.2.1/sender/${module}`,
      onForeignResponseUrl: ({ partner, origin }) => void this.foreign.push(`${partner.id} ${origin}`),
      onDropped: (result) => void this.dropped.push(result),
      onTrouble,
      pausesMs: [0, 0],
      ...(options.pollMs === undefined ? {} : { pollMs: options.pollMs }),
      ...(options.works === undefined ? {} : { works: options.works }),
    });
    const noPages = { serve: () => Promise.reject(new Error('no lists here')) } as unknown as PagedList;
    const kept = { pages: options.pages ?? noPages, visibleRelations: () => [] };
    const locations: Readonly<Record<string, readonly string[]>> = { LOC1: ['DE/CP1'], TWICE: ['DE/CP1', 'DE/CP2'] };
    this.server = createPublicListener({
      publicUrl: () => this.url,
      modules: [
        sessionsModule({ routes: this.routes, ...kept }),
        cdrsModule({ router, ...kept }),
        commandsModule({
          callbacks: this.callbacks,
          routes: this.routes,
          locationOwners: async (id) =>
            (locations[id] ?? []).map((key) => ({ country_code: key.slice(0, 2), party_id: key.slice(3) })),
        }),
        chargingProfilesModule({ callbacks: this.callbacks, routes: this.routes }),
      ],
      pipeline: new RequestPipeline({
        clock,
        authenticator: { authenticate: (header) => callerOf(platforms, header), touch: () => undefined },
        hub: hubParty,
        router,
        rateLimit: undefined,
        observe: ({ trace }) => void this.traces.push(trace),
      }),
      isReady: () => ({ ready: true }),
    });
  }

  /** Results that wait to be brought again. */
  async waitingResults(): Promise<number> {
    return (await this.rows.run('SELECT id FROM callback_result', [])).length;
  }

  static async start(options: NodeOptions): Promise<TestNode> {
    const node = new TestNode(options);
    node.server.listen(0, '127.0.0.1');
    await once(node.server, 'listening');
    await node.queue.start();
    return node;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get storage(): HubStorage {
    return this.options.storage;
  }

  /** A request of a platform; `target` is absolute, or below `/ocpi/2.2.1/`. */
  as(
    platform: TestPlatform,
    method: string,
    target: string,
    options: Omit<CallOptions, 'token'> = {},
  ): Promise<Answer> {
    const url = target.startsWith('http') ? target : `${this.url}/ocpi/2.2.1/${target}`;
    return callHttp(method, url, { ...options, token: platform.token });
  }

  /** Resolves when results that are due have been tried. */
  async settled(): Promise<void> {
    await this.queue.idle();
  }

  /** Ends at once, whatever is under way; of that nothing is written any more. */
  async die(): Promise<void> {
    this.dead = true;
    await this.end();
  }

  async end(): Promise<void> {
    this.callbacks.stop();
    await this.queue.close(0);
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    await this.client.close();
  }
}

function callerOf(platforms: readonly TestPlatform[], header: string | undefined): Caller | undefined {
  const platform = platforms.find(({ token }) => encodeAuthorization(token) === header);
  if (!platform) return undefined;
  const { id, token, partner } = platform;
  return { partner, credentialId: id, presentedToken: token, form: 'base64' };
}

export const from = (party: string): Record<string, string> => pair('from', party);
export const to = (party: string): Record<string, string> => pair('to', party);

function pair(direction: string, party: string): Record<string, string> {
  const [country = '', id = ''] = party.split('/');
  return { [`OCPI-${direction}-country-code`]: country, [`OCPI-${direction}-party-id`]: id };
}

/** TO and FROM of a received message: `FR/EM1 < DE/CP1`. */
export function routeOf({ headers }: Received): string {
  const party = (direction: string): string =>
    partyKey({
      country_code: String(headers[`ocpi-${direction}-country-code`]),
      party_id: String(headers[`ocpi-${direction}-party-id`]),
    });
  return `${party('to')} < ${party('from')}`;
}
