import type { Clock } from '../kernel/clock.js';
import {
  type CredentialsModule,
  credentialsModule,
  type HubIdentity,
  type PartnerCalls,
} from '../modules/credentials/index.js';
import {
  LocationStore,
  type LocationsDeps,
  locationDocuments,
  locationOddities,
  locationPullSink,
  locationPushSource,
  locationsModule,
} from '../modules/locations/index.js';
import {
  TariffStore,
  type TariffsDeps,
  tariffDocuments,
  tariffOddities,
  tariffPullSink,
  tariffPushSource,
  tariffsModule,
} from '../modules/tariffs/index.js';
import { versionsModule } from '../modules/versions/index.js';
import type { PushSource } from '../platform/delivery/index.js';
import { type MountedEndpoint, mountedEndpoints, type OcpiModule, PagedList } from '../platform/http/index.js';
import type { HubEvents } from '../platform/observability/index.js';
import type { Partners } from '../platform/partners/index.js';
import type { PullSink } from '../platform/pull/index.js';
import { SchemaRegistry } from '../platform/schema/index.js';
import type { HubStorage } from '../platform/storage/index.js';
import { extensionKeys } from './extensions.js';

export interface ModulesOptions {
  readonly storage: HubStorage;
  readonly partners: Partners;
  readonly calls: PartnerCalls;
  readonly identity: HubIdentity;
  readonly clock: Clock;
  readonly events: HubEvents;
  readonly maxAheadMs: number;
  /** In front of every path; known once the hub listens. */
  readonly publicUrl: () => string;
  readonly onRegistered: (partnerId: string) => void;
}

export interface Modules {
  /** What is mounted, hot paths first. */
  readonly mounted: readonly OcpiModule[];
  readonly credentials: CredentialsModule;
  readonly pushSources: readonly PushSource[];
  readonly pullSinks: readonly PullSink[];
  readonly locations: LocationStore;
  readonly tariffs: TariffStore;
}

/** The OCPI modules of this hub, one line each in `mounted`. */
export function createModules(options: ModulesOptions): Modules {
  const { storage, clock, events } = options;
  const schemas = SchemaRegistry.load();
  const locations = new LocationStore(storage.documents(locationDocuments));
  const tariffs = new TariffStore(storage.documents(tariffDocuments));
  const shared = { schemas, clock, maxAheadMs: options.maxAheadMs };
  const locationsDeps: LocationsDeps = {
    ...shared,
    store: locations,
    pages: new PagedList(locations.list),
    oddities: locationOddities,
    extensionKeys,
    onAcknowledged: (effect) => events.writeAcknowledged({ module: 'locations', effect }),
  };
  const tariffsDeps: TariffsDeps = {
    ...shared,
    store: tariffs,
    pages: new PagedList(tariffs.list),
    oddities: tariffOddities,
    onAcknowledged: (effect) => events.writeAcknowledged({ module: 'tariffs', effect }),
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
    credentials.module,
    versionsModule({ mounted: (): readonly MountedEndpoint[] => mountedEndpoints(options.publicUrl(), mounted) }),
  ];
  return {
    mounted,
    credentials,
    pushSources: [locationPushSource(locations), tariffPushSource(tariffs)],
    pullSinks: [locationPullSink(locationsDeps), tariffPullSink(tariffsDeps)],
    locations,
    tariffs,
  };
}
