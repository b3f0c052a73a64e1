import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemClock } from '../../src/kernel/clock.js';
import {
  Delivery,
  type DeliveryEvent,
  type DeliveryTiming,
  type LanePartner,
  laneMigrations,
  type PushItem,
  type PushSource,
  SqliteLaneStore,
} from '../../src/platform/delivery/index.js';
import { FakePartners, lanePartner, type PartnerTraits } from '../../src/platform/delivery/testing/lane-partner.js';
import { OutboundClient } from '../../src/platform/outbound/index.js';
import { EmbeddedQueue } from '../../src/platform/queue/index.js';
import { type ChangeKind, type ChangeRow, SqliteStorage } from '../../src/platform/storage/index.js';

/** What a partner's server was asked. */
export interface Received {
  readonly method: string;
  /** Below the RECEIVER endpoint: `/locations/DE/CP1/LOC1` */
  readonly path: string;
  readonly body: string;
  readonly headers: http.IncomingHttpHeaders;
}

/** What a partner's server does with a request. `drop`: acts on it, then cuts the connection. `hang`: never answers. */
export type Reaction =
  | { readonly status: number; readonly code?: number; readonly retryAfter?: string }
  | 'drop'
  | 'hang';

const fine: Reaction = { status: 200, code: 1000 };
const patience = 8_000;

/** A partner's platform as a real server: notes what it is told, holds what it accepted, and misbehaves to order. */
export class PartnerServer {
  readonly received: Received[] = [];
  /** `locations/DE/CP1/LOC1` → content, of what was accepted. */
  readonly held = new Map<string, Record<string, unknown>>();
  react: (request: Received) => Reaction | Promise<Reaction> = () => fine;
  mostAtOnce = 0;
  /** Requests that came while another of the same Location was being answered. */
  readonly overlaps: string[] = [];
  private readonly busy: string[] = [];
  private server: http.Server | undefined;
  private port = 0;

  async open(): Promise<void> {
    this.server = http.createServer((request, response) => void this.serve(request, response));
    await new Promise<void>((resolve) => this.server?.listen(this.port, '127.0.0.1', resolve));
    this.port = (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((resolve) => this.server?.close(resolve));
  }

  get base(): string {
    return `http://127.0.0.1:${this.port}/ocpi`;
  }

  /** Method and path of each request, in order. */
  get calls(): readonly string[] {
    return this.received.map((one) => `${one.method} ${one.path}`);
  }

  private async serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const target = (request.url ?? '').replace('/ocpi/receiver', '').replace('/ocpi', '');
    const { method = '', headers } = request;
    const received = { method, path: target, body: Buffer.concat(chunks).toString(), headers };
    const lane = `${String(headers['ocpi-to-party-id'])} ${target.split('/').slice(0, 5).join('/')}`;
    if (this.busy.includes(lane)) this.overlaps.push(target);
    this.busy.push(lane);
    this.mostAtOnce = Math.max(this.mostAtOnce, this.busy.length);
    this.received.push(received);
    const reaction = await this.react(received);
    this.busy.splice(this.busy.indexOf(lane), 1);
    if (reaction === 'hang') return;
    if (reaction === 'drop' || (reaction.status === 200 && reaction.code === 1000)) this.accept(received);
    if (reaction === 'drop') {
      request.socket.destroy();
      return;
    }
    const body = JSON.stringify({ status_code: reaction.code, timestamp: '2026-01-01T00:00:00Z' });
    response.writeHead(reaction.status, {
      'Content-Type': 'application/json',
      ...(reaction.retryAfter === undefined ? {} : { 'Retry-After': reaction.retryAfter }),
    });
    response.end(body);
  }

  private accept({ method, path: target, body }: Received): void {
    const key = target.slice(1);
    if (method === 'DELETE') this.held.delete(key);
    else if (method === 'PUT') this.held.set(key, JSON.parse(body) as Record<string, unknown>);
    else if (method === 'PATCH') {
      this.held.set(key, { ...this.held.get(key), ...(JSON.parse(body) as Record<string, unknown>) });
    }
  }
}

interface StoredObject {
  readonly body: Record<string, unknown>;
  readonly parent: string | undefined;
}

/** Short, so that a test of an hour's behaviour takes a moment. */
const shortTiming: Partial<DeliveryTiming> = {
  backOffMs: [20, 40, 60],
  probeMs: 60,
  settleMs: 150,
  exceptionMs: [60, 60],
  lingerMs: 10,
  saveMs: 20,
  sweepMs: 100,
  stumbleMs: 20,
};

/** A hub's delivery over a real database and real sockets; its objects are held by the test. */
export class DeliveryWorld {
  readonly events: DeliveryEvent[] = [];
  readonly failures: unknown[] = [];
  readonly partners = new FakePartners();
  readonly servers = new Map<string, PartnerServer>();
  private readonly objects = new Map<string, StoredObject>();
  private readonly client = new OutboundClient({
    policy: { development: true, allowedNetworks: [] },
    clock: systemClock,
    limits: { push: { totalMs: 400, firstByteMs: 400, answerBytes: 10_000 } },
  });
  private queue = new EmbeddedQueue({ clock: systemClock, report: (error) => this.failures.push(error) });
  private current: Delivery | undefined;

  private constructor(
    readonly storage: SqliteStorage,
    private readonly folder: string,
  ) {}

  static async open(): Promise<DeliveryWorld> {
    const folder = mkdtempSync(path.join(tmpdir(), 'roamhub-delivery-'));
    const file = path.join(folder, 'hub.sqlite');
    return new DeliveryWorld(await SqliteStorage.open({ file, entities: [], migrations: laneMigrations }), folder);
  }

  get delivery(): Delivery {
    if (!this.current) throw new Error('start() comes first');
    return this.current;
  }

  /** A partner with a server of its own. */
  async partner(traits: PartnerTraits = {}): Promise<PartnerServer> {
    const server = new PartnerServer();
    await server.open();
    const partner = lanePartner({ ...traits, base: server.base });
    this.servers.set(partner.id, server);
    this.partners.set(partner);
    return server;
  }

  /** Changes a partner as the operator or a handshake would. */
  change(id: string, change: Partial<LanePartner>, token?: string): void {
    const partner = this.partners.byId(id);
    if (partner) this.partners.set({ ...partner, ...change }, token);
  }

  async start(timing: Partial<DeliveryTiming> = {}): Promise<void> {
    this.queue = new EmbeddedQueue({ clock: systemClock, report: (error) => this.failures.push(error) });
    this.current = new Delivery({
      feed: this.storage.changes,
      store: new SqliteLaneStore(this.storage, systemClock, 'local'),
      partners: this.partners,
      client: this.client,
      queue: this.queue,
      sources: [this.source('locations'), this.source('tariffs')],
      hub: { country_code: 'NL', party_id: 'HUB' },
      clock: systemClock,
      timing: { ...shortTiming, ...timing },
      observer: {
        delivered: (event) => this.events.push(event),
        failed: (_partner, error) => this.failures.push(error),
      },
    });
    await this.queue.start();
    await this.current.start();
  }

  async stop(): Promise<void> {
    await Promise.all([this.current?.stop(), this.queue.close(5_000)]);
    this.current = undefined;
  }

  async close(): Promise<void> {
    await this.stop();
    for (const server of this.servers.values()) await server.close();
    await this.client.close();
    await this.storage.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Stores an object (`locations/DE/CP1/LOC1`) and its change in one commit. */
  put(key: string, body: Record<string, unknown> = {}, correlationId = 'corr'): Promise<void> {
    return this.store(key, 'PUT', { ...body }, undefined, correlationId);
  }

  patch(key: string, change: Record<string, unknown>): Promise<void> {
    return this.store(key, 'PATCH', { ...this.objects.get(key)?.body, ...change }, JSON.stringify(change), 'corr');
  }

  delete(key: string): Promise<void> {
    return this.store(key, 'DELETE', undefined, undefined, 'corr');
  }

  /** Waits until something is so. */
  async until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
    const end = systemClock.now() + patience;
    while (!(await isSo())) {
      if (systemClock.now() > end) throw new Error(`waited in vain until ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  /** Waits until every lane that is told anything has reached the head and nothing is under way. */
  async quiet(): Promise<void> {
    await this.until('all lanes are at the head', async () => {
      const lanes = await this.delivery.lanesNow();
      return lanes.every((lane) => lane.lagObjects === 0 && lane.inFlight === 0);
    });
  }

  private source(module: 'locations' | 'tariffs'): PushSource {
    const item = (object: string): PushItem | undefined => {
      const stored = this.objects.get(`${module}/${object}`);
      if (!stored) return undefined;
      const { body, parent } = stored;
      const itself = { path: `/${object}`, body: JSON.stringify(body) };
      return parent === undefined ? itself : { ...itself, parent: async () => item(parent) };
    };
    return { module, read: async (row: ChangeRow) => item(row.object) };
  }

  private store(
    key: string,
    kind: ChangeKind,
    body: Record<string, unknown> | undefined,
    patch: string | undefined,
    correlationId: string,
  ): Promise<void> {
    const [module = '', country = '', party = '', id = '', evse] = key.split('/');
    const owner = `${country}/${party}`;
    const laneKey = `${owner}/${id}`;
    const object = key.slice(module.length + 1);
    return this.storage.write((tx) => {
      if (body === undefined) this.objects.delete(key);
      else this.objects.set(key, { body, parent: evse === undefined ? undefined : laneKey });
      this.storage.changes.record(tx, {
        module: module as 'locations' | 'tariffs',
        object,
        laneKey,
        owner,
        kind,
        ...(patch === undefined ? {} : { patch }),
        correlationId,
        recordedAt: systemClock.now(),
      });
    });
  }
}
