import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Clock, systemClock } from '../kernel/clock.js';
import { type PartyRef, partyKey, sameParty } from '../kernel/party-ref.js';
import type { SideOptions } from './charging/operator-side.js';
import { echo } from './custom/echo.js';
import type { Fault } from './faults/fault.js';
import { FaultBox } from './faults/fault-box.js';
import { Handshake } from './handshake/handshake.js';
import { PeerLink } from './handshake/peer-link.js';
import type { SimulatedModule, SimulatedParty } from './http/exchange.js';
import { HttpClient } from './http/http-client.js';
import { Inspector } from './http/inspector.js';
import { LegLog } from './http/leg-log.js';
import type { OcpiCall } from './http/ocpi-call.js';
import { OcpiClient } from './http/ocpi-client.js';
import { modulePath, OcpiServer } from './http/ocpi-server.js';
import { ClientInfos } from './hubclientinfo/client-infos.js';

/** Settings of a simulated platform. */
export interface PlatformOptions {
  /** Shown in logs and states. */
  name?: string;
  parties: SimulatedParty[];
  host?: string;
  /** 0 = a free one. */
  port?: number;
  /** What partners see; default `http://HOST:PORT`. */
  publicUrl?: string;
  /** Path in front of all OCPI URLs; unusual by default, so that nobody gets by with guessing. */
  basePath?: string;
  seed?: number;
  faults?: Fault[];
  /** Largest page that lists give out. */
  pageLimit?: number;
  /** Modules that are not offered, such as `hubclientinfo`. */
  without?: readonly string[];
  /** Total time of a request to the peer. */
  timeoutMs?: number;
  clock?: Clock;
  /** Sees every request before it is taken; must neither answer it nor change it. */
  observe?: (request: http.IncomingMessage, response: http.ServerResponse) => void;
}

/** A platform that handshakes, serves and receives like a real one: what CPO and eMSP simulators have in common. */
export class Platform {
  readonly name: string;
  readonly parties: readonly SimulatedParty[];
  readonly clock: Clock;
  readonly seed: number;
  readonly pageLimit: number;
  readonly faults: FaultBox;
  readonly inspector = new Inspector();
  readonly legs = new LegLog();
  readonly link: PeerLink;
  readonly client: OcpiClient;
  readonly handshake: Handshake;
  /** Who else is at the hub, as the hub tells it. */
  readonly clientInfos: ClientInfos;
  protected readonly modules: SimulatedModule[] = [];
  private readonly without: ReadonlySet<string>;
  private readonly http: HttpClient;
  private readonly ocpi: OcpiServer;
  private readonly host: string;
  private readonly basePath: string;
  private readonly publicUrl: string | undefined;
  private readonly observe: PlatformOptions['observe'];
  private server: http.Server | undefined;
  private port: number;
  private revival: NodeJS.Timeout | undefined;

  constructor(options: PlatformOptions) {
    const first = options.parties[0];
    if (first === undefined) throw new RangeError('a platform needs at least one party');
    this.parties = options.parties;
    this.name = options.name ?? partyKey(first);
    this.clock = options.clock ?? systemClock;
    this.seed = options.seed ?? 1;
    this.pageLimit = options.pageLimit ?? 100;
    this.host = options.host ?? '127.0.0.1';
    this.port = options.port ?? 0;
    this.publicUrl = options.publicUrl?.replace(/\/$/, '');
    this.basePath = (options.basePath ?? '/roaming/api').replace(/\/$/, '');
    this.observe = options.observe;
    this.faults = new FaultBox(this.seed);
    this.link = new PeerLink(this.clock);
    this.http = new HttpClient({ timeoutMs: options.timeoutMs ?? 30_000 });
    this.client = new OcpiClient({
      http: this.http,
      link: this.link,
      inspector: this.inspector,
      legs: this.legs,
      clock: this.clock,
    });
    const versionsUrl = (): string => this.versionsUrl;
    this.handshake = new Handshake({ http: this.http, link: this.link, parties: this.parties, versionsUrl });
    this.clientInfos = new ClientInfos(this.parties);
    this.without = new Set(options.without ?? []);
    this.offer(this.clientInfos.module(), echo);
    this.ocpi = new OcpiServer(this, this.modules);
    this.faults.set(options.faults ?? []);
  }

  /** Origin and base path as partners see them. */
  get baseUrl(): string {
    return `${this.publicUrl ?? `http://${this.host}:${this.port}`}${this.basePath}`;
  }

  /** Where a partner starts. */
  get versionsUrl(): string {
    return `${this.baseUrl}/versions`;
  }

  /** Path that all OCPI URLs have in common. */
  get path(): string {
    return this.basePath;
  }

  get listeningPort(): number {
    return this.port;
  }

  get alive(): boolean {
    return this.server !== undefined;
  }

  /** Adds modules to those in the version details, unless they are not to be offered. */
  protected offer(...modules: SimulatedModule[]): void {
    this.modules.push(...modules.filter(({ identifier }) => !this.without.has(identifier)));
  }

  /** What either side of a charge needs; for parties in the given role only. */
  protected sideOptions(role: string): SideOptions {
    const { client, link, inspector, clock, seed, pageLimit } = this;
    return {
      ...{ client, link, inspector, clock, seed, pageLimit },
      parties: this.parties.filter((party) => party.role === role),
      url: (module, side) => this.endpointUrl(module, side),
    };
  }

  /** URL of one of its own endpoints. */
  protected endpointUrl(identifier: SimulatedModule['identifier'], role: SimulatedModule['role']): string {
    return this.baseUrl + modulePath({ identifier, role });
  }

  /** Opens the port, unless a `dead` fault is set. */
  async start(): Promise<void> {
    if (this.server === undefined) await this.listen();
    await this.setFaults(this.faults.active());
  }

  /** Closes port, connections and timers for good. */
  async stop(): Promise<void> {
    await this.die();
    this.http.close();
  }

  /** Closes the port and every connection; {@link revive} opens the same port again. */
  async die(): Promise<void> {
    clearTimeout(this.revival);
    const { server } = this;
    if (server === undefined) return;
    this.server = undefined;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  }

  /** Opens the port again after {@link die}. */
  async revive(): Promise<void> {
    clearTimeout(this.revival);
    if (this.server === undefined) await this.listen();
  }

  /** Replaces the faults. `dead` closes the port now, `dead=5000` for five seconds. */
  async setFaults(faults: readonly Fault[]): Promise<void> {
    this.faults.set(faults);
    const dead = faults.find((fault) => fault.kind === 'dead');
    if (dead === undefined) return this.revive();
    await this.die();
    if (dead.number === undefined) return;
    this.revival = setTimeout(() => {
      this.faults.set(this.faults.active().filter((fault) => fault.kind !== 'dead'));
      this.revive().catch(() => undefined);
    }, dead.number);
  }

  /** Makes a token A for a peer that is to start the handshake. */
  invite(): { versions_url: string; token: string } {
    return { versions_url: this.versionsUrl, token: this.link.invite() };
  }

  /** Registers at a hub with its token A. */
  async register(registration: { versions_url: string; token: string }): Promise<void> {
    await this.handshake.register(registration.versions_url, registration.token);
  }

  /** Renews the tokens in both directions. */
  rotate(): Promise<void> {
    return this.handshake.rotate();
  }

  /** Ends the connection. */
  unregister(): Promise<void> {
    return this.handshake.unregister();
  }

  /** Sends any request to the peer as one of our parties; see {@link OcpiClient.call}. */
  send(call: OcpiCall): ReturnType<OcpiClient['call']> {
    return this.client.call({ from: this.parties[0], ...call });
  }

  /** Reads the hub's list of who else is there. */
  pullClientInfos(): ReturnType<ClientInfos['pull']> {
    return this.clientInfos.pull(this.client);
  }

  /** Our own party that is meant, or undefined. */
  ownParty(party: PartyRef | undefined): SimulatedParty | undefined {
    return party === undefined ? undefined : this.parties.find((own) => sameParty(own, party));
  }

  /** State that every kind of simulator shows. */
  state(): Record<string, unknown> {
    const { peer } = this.link;
    return {
      name: this.name,
      parties: this.parties.map((party) => `${partyKey(party)}:${party.role}`),
      port: this.port,
      versions_url: this.versionsUrl,
      alive: this.alive,
      registered: peer !== undefined,
      peer: peer && { versions_url: peer.versionsUrl, roles: peer.roles, endpoints: peer.endpoints },
      requests: this.ocpi.requests,
      client_infos: this.clientInfos.state(),
      faults: this.faults.list(),
      fault_hits: this.faults.hits,
      violations: { total: this.inspector.total, by_kind: this.inspector.byKind, first: this.inspector.first },
    };
  }

  private async listen(): Promise<void> {
    const server = http.createServer({ keepAliveTimeout: 65_000 }, (request, response) => {
      this.observe?.(request, response);
      this.ocpi.take(request, response);
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.port, this.host, () => resolve());
    });
    this.port = (server.address() as AddressInfo).port;
    this.server = server;
  }
}
