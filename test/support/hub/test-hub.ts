import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import {
  Location1700000010000,
  type LocationsDeps,
  locationOddities,
  locationsModule,
  SqliteLocationStore,
} from '../../../src/modules/locations/index.js';
import {
  SqliteTariffStore,
  Tariff1700000011000,
  type TariffsDeps,
  tariffOddities,
  tariffsModule,
} from '../../../src/modules/tariffs/index.js';
import { versionsModule } from '../../../src/modules/versions/index.js';
import {
  createPublicListener,
  mountedEndpoints,
  type OcpiModule,
  type RequestOutcome,
  RequestPipeline,
} from '../../../src/platform/http/index.js';
import { PagedList, type PagedListOptions } from '../../../src/platform/http/paged-list.js';
import { SchemaRegistry } from '../../../src/platform/schema/index.js';
import { type ChangeRow, SqliteStorage } from '../../../src/platform/storage/index.js';
import { FixedAuthenticator, type PartnerSpec } from './fixed-authenticator.js';
import { type Answer, type CallOptions, callHttp } from './http-call.js';
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
} as const satisfies Record<string, PartnerSpec>;
export type PartnerName = keyof typeof cast;

export const tokenA = 'token-a-of-an-invited-platform';

export interface TestHubOptions {
  readonly rateLimit?: { readonly perSecond: number; readonly burst: number };
  readonly maxInFlight?: number;
  readonly pages?: PagedListOptions;
  /** Called on the server before it listens, for shorter limits. */
  readonly server?: (server: http.Server) => void;
}

/** A hub that listens, and what a test may ask of it and look at behind its back. */
export interface TestHub {
  /** Public URL, without a slash at the end. */
  readonly url: string;
  /** URLs of the interfaces, as version details give them. */
  readonly sender: { readonly locations: string; readonly tariffs: string };
  readonly receiver: { readonly locations: string; readonly tariffs: string };
  /** What the hub takes for the present, ms since the epoch; tests set it. */
  now: number;
  /** A request of a partner with its token. `target` is absolute, or a path below {@link url}. */
  as(partner: PartnerName, method: string, target: string, options?: Omit<CallOptions, 'token'>): Promise<Answer>;
  call(method: string, target: string, options?: CallOptions): Promise<Answer>;
  /** What has changed behind a place of the change sequence: what the lanes would tell others. */
  changes(after?: number): Promise<readonly ChangeRow[]>;
  head(): number;
  /** Rules that the stored objects bend. */
  flagged(): Promise<readonly string[]>;
  /** How each request ended, newest last. */
  readonly outcomes: readonly RequestOutcome[];
  /** What each acknowledged write came to, newest last. */
  readonly effects: readonly string[];
  readonly storage: SqliteStorage;
  readonly locations: LocationsDeps & { readonly store: SqliteLocationStore };
  readonly tariffs: TariffsDeps & { readonly store: SqliteTariffStore };
  readonly authenticator: FixedAuthenticator;
  readonly pipeline: RequestPipeline;
  readonly server: http.Server;
  close(): Promise<void>;
}

const schemas = SchemaRegistry.load();

/**
 * Starts a hub on a free port with a database of its own: storage, pipeline, listener and the modules versions, locations and
 * tariffs as the application composes them, with partners that need no handshake.
 */
export async function startTestHub(options: TestHubOptions = {}): Promise<TestHub> {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'roamhub-test-'));
  const storage = await SqliteStorage.open({
    file: path.join(directory, 'hub.sqlite'),
    entities: [],
    migrations: [Location1700000010000, Tariff1700000011000],
  });
  const time = { now: sampleInstant + 3_600_000 };
  const clock = { now: () => time.now };
  const authenticator = new FixedAuthenticator(cast, tokenA);
  const outcomes: RequestOutcome[] = [];
  const effects: string[] = [];
  const locationStore = new SqliteLocationStore(storage);
  const tariffStore = new SqliteTariffStore(storage);
  const common = {
    schemas,
    clock,
    maxAheadMs: 5 * 60_000,
    onAcknowledged: (effect: string) => void effects.push(effect),
  };
  const locations = {
    ...common,
    store: locationStore,
    pages: new PagedList(locationStore.list, options.pages),
    oddities: locationOddities,
    extensionKeys: new Set(['here_ext']),
  };
  const tariffs = {
    ...common,
    store: tariffStore,
    pages: new PagedList(tariffStore.list, options.pages),
    oddities: tariffOddities,
  };
  const bound = { url: '' };
  const publicUrl = () => bound.url;
  const modules: OcpiModule[] = [
    versionsModule({ mounted: () => mountedEndpoints(publicUrl(), modules) }),
    locationsModule(locations),
    tariffsModule(tariffs),
  ];
  const pipeline = new RequestPipeline({
    clock,
    authenticator,
    hub: hubParty,
    rateLimit: options.rateLimit,
    ...(options.maxInFlight === undefined ? {} : { maxInFlight: options.maxInFlight }),
    observe: (outcome) => void outcomes.push(outcome),
  });
  const server = createPublicListener({ publicUrl, modules, pipeline, isReady: () => ({ ready: true }) });
  options.server?.(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  bound.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { url } = bound;
  const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
  const call = (method: string, target: string, callOptions: CallOptions = {}): Promise<Answer> =>
    callHttp(method, target.startsWith('http') ? target : url + target, { agent, ...callOptions });
  const interfaces = (role: string) => ({
    locations: `${url}/ocpi/2.2.1/${role}/locations`,
    tariffs: `${url}/ocpi/2.2.1/${role}/tariffs`,
  });
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
    as: (partner, method, target, rest = {}) => call(method, target, { ...rest, token: cast[partner].token }),
    changes: (after = 0) => storage.changes.changesAfter(after, 10_000),
    head: () => storage.changes.head(),
    flagged: async () =>
      [...(await locationStore.oddities()), ...(await tariffStore.oddities())].map((count) => count.rule),
    outcomes,
    effects,
    storage,
    locations,
    tariffs,
    authenticator,
    pipeline,
    server,
    async close() {
      agent.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await storage.close();
      rmSync(directory, { recursive: true });
    },
  };
}
