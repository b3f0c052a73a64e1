import { partyKey } from '../kernel/party-ref.js';
import { OperatorSide } from './charging/operator-side.js';
import { ProviderSide } from './charging/provider-side.js';
import { LocationGenerator } from './data/generate-locations.js';
import { generateTariffs } from './data/generate-tariffs.js';
import { ndjsonLines, ownerOf } from './data/ndjson.js';
import type { SimulatedModule } from './http/exchange.js';
import { Platform, type PlatformOptions } from './platform.js';
import { ReceiverSide } from './receiver/receiver-side.js';
import { Catalogue, countEvses, type OwnedModule } from './sender/catalogue.js';
import { OwnerPush } from './sender/owner-push.js';
import { PutAll, type PutAllOptions } from './sender/put-all.js';
import { senderModules } from './sender/sender-modules.js';
import { type Verification, verify } from './sender/verify.js';
import { type Snapshot, snapshotOf } from './snapshot.js';
import { EvseFleet } from './stream/evse-fleet.js';
import { StatusStream, type StreamOptions } from './stream/status-stream.js';

/** Stamps of invented objects lie before this instant. */
const INVENTED_BEFORE = Date.UTC(2026, 0, 1);

/** Settings of a CPO platform. */
export type CpoOptions = PlatformOptions & {
  /** Offers no SENDER interface of locations and tariffs: what it owns reaches the hub by its pushes only. */
  pushOnly?: boolean;
};

/**
 * A CPO platform: holds Locations and Tariffs of one or several parties, offers them as SENDER, puts them at the hub and
 * tells of status changes. Parties with another role than CPO make it a receiver as well.
 */
export class CpoSimulator extends Platform {
  readonly catalogue = new Catalogue();
  /** Tokens, commands, Sessions and CDRs. */
  readonly operator: OperatorSide;
  /** Those of its eMSP parties, if it has any. */
  readonly provider: ProviderSide | undefined;
  /** The side that receives, if a party's role calls for one. */
  readonly receiver: ReceiverSide | undefined;
  putAllJob: PutAll | undefined;
  stream: StatusStream | undefined;
  private readonly served = { pages: 0, objects: 0 };
  private readonly push: OwnerPush;

  constructor(options: CpoOptions) {
    super(options);
    this.push = new OwnerPush(this.client, () => this.clock.now());
    if (options.pushOnly !== true) this.offer(...this.senders());
    this.operator = new OperatorSide(this.sideOptions('CPO'), this.catalogue);
    this.offer(...this.operator.modules());
    if (this.parties.some((party) => party.role === 'EMSP')) {
      this.provider = new ProviderSide(this.sideOptions('EMSP'));
      this.offer(...this.provider.modules());
    }
    const receiving = this.parties.filter((party) => party.role !== 'CPO');
    if (receiving.length > 0) {
      this.receiver = new ReceiverSide({ parties: receiving, clock: this.clock });
      this.offer(...this.receiver.modules());
    }
  }

  private senders(): SimulatedModule[] {
    return senderModules({
      catalogue: this.catalogue,
      faults: this.faults,
      pageLimit: this.pageLimit,
      endpointUrl: (module) => this.endpointUrl(module, 'SENDER'),
      onPage: (objects) => {
        this.served.pages += 1;
        this.served.objects += objects;
      },
    });
  }

  /** Invents Locations and their Tariffs for every CPO party; the same seed gives the same. */
  generate(locationsPerParty: number): void {
    for (const party of this.parties.filter((p) => p.role === 'CPO')) {
      const { texts, ids } = generateTariffs(party, this.seed, INVENTED_BEFORE);
      for (const text of texts) this.catalogue.add('tariffs', text);
      const generator = new LocationGenerator(party, this.seed, ids, INVENTED_BEFORE);
      for (let n = 1; n <= locationsPerParty; n += 1) this.catalogue.add('locations', generator.next(n));
    }
  }

  /** Loads the objects of its own CPO parties from an NDJSON file; returns how many it took. */
  async load(module: OwnedModule, file: string): Promise<number> {
    const wanted = new Set(this.parties.filter((party) => party.role === 'CPO').map(partyKey));
    let taken = 0;
    for await (const line of ndjsonLines(file)) {
      const owner = ownerOf(line);
      if (owner === undefined || !wanted.has(partyKey(owner))) continue;
      if (this.catalogue.add(module, line) !== undefined) taken += 1;
    }
    return taken;
  }

  /** PUTs all Tariffs and Locations at the peer. */
  async putAll(options: PutAllOptions = {}): Promise<PutAll> {
    const job = new PutAll(this.catalogue, this.push, () => this.clock.now());
    this.putAllJob = job;
    await job.run(options);
    return job;
  }

  /** Compares each of its objects with the peer's copy, by GET on the peer's RECEIVER. */
  verify(concurrency?: number): Promise<Verification> {
    return verify(this.catalogue, this.client, concurrency);
  }

  /** Sends status changes until duration, count or {@link stopStream} ends it. */
  async runStream(options: StreamOptions): Promise<void> {
    this.stream ??= new StatusStream(this.newFleet(), this.push, this.clock);
    await this.stream.run(options);
  }

  /** Gives one EVSE of a Location (`NL/CP1/LOC1`) a status and tells the peer; `false` if it does not take part in the stream, or the peer refused. */
  async setStatus(key: string, uid: string, status: string): Promise<boolean> {
    const [country_code = '', party_id = '', ...id] = key.split('/');
    const location = this.catalogue.find('locations', id.join('/'), { country_code, party_id });
    this.stream ??= new StatusStream(this.newFleet(), this.push, this.clock);
    return location !== undefined && (await this.stream.set(location, uid, status));
  }

  /** Ends the stream; what is under way is still answered. */
  stopStream(): void {
    this.stream?.stop();
  }

  /** The EVSEs as they live, without anything being sent: for looking at the model. */
  newFleet(): EvseFleet {
    return new EvseFleet(this.catalogue, this.clock, this.seed);
  }

  override async stop(): Promise<void> {
    this.push.stop();
    this.stopStream();
    this.operator.stop();
    await super.stop();
  }

  /** Text (wire text) of one of its own objects by its key. */
  object(key: string): string | undefined {
    const [module, country_code = '', party_id = '', ...id] = key.split('/');
    if (module !== 'locations' && module !== 'tariffs') return undefined;
    return this.catalogue.find(module, id.join('/'), { country_code, party_id })?.text;
  }

  /** Hashes of its own objects. */
  snapshot(): Snapshot {
    return snapshotOf(this.objects());
  }

  override state(): Record<string, unknown> {
    const count = (module: OwnedModule): number => this.catalogue.list(module).length;
    return {
      kind: 'cpo',
      ...super.state(),
      catalogue: { locations: count('locations'), tariffs: count('tariffs') },
      served: this.served,
      put_all: this.putAllJob?.state(),
      stream: this.stream?.state(),
      received: this.receiver?.state(),
      operator: this.operator.state(),
      provider: this.provider?.state(),
    };
  }

  /** Number of EVSEs in all Locations; looks through every document. */
  countEvses(): number {
    return this.catalogue.list('locations').reduce((sum, entry) => sum + countEvses(entry.text), 0);
  }

  /** Its own objects: snapshot key and text (wire text). */
  *objects(): Generator<[string, string]> {
    for (const module of ['tariffs', 'locations'] as const) {
      for (const entry of this.catalogue.list(module)) yield [this.catalogue.keyOf(entry), entry.text];
    }
  }
}
