import type { Clock } from '../kernel/clock.js';
import { stringMember } from '../kernel/json-text.js';
import type { PartyRef } from '../kernel/party-ref.js';
import { cdrsModule } from '../modules/cdrs/index.js';
import { chargingProfilesModule } from '../modules/chargingprofiles/index.js';
import { commandsModule } from '../modules/commands/index.js';
import {
  type CredentialsModule,
  credentialsModule,
  type HubIdentity,
  type PartnerCalls,
} from '../modules/credentials/index.js';
import type { ClientInfo } from '../modules/hubclientinfo/index.js';
import {
  LocationStore,
  type LocationsDeps,
  locationDocuments,
  locationOddities,
  locationPullSink,
  locationPushSource,
  locationsModule,
} from '../modules/locations/index.js';
import { sessionsModule } from '../modules/sessions/index.js';
import {
  TariffStore,
  type TariffsDeps,
  tariffDocuments,
  tariffOddities,
  tariffPullSink,
  tariffPushSource,
  tariffsModule,
} from '../modules/tariffs/index.js';
import {
  TokenStore,
  type TokensDeps,
  tokenDocuments,
  tokenOddities,
  tokenPullSink,
  tokenPushSource,
  tokensModule,
} from '../modules/tokens/index.js';
import { versionsModule } from '../modules/versions/index.js';
import type { PushSource } from '../platform/delivery/index.js';
import { mountedEndpoints, type OcpiModule, PagedList } from '../platform/http/index.js';
import type { HubEvents } from '../platform/observability/index.js';
import type { Partners } from '../platform/partners/index.js';
import type { PullSink } from '../platform/pull/index.js';
import type { SchemaRegistry } from '../platform/schema/index.js';
import type { DocumentTable, HubStorage } from '../platform/storage/index.js';
import { composeKept, type Kept } from './compose-kept.js';
import type { Routing } from './compose-routing.js';
import { extensionKeys, withLocationOddities, withTariffOddities } from './extensions.js';

export interface ModulesOptions {
  readonly storage: HubStorage;
  readonly schemas: SchemaRegistry;
  readonly partners: Partners;
  readonly routing: Routing;
  readonly clientInfo: ClientInfo;
  readonly calls: PartnerCalls;
  readonly identity: HubIdentity;
  readonly clock: Clock;
  readonly events: HubEvents;
  readonly maxAheadMs: number;
  /** How long Sessions and CDRs are kept, ms; 90 days unless given (T-40). */
  readonly keepMs?: number;
  /** In front of every path; known once the hub listens. */
  readonly publicUrl: () => string;
  readonly onRegistered: (partnerId: string) => void;
  /** Told of Sessions and CDRs that were taken, by their receiver or by the hub. */
  readonly onSession?: (session: unknown) => void;
  readonly onCdr?: (cdr: unknown) => void;
}

export interface Modules {
  /** What is mounted, hot paths first. */
  readonly mounted: readonly OcpiModule[];
  readonly credentials: CredentialsModule;
  readonly pushSources: readonly PushSource[];
  readonly pullSinks: readonly PullSink[];
  readonly locations: LocationStore;
  readonly tariffs: TariffStore;
  readonly tokens: TokenStore;
  readonly kept: Kept;
  /** What extensions read. */
  readonly documents: { readonly locations: DocumentTable; readonly tariffs: DocumentTable };
}

const defaultKeepMs = 90 * 24 * 60 * 60_000;

/** Stored objects of several owners: who those are. */
function ownersOf(documents: readonly string[]): readonly PartyRef[] {
  return documents.map((document) => ({
    country_code: stringMember(document, 'country_code') ?? '',
    party_id: stringMember(document, 'party_id') ?? '',
  }));
}

/** The OCPI modules of this hub, one line each in `mounted`. */
export function createModules(options: ModulesOptions): Modules {
  const { storage, schemas, clock, events, routing, clientInfo } = options;
  const { book, visibility, router, callbacks, routes } = routing;
  const documents = { locations: storage.documents(locationDocuments), tariffs: storage.documents(tariffDocuments) };
  const locations = new LocationStore(documents.locations);
  const tariffs = new TariffStore(documents.tariffs);
  const tokens = new TokenStore(storage.documents(tokenDocuments));
  const kept = composeKept({ ...options, keepMs: options.keepMs ?? defaultKeepMs });
  const shared = { schemas, clock, visibility, maxAheadMs: options.maxAheadMs };
  const locationsDeps: LocationsDeps = {
    ...shared,
    store: locations,
    pages: new PagedList(locations.list),
    oddities: withLocationOddities(locationOddities),
    extensionKeys,
    onAcknowledged: (effect) => events.writeAcknowledged({ module: 'locations', effect }),
  };
  const tariffsDeps: TariffsDeps = {
    ...shared,
    store: tariffs,
    pages: new PagedList(tariffs.list),
    oddities: withTariffOddities(tariffOddities),
    onAcknowledged: (effect) => events.writeAcknowledged({ module: 'tariffs', effect }),
  };
  const tokensDeps: TokensDeps = {
    ...shared,
    store: tokens,
    pages: new PagedList(tokens.list),
    parties: book,
    oddities: tokenOddities,
    extensionKeys,
    onAcknowledged: (effect) => events.writeAcknowledged({ module: 'tokens', effect }),
    onBulkRead: events.tokensReadInBulk,
  };
  const credentials = credentialsModule({
    partners: options.partners,
    calls: options.calls,
    validate: (schema, value) => schemas.validate(schema, value),
    hub: options.identity,
    clock,
    onRegistered: options.onRegistered,
  });
  const mounted: OcpiModule[] = [
    locationsModule(locationsDeps),
    tariffsModule(tariffsDeps),
    tokensModule(tokensDeps),
    sessionsModule({ routes, ...kept.sessions }),
    cdrsModule({ router, ...kept.cdrs }),
    commandsModule({
      callbacks,
      routes,
      locationOwners: async (id, partner, party) =>
        ownersOf(await locations.findById(id, visibility.ownersFor(partner, party, 'locations'), 10)),
    }),
    chargingProfilesModule({ callbacks, routes }),
    clientInfo.module,
    credentials.module,
    versionsModule({ mounted: (caller) => mountedEndpoints(options.publicUrl(), mounted, caller) }),
  ];
  return {
    mounted,
    credentials,
    pushSources: [
      locationPushSource(locations),
      tariffPushSource(tariffs),
      tokenPushSource(tokens),
      clientInfo.pushSource,
    ],
    pullSinks: [
      locationPullSink(locationsDeps),
      tariffPullSink(tariffsDeps),
      tokenPullSink(tokensDeps),
      ...kept.pullSinks,
    ],
    kept,
    documents,
    locations,
    tariffs,
    tokens,
  };
}
