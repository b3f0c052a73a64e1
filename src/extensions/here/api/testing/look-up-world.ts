import type { Location, Tariff } from '../../../../generated/ocpi.js';
import { objectKey } from '../../../../kernel/party-ref.js';
import type { EvRoute } from '../../http/ev-route.js';
import { type EvTestServer, startEvServer } from '../../http/testing/ev-test-server.js';
import { FakeLivePlaces } from '../../live/testing/fake-live-places.js';
import { TariffSource } from '../../tariffs/tariff-source.js';
import { CountryBook } from '../country-book.js';
import { LookUp, type LookUpParts } from '../look-up.js';
import { lookUpRoutes } from '../look-up-routes.js';
import { metadataRoutes } from '../metadata-routes.js';
import { serviceRoutes } from '../service-routes.js';

export interface LookUpWorld extends EvTestServer {
  readonly live: FakeLivePlaces;
  readonly clock: { time: number };
  /** Object keys of the Locations that were read, in order. */
  readonly reads: string[];
  readonly lookUp: LookUp;
  put(location: Location): void;
  putTariff(tariff: Tariff): void;
  removeTariff(key: string): void;
}

export interface WorldOptions
  extends Partial<Pick<LookUpParts, 'predictions' | 'reliability' | 'cacheBytes' | 'live'>> {
  readonly sees?: (owner: string, module: 'locations' | 'tariffs') => boolean;
  readonly health?: () => string | undefined;
}

/** Look-ups, metadata and service paths on a real socket, over Locations and Tariffs that tests put. */
export async function lookUpWorld({ sees = () => true, health, ...options }: WorldOptions = {}): Promise<LookUpWorld> {
  const live = new FakeLivePlaces();
  const stored = new Map<string, string>();
  const reads: string[] = [];
  const clock = { time: Date.parse('2026-10-01T12:00:00Z'), now: () => clock.time };
  const find = (key: string) => Promise.resolve(stored.get(key));
  const locations = {
    find: (key: string) => {
      reads.push(key);
      return find(key);
    },
  };
  const tariffs = new TariffSource({ read: find, live, clock });
  const book = new CountryBook(live);
  const lookUp = new LookUp({
    live,
    locations,
    tariffs,
    clock,
    predictions: undefined,
    reliability: undefined,
    ...options,
  });
  const routes: EvRoute[] = [
    ...lookUpRoutes(lookUp),
    ...metadataRoutes({ live, book, tariffs: { find }, locations: { find } }),
    ...serviceRoutes({
      version: '1.2.3',
      health: health ?? (() => undefined),
      routes: () => routes,
      baseUrl: () => 'https://hub.example/ev/v3',
    }),
  ];
  const server = await startEvServer(routes, { sees: (_key, owner, module) => sees(owner, module) });
  return {
    ...server,
    live,
    clock,
    reads,
    lookUp,
    put(location) {
      stored.set(objectKey(location, location.id), JSON.stringify(location));
      live.put(location);
    },
    putTariff(tariff) {
      const key = objectKey(tariff, tariff.id);
      stored.set(key, JSON.stringify(tariff));
      live.tariff(key);
    },
    removeTariff(key) {
      stored.delete(key);
      live.tariff(key);
    },
  };
}
