import { expect } from '@jest/globals';
import type { LivePlaces, PlaceChange, StatusEvent } from '../../src/extensions/here/live/live-places.js';
import { LivePlacesKeeper } from '../../src/extensions/here/live/live-places-keeper.js';
import type { LiveBatch, LiveStore } from '../../src/extensions/here/store/live-store.js';
import type { Location } from '../../src/generated/ocpi.js';
import { ciKey } from '../../src/kernel/party-ref.js';
import { patchEvse, putLocation } from '../../src/modules/locations/location-rules.js';
import { LocationStore, locationDocuments } from '../../src/modules/locations/location-store.js';
import type { DocumentTable, HubStorage } from '../../src/platform/storage/index.js';

const rules = {
  applyStale: true,
  extensionKeys: new Set(['here_ext']),
  checkWhole: () => undefined,
  oddities: () => [],
};
export const owner = { country_code: 'NL', party_id: 'VLT' };
export const keyOf = (id: string): string => `NL/VLT/${ciKey(id)}`;
export const stamp = (at: number): string => new Date(at).toISOString();

export interface EvseSpec {
  readonly uid: string;
  readonly status?: string;
  readonly at?: number;
  readonly connectors?: readonly (readonly [standard: string, power: number | null])[];
}

export function location(id: string, evses: readonly EvseSpec[], part: Partial<Location> = {}): Location {
  const newest = Math.max(0, ...evses.map(({ at }) => at ?? 1_000));
  return {
    ...owner,
    id,
    publish: true,
    address: 'Laan 1',
    city: 'Utrecht',
    country: 'NLD',
    coordinates: { latitude: '52.1', longitude: '5.1' },
    time_zone: 'Europe/Amsterdam',
    last_updated: stamp(newest),
    evses: evses.map(({ uid, status = 'AVAILABLE', at = 1_000, connectors = [['IEC_62196_T2', 22_000]] }) => ({
      uid,
      evse_id: `NL*VLT*${uid}`,
      status,
      last_updated: stamp(at),
      connectors: connectors.map(([standard, power], index) => ({
        id: String(index + 1),
        standard,
        format: 'SOCKET',
        power_type: 'AC_3_PHASE',
        max_voltage: 230,
        max_amperage: 32,
        max_electric_power: power,
        last_updated: stamp(at),
      })),
    })),
    ...part,
  } as unknown as Location;
}

/** What a CPO does to its Locations, over one node's storage. */
export class Owner {
  private readonly store: LocationStore;
  private readonly table: DocumentTable;

  constructor(private readonly storage: HubStorage) {
    this.table = storage.documents(locationDocuments);
    this.store = new LocationStore(this.table);
  }

  async put(location: Location, now = 5_000): Promise<void> {
    const text = JSON.stringify(location);
    const key = { ...owner, location_id: location.id };
    await this.store.change(key, { correlationId: 'c', now }, putLocation(text, location, rules));
  }

  async patch(id: string, uid: string, patch: Readonly<Record<string, unknown>>, now = 6_000): Promise<void> {
    const key = { ...owner, location_id: id };
    await this.store.change(key, { correlationId: 'c', now }, patchEvse(uid, JSON.stringify(patch), rules));
  }

  status(id: string, uid: string, status: string, at: number): Promise<void> {
    return this.patch(id, uid, { status, last_updated: stamp(at) }, at + 500);
  }

  async remove(id: string, now = 7_000): Promise<void> {
    const name = { key: keyOf(id), id: ciKey(id), owner: 'NL/VLT' };
    await this.table.change(name, { correlationId: 'c', now }, () => ({
      kind: 'remove',
      result: undefined,
      news: { kind: 'DELETE' },
    }));
  }

  head(): Promise<number> {
    return this.storage.changes.refresh();
  }
}

/** A store that a kill cuts off: what is written afterwards is lost. */
export class CutStore implements LiveStore {
  isCut = false;

  constructor(private readonly store: LiveStore) {}

  position(): Promise<{ readonly cursor: number; readonly floor: number }> {
    return this.store.position();
  }

  read(keys: readonly string[]): Promise<ReadonlyMap<string, string>> {
    return this.store.read(keys);
  }

  removals(limit: number): ReturnType<LiveStore['removals']> {
    return this.store.removals(limit);
  }

  async write(batch: LiveBatch): Promise<void> {
    if (!this.isCut) await this.store.write(batch);
  }

  clear(): Promise<void> {
    return this.store.clear();
  }

  close(): Promise<void> {
    return this.store.close();
  }
}

export class Watched {
  readonly changes: PlaceChange[] = [];
  readonly warnings: string[] = [];
  readonly keeper: LivePlacesKeeper;

  constructor(
    private readonly storage: HubStorage,
    readonly store: CutStore,
    locations: DocumentTable = storage.documents(locationDocuments),
    derivedPower = false,
  ) {
    this.keeper = new LivePlacesKeeper({
      changes: storage.changes,
      locations,
      store,
      derivedPower,
      warn: (event) => this.warnings.push(event),
    });
    this.keeper.onChange((change) => this.changes.push(change));
  }

  async ready(): Promise<this> {
    this.keeper.start();
    await this.keeper.ready();
    return this;
  }

  /** Waits until everything that is committed is here. */
  async caughtUp(): Promise<void> {
    const head = await this.storage.changes.refresh();
    await until(() => this.keeper.offset >= head);
  }

  events(): readonly StatusEvent[] {
    return this.changes.flatMap((change) => (change.kind === 'status' ? [change.event] : []));
  }

  /** Ends it as a crash would: nothing more is stored. */
  async kill(): Promise<void> {
    this.store.isCut = true;
    await this.keeper.stop();
  }
}

/** Waits for something that happens in this process, turn after turn. */
export async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error('it did not come true in time');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Everything that can be seen of all places, without offsets. */
export function seen(live: LivePlaces): unknown {
  return [...live.keys()].sort().map((key) => {
    const place = live.find(key);
    return {
      key,
      evses: place?.evses.map(({ uid, evseId, status }) => ({ uid, evseId, status })),
      groups: place?.groups,
    };
  });
}

/** What a consumer knows after it read on from `offset`, `limit` at a time: EVSE → status or `gone`. */
export function resumed(live: LivePlaces, offset: number, limit = 3): Map<string, string> {
  const known = new Map<string, string>();
  for (let at = offset; ; ) {
    const events = live.statusesAfter(at, limit);
    if (events === undefined) throw new Error('start again from the snapshot');
    for (const event of events) {
      expect(event.offset).toBeGreaterThanOrEqual(at);
      known.set(`${event.key}/${ciKey(event.evseUid)}`, event.status ?? 'gone');
    }
    const next = events.at(-1)?.offset;
    if (next === undefined) return known;
    at = next;
  }
}
