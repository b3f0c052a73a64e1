import type { BenchContext } from '../harness/benchmark.js';
import { Hub } from '../harness/hub.js';
import { type RequestSpec, requestBytes } from '../load/load-client.js';
import type { LoadRun } from '../load/load-run.js';
import type { Receivers, RegisteredReceiver } from '../receivers/receivers.js';
import { ownerRequest } from './requests.js';
import { type Access, accessOf, crawl, ownerOf, pullInto, type StoredLocation } from './stored-hub.js';

/** Locations of a city: what pushes cost does not depend on how many are stored, what preparing them takes does. */
const locationCount = 2_000;

/** One EVSE that can be changed. */
export interface StoredEvse {
  readonly location: StoredLocation;
  readonly uid: string;
}

/** A fresh hub on the chosen stack: it holds the Locations of one platform, and others have registered to be told of changes. */
export class DeliveryHub {
  readonly evses: readonly StoredEvse[];

  private constructor(
    readonly hub: Hub,
    readonly access: Access,
    readonly locations: readonly StoredLocation[],
    /** As the hub knows them, in the order of `Receivers`, one list after the other. */
    readonly receivers: readonly RegisteredReceiver[],
    private readonly closeOwner: () => void,
  ) {
    this.evses = locations.flatMap((location) => location.uids.map((uid) => ({ location, uid })));
  }

  static async start(context: BenchContext, ...platforms: readonly Receivers[]): Promise<DeliveryHub> {
    const { program, workspace, stack } = context;
    const set = (await context.locations()).sample(locationCount);
    const owner = ownerOf(set);
    await owner.listen();
    const hub = await Hub.start({ program, dataDir: workspace.folder(), settings: await stack.fresh() });
    try {
      const pulled = await pullInto(hub, owner, set.owners.length);
      const receivers: RegisteredReceiver[] = [];
      for (const platform of platforms) receivers.push(...(await platform.register(hub)));
      const [first] = receivers;
      if (!first) throw new Error('Nobody receives anything.');
      const access = accessOf(pulled.owner, first.access);
      return new DeliveryHub(hub, access, await crawl(hub, access), receivers, () => owner.close());
    } catch (error) {
      await hub.kill();
      owner.close();
      throw error;
    }
  }

  /** Lets the hub push to these, or not. */
  async allow(push: boolean, receivers: readonly RegisteredReceiver[]): Promise<void> {
    for (const { id } of receivers) await this.hub.admin('PATCH', `/api/partners/${id}`, { switches: { push } });
  }

  /** PATCH of an EVSE's status by its owner. */
  statusChange({ location, uid }: StoredEvse, status: string, last_updated: string): RequestSpec {
    return ownerRequest(this.access, 'PATCH', location, uid, JSON.stringify({ status, last_updated }));
  }

  /** Those requests through 64 connections, each to be acknowledged. */
  loadOf(requests: readonly RequestSpec[]): LoadRun {
    const count = requests.length;
    return { port: this.hub.port, connections: 64, count, expect: '"status_code":1000', ...requestBytes(requests) };
  }

  async close(): Promise<void> {
    await this.hub.kill();
    this.closeOwner();
  }
}
