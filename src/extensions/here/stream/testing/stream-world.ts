import type { Location } from '../../../../generated/ocpi.js';
import { type EvTestServer, startEvServer } from '../../http/testing/ev-test-server.js';
import { FakeLivePlaces } from '../../live/testing/fake-live-places.js';
import { StatusProduct } from '../status-product.js';
import { StreamClient } from './stream-client.js';

/** A Location with EVSEs `A`, `B`, … of one party. */
export function streamedLocation(key: string, more: Partial<Location> = {}, evses = 2): Location {
  const [country_code, party_id, id] = key.split('/');
  return {
    country_code,
    party_id,
    id,
    publish: true,
    country: country_code === 'DE' ? 'DEU' : 'NLD',
    coordinates: { latitude: '52.09', longitude: '5.12' },
    evses: Array.from({ length: evses }, (_, at) => ({
      uid: String.fromCharCode(65 + at),
      status: 'AVAILABLE',
      last_updated: '2026-10-01T00:00:00Z',
      connectors: [],
    })),
    last_updated: '2026-10-01T00:00:00Z',
    ...more,
  } as unknown as Location;
}

/** The live status product on a real socket. */
export class StreamWorld {
  readonly live = new FakeLivePlaces();
  readonly clock = { time: Date.parse('2026-10-01T12:00:00Z'), now: () => this.clock.time };
  readonly goodKeys = { except: new Set<string>() };
  /** Party keys whose data nobody may see. */
  readonly hidden = new Set<string>();
  readonly product: StatusProduct;
  private readonly clients: StreamClient[] = [];

  private constructor(maxConsumers: number) {
    this.product = new StatusProduct({
      live: this.live,
      clock: this.clock,
      maxConsumers,
      isGood: (id) => !this.goodKeys.except.has(id),
    });
  }

  server!: EvTestServer;

  static async open(maxConsumers = 100): Promise<StreamWorld> {
    const world = new StreamWorld(maxConsumers);
    world.server = await startEvServer(world.product.routes, { sees: (_, owner) => !world.hidden.has(owner) });
    return world;
  }

  /** Sets an OCPI status, a second later than what was before. */
  set(key: string, uid: string, status: string): void {
    this.clock.time += 1_000;
    this.live.setStatus(key, uid, status, this.clock.time);
  }

  async stream(query = '', headers: Readonly<Record<string, string>> = {}): Promise<StreamClient> {
    const client = await StreamClient.open(`${this.server.base}/stream${query}`, headers);
    this.clients.push(client);
    return client;
  }

  async close(): Promise<void> {
    for (const client of this.clients) client.close();
    this.product.close();
    await this.server.close();
  }
}
