import { mkdtempSync, rmSync } from 'node:fs';
import type http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { ClientInfoLife, clientInfoDuty } from '../../../src/app/client-info-life.js';
import { postgresSchema, sqliteSchema } from '../../../src/app/schema-of-storage.js';
import { systemClock } from '../../../src/kernel/clock.js';
import type { InterfaceRole } from '../../../src/kernel/module-id.js';
import { type PartyRef, partyKey } from '../../../src/kernel/party-ref.js';
import {
  AliveChecks,
  type ClientInfo,
  createClientInfo,
  type IgnoredParty,
  type PulledHub,
  RemotePartyPull,
} from '../../../src/modules/hubclientinfo/index.js';
import { versionsModule } from '../../../src/modules/versions/index.js';
import { Delivery, PostgresLaneStore, SqliteLaneStore } from '../../../src/platform/delivery/index.js';
import {
  createPublicListener,
  mountedEndpoints,
  type OcpiModule,
  RequestPipeline,
} from '../../../src/platform/http/index.js';
import { silentLogger } from '../../../src/platform/observability/index.js';
import { OutboundClient } from '../../../src/platform/outbound/index.js';
import {
  loadSecretKeys,
  openPartners,
  type Partner,
  type Partners,
  type RoleClaim,
} from '../../../src/platform/partners/index.js';
import { EmbeddedQueue } from '../../../src/platform/queue/index.js';
import { SchemaRegistry } from '../../../src/platform/schema/index.js';
import { PostgresStorage, SqliteStorage } from '../../../src/platform/storage/index.js';
import { type Answer, type CallOptions, callHttp } from '../hub/http-call.js';
import type { Platform } from './platform.js';

const operator = { name: 'operator' };
const schemas = SchemaRegistry.load();
export const silentMs = 5 * 60_000;

export interface HubNodeOptions {
  /** Default: NL/HUB. */
  readonly party?: PartyRef;
  /** A database of its own unless given. */
  readonly postgresUrl?: string;
  /** Where the keys are, and with SQLite the data; nodes of one hub share it. */
  readonly directory?: string;
  /** Pairs of party keys that may not know of each other: `FR/EM1 DE/CP1`. */
  readonly strangers?: readonly string[];
}

/** `DE/CP1/CPO` */
export const roleOf = (text: string): RoleClaim => {
  const [country_code = '', party_id = '', role = ''] = text.split('/');
  return { country_code, party_id, role: role as RoleClaim['role'] };
};

/**
 * A hub of partners, hubclientinfo and lanes: real storage, real HTTP, partners with servers of their own. Time is what the test says, and
 * whatever the hub does by itself from time to time the test calls for.
 */
export class HubNode {
  now = Date.UTC(2026, 0, 1);
  readonly ignored: IgnoredParty[] = [];
  readonly pulled: PulledHub[] = [];
  readonly troubles: unknown[] = [];
  readonly strangers = new Set<string>();
  storage!: SqliteStorage | PostgresStorage;
  partners!: Partners;
  clientInfo!: ClientInfo;
  checks!: AliveChecks;
  pull!: RemotePartyPull;
  url = '';
  private delivery!: Delivery;
  private queue!: EmbeddedQueue;
  private client!: OutboundClient;
  private server!: http.Server;
  private readonly ends: (() => void)[] = [];

  private constructor(
    readonly party: PartyRef,
    readonly directory: string,
    private readonly options: HubNodeOptions,
  ) {
    for (const pair of options.strangers ?? []) this.strangers.add(pair);
  }

  static async open(options: HubNodeOptions = {}): Promise<HubNode> {
    const { directory = mkdtempSync(path.join(os.tmpdir(), 'roamhub-clients-')) } = options;
    const node = new HubNode(options.party ?? { country_code: 'NL', party_id: 'HUB' }, directory, options);
    await node.start();
    return node;
  }

  /** Ends it and starts it anew on the same data. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  async close(): Promise<void> {
    await this.stop();
    if (this.options.directory === undefined) rmSync(this.directory, { recursive: true });
  }

  /** A platform that has registered. Its pushes begin. */
  async register(name: string, roles: readonly string[], platform: Platform): Promise<Partner> {
    const claims = roles.map(roleOf);
    const { invites } = this.partners;
    const { invite } = await invites.create({ name, roles: claims }, operator);
    return this.useInvite(invite.id, claims, platform);
  }

  async useInvite(inviteId: string, roles: readonly RoleClaim[], platform: Platform): Promise<Partner> {
    const { invites } = this.partners;
    const claim = await invites.claim(inviteId);
    if (claim.kind !== 'claimed') throw new Error(claim.kind);
    const { endpoints, origin: home, versionsUrl } = platform;
    const introduction = { roles, versionsUrl, endpoints, outboundToken: 'token of the hub' };
    const more = { switches: {}, origins: [home] };
    const done = await invites.register(inviteId, claim.claimId, { ...introduction, ...more }, operator);
    if (!done) throw new Error('the claim was lost');
    platform.token = done.token;
    await this.delivery.attach(done.partner.id);
    return done.partner;
  }

  /** Registers another hub here, and this one there. Resolves with who each is at the other. */
  async befriend(other: HubNode): Promise<{ readonly here: Partner; readonly there: Partner }> {
    const wish = { name: 'hub', versionsUrl: other.versionsUrl, token: 'A', origins: [other.url] };
    const begun = await this.partners.registrations.begin({ ...wish, roles: undefined }, operator);
    const { invite } = await other.partners.invites.create({ name: 'hub', roles: [this.asHub] }, operator);
    const claim = await other.partners.invites.claim(invite.id);
    if (claim.kind !== 'claimed') throw new Error(claim.kind);
    const mine = { roles: [this.asHub], versionsUrl: this.versionsUrl, endpoints: this.ownEndpoints };
    const there = await other.partners.invites.register(
      invite.id,
      claim.claimId,
      { ...mine, outboundToken: begun.token, switches: {}, origins: [this.url] },
      operator,
    );
    const theirs = { roles: [other.asHub], versionsUrl: other.versionsUrl, endpoints: other.ownEndpoints };
    const outboundToken = there?.token ?? '';
    const here = await this.partners.registrations.complete(begun.id, { ...theirs, outboundToken }, operator);
    if (!here || !there) throw new Error('the two hubs do not know each other');
    await this.delivery.attach(here.id);
    await other.delivery.attach(there.partner.id);
    return { here, there: there.partner };
  }

  /** A request with a token. */
  call(method: string, target: string, options: CallOptions = {}): Promise<Answer> {
    return callHttp(method, target.startsWith('http') ? target : this.url + target, options);
  }

  /** What a platform reads: `DE/CP1/CPO CONNECTED`, in the order of the list. */
  async listFor(platform: Pick<Platform, 'token'>, query = ''): Promise<readonly string[]> {
    const answer = await this.call('GET', `${this.sender}${query}`, { token: platform.token });
    if (answer.body.status_code !== 1000) throw new Error(answer.text);
    return answer.list.map((one) => `${one.country_code}/${one.party_id}/${one.role} ${one.status}`);
  }

  get sender(): string {
    return `${this.url}/ocpi/2.2.1/sender/hubclientinfo`;
  }

  get receiver(): string {
    return `${this.url}/ocpi/2.2.1/receiver/hubclientinfo`;
  }

  get versionsUrl(): string {
    return `${this.url}/ocpi/versions`;
  }

  /** What is true is stored, and whoever is to be told has been told. */
  async settle(): Promise<void> {
    await this.clientInfo.keeper.settle();
    const end = performance.now() + 10_000;
    for (;;) {
      const lanes = await this.delivery.lanesNow();
      // What may not be told a partner that is away waits in its lane.
      const due = lanes.filter((lane) => this.partners.directory.byId(lane.partnerId)?.status === 'CONNECTED');
      if (due.every((lane) => lane.lagObjects === 0 && lane.inFlight === 0)) return;
      if (performance.now() > end) throw new Error('the lanes did not come to rest');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** Lets time pass as the hub does: a look each second. */
  async pass(ms: number, stepMs = 1_000): Promise<void> {
    for (const end = this.now + ms; this.now < end; ) {
      this.now += stepMs;
      await this.checks.bringBack();
      await this.checks.tick();
    }
  }

  /** What the application runs by itself; the parts of this node are not used then. */
  life(works = true): ClientInfoLife {
    return new ClientInfoLife({
      clientInfo: this.clientInfo,
      partners: this.partners,
      client: this.client,
      clock: { now: () => this.now },
      schemas,
      maxAheadMs: 60_000,
      logger: silentLogger,
      aliveMs: silentMs,
      works,
      duty: (name, forMs) => this.storage.duty(name, forMs),
      several: false,
    });
  }

  private get asHub(): RoleClaim {
    return { ...this.party, role: 'HUB' };
  }

  private get ownEndpoints() {
    const endpoint = (role: InterfaceRole, url: string) => ({ identifier: 'hubclientinfo', role, url });
    return [endpoint('SENDER', this.sender), endpoint('RECEIVER', this.receiver)];
  }

  private async start(): Promise<void> {
    const clock = { now: () => this.now };
    const { party: hub } = this;
    this.storage = await this.openStorage();
    const shared = this.storage.kind === 'postgres' ? { shared: this.storage } : {};
    const keys = loadSecretKeys({ dataDirectory: this.directory, development: true });
    this.partners = await openPartners({ storage: this.storage, keys, clock, hub, ...shared });
    const { directory, registry } = this.partners;
    this.client = new OutboundClient({ policy: { development: true, allowedNetworks: [] }, clock: systemClock });
    this.clientInfo = createClientInfo({
      storage: this.storage,
      ...shared,
      directory,
      schemas,
      clock,
      hub,
      mayKnow: (a, b) => !this.strangers.has(`${partyKey(a)} ${partyKey(b)}`),
      maxAheadMs: 60_000,
      mayWrite: () => this.storage.duty(clientInfoDuty.name, clientInfoDuty.forMs),
      onIgnored: (ignored) => this.ignored.push(ignored),
      onTrouble: (error) => this.troubles.push(error),
    });
    const { book, keeper } = this.clientInfo;
    await book.load();
    this.ends.push(
      directory.onChange(() => {
        book.partnersChanged();
        keeper.wake();
      }),
      directory.onInvites(() => keeper.wake()),
    );
    const shares = { directory, client: this.client, clock, signal: new AbortController().signal };
    this.checks = new AliveChecks({ ...shares, registry, silentMs, mayCheck: async () => true });
    this.pull = new RemotePartyPull({
      ...shares,
      book,
      schemas,
      maxAheadMs: 60_000,
      mayPull: async () => true,
      onPulled: (pulled) => this.pulled.push(pulled),
    });
    await this.startDelivery();
    await this.listen();
  }

  private async startDelivery(): Promise<void> {
    this.queue = new EmbeddedQueue({ clock: systemClock, report: (error) => this.troubles.push(error) });
    const { storage } = this;
    this.delivery = new Delivery({
      feed: storage.changes,
      store:
        storage.kind === 'postgres'
          ? new PostgresLaneStore(storage, storage.node)
          : new SqliteLaneStore(storage, systemClock, 'hub'),
      partners: this.partners.directory,
      client: this.client,
      queue: this.queue,
      sources: [this.clientInfo.pushSource],
      hub: this.party,
      clock: systemClock,
      timing: { sweepMs: 100, probeMs: 50, backOffMs: [20, 40] },
      tellsClientInfo: (partnerId, owner) => this.clientInfo.tells(partnerId, owner),
      observer: { failed: (_partner, error) => this.troubles.push(error) },
    });
    await this.queue.start();
    await this.delivery.start();
  }

  private async listen(): Promise<void> {
    const clock = { now: () => this.now };
    const modules: OcpiModule[] = [
      this.clientInfo.module,
      versionsModule({ mounted: (caller) => mountedEndpoints(this.url, modules, caller) }),
    ];
    const pipeline = new RequestPipeline({
      clock,
      authenticator: this.partners.directory,
      hub: this.party,
      rateLimit: undefined,
      observe: ({ fault }) => {
        if (fault !== undefined) this.troubles.push(fault);
      },
    });
    this.server = createPublicListener({
      publicUrl: () => this.url,
      modules,
      pipeline,
      isReady: () => ({ ready: true }),
    });
    // Partners keep the address over a restart.
    const port = this.url === '' ? 0 : Number(new URL(this.url).port);
    await new Promise<void>((resolve) => this.server.listen(port, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  private async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    await Promise.all([this.delivery.stop(), this.queue.close(5_000)]);
    for (const end of this.ends.splice(0)) end();
    await this.clientInfo.keeper.settle();
    await this.client.close();
    await this.partners.stop();
    await this.partners.activity.flush();
    await this.storage.close();
  }

  private openStorage(): Promise<SqliteStorage | PostgresStorage> {
    const { postgresUrl: url } = this.options;
    if (url !== undefined) {
      // A process that starts again has its name again, and with it the duties that it had.
      const node = this.storage?.kind === 'postgres' ? { node: this.storage.node } : {};
      return PostgresStorage.open({ url, ...postgresSchema, ...node, requireDurable: false });
    }
    const groupCommit = { windowMs: 0 };
    return SqliteStorage.open({ file: path.join(this.directory, 'hub.sqlite'), ...sqliteSchema, groupCommit });
  }
}
