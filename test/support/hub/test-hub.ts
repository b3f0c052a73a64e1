import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { composeRouting, type RoutingAudit } from '../../../src/app/compose-routing.js';
import { createModules } from '../../../src/app/modules.js';
import { sqliteSchema } from '../../../src/app/schema-of-storage.js';
import { createClientInfo } from '../../../src/modules/hubclientinfo/index.js';
import type { LocationStore } from '../../../src/modules/locations/index.js';
import type { TariffStore } from '../../../src/modules/tariffs/index.js';
import { type TokenStore, tokenDocuments } from '../../../src/modules/tokens/index.js';
import { everythingOpen, type SharingPolicy } from '../../../src/platform/agreements/index.js';
import { SqliteRows } from '../../../src/platform/forwarding/index.js';
import {
  createPublicListener,
  type PublicListenerOptions,
  type RequestOutcome,
  RequestPipeline,
} from '../../../src/platform/http/index.js';
import { createEvents, createMetrics, silentLogger } from '../../../src/platform/observability/index.js';
import { forwardLimits, OutboundClient, UrlGuard } from '../../../src/platform/outbound/index.js';
import { loadSecretKeys, openPartners, type PartnerEndpoint } from '../../../src/platform/partners/index.js';
import type { PullSink } from '../../../src/platform/pull/index.js';
import { openQueue } from '../../../src/platform/queue/index.js';
import { SchemaRegistry } from '../../../src/platform/schema/index.js';
import { type ChangeRow, SqliteStorage } from '../../../src/platform/storage/index.js';
import { FixedAuthenticator, type PartnerSpec } from './fixed-authenticator.js';
import { type Answer, type CallOptions, callHttp } from './http-call.js';
import { RecordingPartner } from './recording-partner.js';
import { sampleInstant } from './samples.js';

export const hubParty = { country_code: 'NL', party_id: 'HUB' } as const;

/** The cast of the conformance rules; tokens are as good as any. */
export const cast = {
  P1: { parties: ['DE/CP1/CPO'], token: 'token-of-platform-one' },
  P2: { parties: ['FR/EM1/EMSP'], token: 'token-of-platform-two' },
  P3: { parties: ['BE/EM2/EMSP'], token: 'token-of-platform-three' },
  P4: { parties: ['NL/NSP/NSP'], token: 'token-of-platform-four' },
  /** Two CPO parties and an eMSP on one platform. */
  P5: { parties: ['DE/CP2/CPO', 'AT/CP3/CPO', 'DE/CP2/EMSP'], token: 'token-of-platform-five' },
  /** Wants older updates applied. */
  P6: { parties: ['ES/SIS/CPO'], token: 'token-of-platform-six', switches: { stale: 'apply' } },
  /** Its endpoints lead nowhere. */
  P7: { parties: ['ES/OFF/CPO'], token: 'token-of-platform-seven' },
} as const satisfies Record<string, PartnerSpec>;
export type PartnerName = keyof typeof cast;

/** A partner that one test needs beside the cast. */
export interface Guest extends PartnerSpec {
  /** What it offers where partners are reachable, such as `locations RECEIVER`. */
  readonly offers?: readonly string[];
}
export type GuestName = `guest-${string}`;

export const tokenA = 'token-a-of-an-invited-platform';

export interface TestHubOptions {
  /** Whether the partners of the cast are there to be called: a {@link RecordingPartner} each. */
  readonly reachable?: boolean;
  /** Endpoints of partners, by name, beside those of {@link reachable}: where what is passed on to them goes. */
  readonly endpoints?: Partial<Record<PartnerName, readonly PartnerEndpoint[]>>;
  /** Partners beside the cast. */
  readonly guests?: Readonly<Record<GuestName, Guest>>;
  /** Who shares what; everybody everything unless given. */
  readonly policy?: SharingPolicy;
  readonly rateLimit?: { readonly perSecond: number; readonly burst: number };
  /** Shorter waiting for slow clients. */
  readonly patience?: PublicListenerOptions['patience'];
}

const cpoInterfaces = [
  ...['locations', 'tariffs', 'sessions', 'cdrs'].map((module) => `${module} SENDER`),
  ...['tokens', 'commands', 'chargingprofiles'].map((module) => `${module} RECEIVER`),
];
const emspInterfaces = [
  ...['tokens', 'commands', 'chargingprofiles'].map((module) => `${module} SENDER`),
  ...['locations', 'tariffs', 'sessions', 'cdrs'].map((module) => `${module} RECEIVER`),
];

/** What the partners of the cast offer where they are reachable. */
const offers: Readonly<Record<PartnerName, readonly string[]>> = {
  P1: cpoInterfaces,
  P2: emspInterfaces,
  P3: emspInterfaces,
  P4: ['locations RECEIVER'],
  P5: [...cpoInterfaces, ...emspInterfaces],
  P7: [],
  P6: cpoInterfaces.filter((one) => !one.startsWith('chargingprofiles')),
};

/** A hub that listens, and what a test may ask of it and look at behind its back. */
export interface TestHub {
  /** Public URL, without a slash at the end. */
  readonly url: string;
  /** URLs of the interfaces, as version details give them. */
  readonly sender: { readonly locations: string; readonly tariffs: string; readonly tokens: string };
  readonly receiver: { readonly locations: string; readonly tariffs: string; readonly tokens: string };
  /** What the hub takes for the present, ms since the epoch; tests set it. */
  now: number;
  /** A request of a partner with its token. `target` is absolute, or a path below {@link url}. */
  as(
    partner: PartnerName | GuestName,
    method: string,
    target: string,
    options?: Omit<CallOptions, 'token'>,
  ): Promise<Answer>;
  call(method: string, target: string, options?: CallOptions): Promise<Answer>;
  /** What has changed behind a place of the change sequence: what the lanes would tell others. */
  changes(after?: number): Promise<readonly ChangeRow[]>;
  head(): number;
  /** Rules that the stored objects bend. */
  flagged(): Promise<readonly string[]>;
  /** The partners as they are called, if they are reachable. */
  partner(name: PartnerName | GuestName): RecordingPartner;
  /** How each request ended, newest last. */
  readonly outcomes: readonly RequestOutcome[];
  /** What each acknowledged write came to, newest last. */
  readonly effects: readonly string[];
  /** What partners tried in routing and may not, newest last. */
  readonly audits: readonly RoutingAudit[];
  /** Sessions and CDRs that extensions were told of, parsed. */
  readonly taken: readonly unknown[];
  readonly storage: SqliteStorage;
  readonly stores: { readonly locations: LocationStore; readonly tariffs: TariffStore; readonly tokens: TokenStore };
  /** Where pulled objects go. */
  readonly pullSinks: readonly PullSink[];
  readonly server: http.Server;
  /** Forgets outcomes and effects so far. */
  forget(): void;
  /** Takes out everything stored and sets the clock back, so that one hub serves many tests. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts a hub on a free port with a database of its own: storage, pipeline, listener and the modules as the application
 * composes them. Only the partners are fixed ones, so that a test needs no handshake.
 */
export async function startTestHub(options: TestHubOptions = {}): Promise<TestHub> {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'roamhub-test-'));
  const time = { now: sampleInstant + 3_600_000 };
  const clock = { now: () => time.now };
  const storage = await SqliteStorage.open({ file: path.join(directory, 'hub.sqlite'), ...sqliteSchema });
  const keys = loadSecretKeys({ dataDirectory: directory, development: true });
  const partners = await openPartners({ storage, keys, clock, hub: hubParty });
  const urlPolicy = { development: true, allowedNetworks: [] };
  const client = new OutboundClient({ policy: urlPolicy, clock, limits: { forward: forwardLimits(1_000) } });
  const outcomes: RequestOutcome[] = [];
  const effects: string[] = [];
  const bound = { url: '' };
  const publicUrl = () => bound.url;
  const schemas = SchemaRegistry.load();
  const everybody: Readonly<Record<string, PartnerSpec>> = { ...cast, ...options.guests };
  const reachable = new Map<string, RecordingPartner>();
  const endpoints: Partial<Record<string, readonly PartnerEndpoint[]>> = { ...options.endpoints };
  if (options.reachable) {
    const offered: Readonly<Record<string, readonly string[]>> = { ...offers };
    for (const name of Object.keys(everybody)) {
      const partner = await RecordingPartner.open();
      reachable.set(name, partner);
      const own = offered[name] ?? options.guests?.[name as GuestName]?.offers ?? [];
      endpoints[name] = [...partner.endpoints(...own), ...(endpoints[name] ?? [])];
    }
  }
  if (options.reachable)
    endpoints.P7 = [{ identifier: 'commands', role: 'RECEIVER', url: 'http://127.0.0.1:1/commands' }];
  const authenticator = new FixedAuthenticator(everybody, tokenA, endpoints);
  const policy = options.policy ?? everythingOpen;
  const clientInfo = createClientInfo({
    storage,
    directory: Object.assign(authenticator.book(), { openInvites: () => [] }),
    schemas,
    clock,
    hub: hubParty,
    mayKnow: (a, b) => policy.mayKnow(a, b),
    maxAheadMs: 5 * 60_000,
    mayWrite: async () => true,
    onIgnored: () => undefined,
    onTrouble: (error) => {
      throw error;
    },
  });
  const queue = await openQueue({ clock, report: () => undefined });
  const audits: RoutingAudit[] = [];
  const taken: unknown[] = [];
  const routing = composeRouting({
    partners: authenticator.book(),
    remote: clientInfo.book,
    isPlanned: (party) => clientInfo.isPlanned(party),
    policy,
    client,
    urls: new UrlGuard(urlPolicy),
    ring: keys.ring,
    rows: new SqliteRows(storage, clock),
    queue,
    clock,
    logger: silentLogger,
    publicUrl,
    alone: true,
    works: true,
    audit: (entry) => void audits.push(entry),
  });
  await queue.start();
  await clientInfo.book.load();
  await clientInfo.keeper.settle();
  const modules = createModules({
    storage,
    schemas,
    routing,
    clientInfo,
    partners,
    calls: client,
    identity: { ...hubParty, name: 'Test hub', versionsUrl: () => `${bound.url}/ocpi/versions` },
    clock,
    events: {
      ...createEvents({ logger: silentLogger, metrics: createMetrics({ withProcess: false }), clock }),
      writeAcknowledged: ({ effect }) => void effects.push(effect),
    },
    maxAheadMs: 5 * 60_000,
    publicUrl,
    onRegistered: () => undefined,
    onSession: (session) => void taken.push(session),
    onCdr: (cdr) => void taken.push(cdr),
  });
  const server = createPublicListener({
    publicUrl,
    modules: modules.mounted,
    pipeline: new RequestPipeline({
      clock,
      authenticator,
      hub: hubParty,
      router: routing.router,
      rolesBehind: (partnerId, party) => clientInfo.book.rolesBehind(partnerId, party),
      rateLimit: options.rateLimit,
      observe: (outcome) => void outcomes.push(outcome),
    }),
    isReady: () => ({ ready: true }),
    ...(options.patience ? { patience: options.patience } : {}),
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  bound.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { url } = bound;
  const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
  const call = (method: string, target: string, callOptions: CallOptions = {}): Promise<Answer> =>
    callHttp(method, target.startsWith('http') ? target : url + target, { agent, ...callOptions });
  const interfaces = (role: string) => ({
    locations: `${url}/ocpi/2.2.1/${role}/locations`,
    tariffs: `${url}/ocpi/2.2.1/${role}/tariffs`,
    tokens: `${url}/ocpi/2.2.1/${role}/tokens`,
  });
  const forget = (): void => {
    outcomes.length = 0;
    effects.length = 0;
    audits.length = 0;
    taken.length = 0;
    for (const partner of reachable.values()) partner.forget();
  };
  return {
    url,
    sender: interfaces('sender'),
    receiver: interfaces('receiver'),
    get now() {
      return time.now;
    },
    set now(value) {
      time.now = value;
    },
    call,
    as: (partner, method, target, rest = {}) =>
      call(method, target, { ...rest, token: everybody[partner]?.token ?? '' }),
    changes: (after = 0) => storage.changes.changesAfter(after, 10_000),
    head: () => storage.changes.head(),
    flagged: async () =>
      [
        ...(await modules.locations.oddities()),
        ...(await modules.tariffs.oddities()),
        ...(await modules.tokens.oddities()),
      ].map((count) => count.rule),
    partner(name) {
      const partner = reachable.get(name);
      if (!partner) throw new TypeError('the partners of this hub are not reachable');
      return partner;
    },
    outcomes,
    effects,
    audits,
    taken,
    storage,
    stores: { locations: modules.locations, tariffs: modules.tariffs, tokens: modules.tokens },
    pullSinks: modules.pullSinks,
    server,
    forget,
    async clear() {
      const context = { correlationId: 'clear', now: time.now };
      for (const party of Object.values(everybody).flatMap((spec) => spec.parties)) {
        const [country_code = '', party_id = ''] = party.split('/');
        for (const store of [modules.locations, modules.tariffs])
          await store.removeAbsent({ country_code, party_id }, new Set(), Number.POSITIVE_INFINITY, context);
        // Partners have no way to take one out (TK-06).
        const tokens = storage.documents(tokenDocuments);
        await tokens.removeAbsent(`${country_code}/${party_id}`, new Set(), Number.POSITIVE_INFINITY, context);
      }
      time.now = sampleInstant + 3_600_000;
      forget();
    },
    async close() {
      agent.destroy();
      for (const partner of reachable.values()) await partner.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      routing.callbacks.stop();
      await queue.close(1_000);
      await routing.routes.written();
      await partners.activity.flush();
      await client.close();
      await storage.close();
      rmSync(directory, { recursive: true });
    },
  };
}
