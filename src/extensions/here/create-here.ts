import { stringMember } from '../../kernel/json-text.js';
import { objectKey } from '../../kernel/party-ref.js';
import { type PublicMount, RateLimit } from '../../platform/http/index.js';
import { isStorageFault, StorageUnavailable } from '../../platform/storage/index.js';
import { CountryBook } from './api/country-book.js';
import { LookUp } from './api/look-up.js';
import { lookUpRoutes } from './api/look-up-routes.js';
import { metadataRoutes } from './api/metadata-routes.js';
import { serviceRoutes } from './api/service-routes.js';
import type { HereParts } from './here-parts.js';
import { EvKeys } from './http/ev-keys.js';
import { createEvListener, evPrefix } from './http/ev-listener.js';
import type { EvRoute } from './http/ev-route.js';
import { LivePlacesKeeper } from './live/live-places-keeper.js';
import { openHereStores } from './open-stores.js';
import { browseRoutes } from './places/browse-routes.js';
import { PlaceIndexer } from './places/place-indexer.js';
import { Predictions } from './predictions/predictions.js';
import { CdrWatch } from './pricing/cdr-watch.js';
import { priceRoutes } from './pricing/price-routes.js';
import { Reliability } from './reliability/reliability.js';
import { recordMaker } from './static/record-of.js';
import { StaticExports } from './static/static-exports.js';
import { staticRoutes } from './static/static-routes.js';
import { StatusProduct } from './stream/status-product.js';
import { TariffSource } from './tariffs/tariff-source.js';
import { visibleOwners } from './visible-owners.js';

export interface HereFigures {
  /** Locations that are shown. */
  readonly places: number;
  /** Streams and long polls that wait for something to happen. */
  readonly streams: number;
  /** Places and groups with predictions. */
  readonly forecasts: number;
}

/** The EV data that the hub makes of what CPOs send. */
export interface Here {
  /** For the public listener. */
  readonly mount: PublicMount;
  readonly keys: EvKeys;
  readonly exports: StaticExports;
  readonly predictions: Predictions;
  /**
   * Reads the keys, and begins to read what is stored in the background.
   * @param serves false: this process answers nobody; its operator sees keys and exports all the same
   * @throws StorageUnavailable
   */
  start(serves: boolean): Promise<void>;
  /** Resolves once everything stored is in it: for tests. */
  ready(): Promise<void>;
  /** Told of each Session that was taken. Quick; never throws. */
  onSession(session: unknown): void;
  /** Told of each CDR that was taken. Quick; never throws. */
  onCdr(cdr: unknown): void;
  /** What is counted of it at this moment. */
  figures(): HereFigures;
  /** Ends streams and long polls, so that the listener need not wait for them. */
  endStreams(): void;
  /** To be called before the storage is closed. */
  stop(): Promise<void>;
}

/** Puts the extension together. Nothing happens before `start`. @throws what the file of derived data throws */
export function createHere(parts: HereParts): Here {
  const { storage, rows, locations, tariffs, policy, hub, clock, config, warn } = parts;
  const stores = openHereStores(parts);
  const live = new LivePlacesKeeper({
    changes: storage.changes,
    locations,
    store: stores.live,
    derivedPower: config.derivedPower,
    warn,
  });
  const book = new CountryBook(live);
  const keys = new EvKeys({ rows, clock, warn: (error) => warn('ev.keys-not-read', { err: error }) });
  const tariffSource = new TariffSource({ read: (key) => tariffs.find(key), live, clock });
  const predictions = new Predictions({ live, rows, clock, duty: (name, forMs) => storage.duty(name, forMs), warn });
  const reliability = new Reliability({ live, rows, clock, thresholds: config.reliability, warn });
  const cdrs = new CdrWatch({
    async timeZoneOf(cdr) {
      const text = await locations.find(objectKey(cdr, String(cdr.cdr_location?.id)));
      return text === undefined ? undefined : stringMember(text, 'time_zone');
    },
    onJudgement: parts.judged,
  });
  const lookUp = new LookUp({
    live,
    locations,
    tariffs: tariffSource,
    predictions: predictions.forecasts,
    reliability,
    derivedPower: config.derivedPower,
    clock,
  });
  const status = new StatusProduct({
    live,
    clock,
    maxConsumers: config.streamConsumers,
    isGood: (keyId) => keys.isGood(keyId),
  });
  keys.onRevoked((keyId) => status.endKey(keyId));
  const exports = new StaticExports({
    dataDir: parts.dataDir,
    locations,
    recordOf: recordMaker(config.derivedPower),
    clock,
    keep: config.exportsKept,
    everyMs: config.exportEveryMs,
    duty: (name, forMs) => storage.duty(name, forMs),
    warn,
  });
  const baseUrl = (): string => parts.publicUrl() + evPrefix;
  const routes: readonly EvRoute[] = [
    ...lookUpRoutes(lookUp),
    ...metadataRoutes({ live, book, tariffs, locations }),
    ...browseRoutes({ live, index: stores.places }),
    ...priceRoutes({ live, locations, tariffs: tariffSource, clock }),
    ...staticRoutes({ exports, baseUrl }),
    ...status.routes,
    ...serviceRoutes({
      version: parts.version,
      health: () => (live.isReady ? undefined : 'The stored locations are still being read.'),
      routes: () => routes,
      baseUrl,
    }),
  ];
  const limit = parts.rateLimit && new RateLimit(clock, parts.rateLimit.perSecond, parts.rateLimit.burst);
  let isServing = false;
  let indexer: PlaceIndexer | undefined;
  return {
    keys,
    exports,
    predictions,
    mount: createEvListener({
      routes,
      keys,
      sees: visibleOwners(policy, hub),
      ...(limit ? { limit: (keyId) => limit.take(keyId) } : {}),
      isAway: (error) => error instanceof StorageUnavailable || isStorageFault(error),
      answered: parts.answered,
      failed: (error, detail) => warn('ev.request-failed', { err: error, ...detail }),
    }),
    async start(serves) {
      await keys.start();
      isServing = serves;
      if (!serves) return;
      const opened = await PlaceIndexer.open({ live, index: stores.places, derivedPower: config.derivedPower, warn });
      indexer = opened;
      live.start();
      status.start();
      void live.ready().then(() => {
        predictions.start();
        reliability.start();
        return opened.settle();
      });
      await exports.start();
    },
    async ready() {
      await live.ready();
      await indexer?.idle();
    },
    onSession(session) {
      if (isServing) reliability.onSession(session);
    },
    onCdr(cdr) {
      if (isServing) reliability.onCdr(cdr);
      cdrs.see(cdr);
    },
    figures: () => ({ places: live.size, streams: status.listeners, forecasts: predictions.size }),
    endStreams: () => status.close(),
    async stop() {
      keys.stop();
      await exports.stop();
      await predictions.stop();
      await reliability.stop();
      await indexer?.stop();
      await live.stop();
      lookUp.close();
      book.close();
      tariffSource.close();
      stores.close();
    },
  };
}
