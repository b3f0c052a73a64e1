import type { PartyRef } from '../kernel/party-ref.js';
import { ProviderSide } from './charging/provider-side.js';
import { Platform, type PlatformOptions } from './platform.js';
import { type CrawledObject, type CrawlResult, crawl } from './receiver/crawl.js';
import type { PartnerCopy } from './receiver/partner-copy.js';
import { type ReceiverOptions, ReceiverSide } from './receiver/receiver-side.js';
import type { OwnedModule } from './sender/catalogue.js';
import { type Snapshot, snapshotOf } from './snapshot.js';
import { canonicalHash } from './wire/canonical.js';

/** Settings of an eMSP platform. */
export type EmspOptions = PlatformOptions & Pick<ReceiverOptions, 'ignoreStale' | 'modules'>;

/** What to pull. */
export interface PullOptions {
  /** Default: every party of the platform, one after the other. */
  party?: PartyRef;
  modules?: OwnedModule[];
  limit?: number;
  /** Only what changed since; such a pull updates the copy and removes nothing (P-16). */
  dateFrom?: string;
}

/** How one list was pulled. */
export interface PullResult extends CrawlResult {
  module: OwnedModule;
  party: string;
  /** Objects that a complete crawl no longer listed and that were removed from the copy. */
  removed: number;
}

/** How a copy compares with the lists of the peer. */
export interface Comparison {
  equal: number;
  different: number;
  /** Listed by the peer, absent here. */
  missing: number;
  /** Held here, not listed by the peer. */
  extra: number;
  /** Keys of the first few that are not equal, with what is wrong. */
  examples: { key: string; problem: string }[];
  problems: string[];
}

const EXAMPLES = 20;

/** An eMSP (or NSP, NAP, OTHER) platform: keeps a copy of what it is sent, and pulls. */
export class EmspSimulator extends Platform {
  readonly receiver: ReceiverSide;
  /** Tokens, commands, Sessions and CDRs, if a party is an eMSP. */
  readonly provider: ProviderSide | undefined;
  readonly pulls: PullResult[] = [];
  pulling = false;

  constructor(options: EmspOptions) {
    super(options);
    const { ignoreStale = false, modules = ['locations', 'tariffs'] } = options;
    this.receiver = new ReceiverSide({ parties: this.parties, clock: this.clock, ignoreStale, modules });
    this.offer(...this.receiver.modules());
    if (this.parties.some((party) => party.role === 'EMSP')) {
      this.provider = new ProviderSide(this.sideOptions('EMSP'));
      this.offer(...this.provider.modules());
    }
  }

  /** Pulls the peer's SENDER lists into the copy: a complete, unfiltered crawl replaces it. */
  async pull(options: PullOptions = {}): Promise<PullResult[]> {
    this.pulling = true;
    this.pulls.length = 0;
    try {
      for (const party of options.party === undefined ? this.parties : [options.party]) {
        for (const module of options.modules ?? (['tariffs', 'locations'] as const)) {
          this.pulls.push(await this.pullModule(party, module, options));
        }
      }
      return this.pulls;
    } finally {
      this.pulling = false;
    }
  }

  /** Reads the peer's lists as `party` and compares them with that party's copy, object by object; changes nothing. */
  async compare(party: PartyRef | undefined = this.parties[0]): Promise<Comparison> {
    const result: Comparison = { equal: 0, different: 0, missing: 0, extra: 0, examples: [], problems: [] };
    const copy = this.receiver.copy(party);
    if (party === undefined || copy === undefined) throw new RangeError('no such party');
    const note = (key: string, problem: string): void => {
      if (result.examples.length < EXAMPLES) result.examples.push({ key, problem });
    };
    for (const module of ['tariffs', 'locations'] as const) {
      const seen = new Set<string>();
      const outcome = await this.crawlPeer({ module, from: party }, ({ key, text }) => {
        seen.add(key);
        const held = copy.of(module).get(key)?.text;
        if (held === undefined) {
          result.missing += 1;
          note(`${module}/${key}`, 'missing');
        } else if (held === text || canonicalHash(held) === canonicalHash(text)) result.equal += 1;
        else {
          result.different += 1;
          note(`${module}/${key}`, 'different');
        }
      });
      if (outcome.problem !== undefined) result.problems.push(`${module}: ${outcome.problem}`);
      for (const key of copy.of(module).keys()) {
        if (seen.has(key)) continue;
        result.extra += 1;
        note(`${module}/${key}`, 'extra');
      }
    }
    return result;
  }

  /** Objects of a party's copy: snapshot key and text (wire text); without a party, the first one's. */
  objects(party?: PartyRef | string): Iterable<readonly [string, string]> {
    return this.receiver.copy(party)?.entries() ?? [];
  }

  /** Hashes of a party's copy; without a party, the first one's. */
  snapshot(party?: PartyRef | string): Snapshot {
    return snapshotOf(this.objects(party));
  }

  /** Text (wire text) of an object in a party's copy. */
  object(key: string, party?: PartyRef | string): string | undefined {
    return this.receiver.copy(party)?.text(key);
  }

  override state(): Record<string, unknown> {
    return {
      kind: 'emsp',
      ...super.state(),
      received: this.receiver.state(),
      provider: this.provider?.state(),
      pull: { running: this.pulling, lists: this.pulls },
    };
  }

  private async pullModule(party: PartyRef, module: OwnedModule, options: PullOptions): Promise<PullResult> {
    const copy = this.receiver.copy(party);
    if (copy === undefined) throw new RangeError('no such party');
    const startedAt = this.clock.now();
    const seen = new Set<string>();
    const { limit, dateFrom } = options;
    const outcome = await this.crawlPeer({ module, from: party, limit, dateFrom }, (object) => {
      seen.add(object.key);
      this.take(copy, module, object, startedAt);
    });
    let removed = 0;
    if (outcome.problem === undefined && dateFrom === undefined) {
      for (const [key, held] of copy.of(module)) {
        if (seen.has(key) || held.writtenAt >= startedAt) continue;
        copy.of(module).delete(key);
        removed += 1;
      }
    }
    return { module, party: `${party.country_code}/${party.party_id}`, ...outcome, removed };
  }

  /** Takes a pulled object, unless a push during this crawl has brought a newer one. */
  private take(copy: PartnerCopy, module: OwnedModule, object: CrawledObject, startedAt: number): void {
    const held = copy.of(module).get(object.key);
    if (held !== undefined && held.writtenAt >= startedAt && held.stamp > object.stamp) return;
    copy.write(module, object.key, object.text, object.stamp, this.clock.now());
  }

  /** A hub is asked once, for all owners; a platform that is none, once for each of its CPO parties. */
  private async crawlPeer(
    request: { module: OwnedModule; from: PartyRef; limit?: number | undefined; dateFrom?: string | undefined },
    onObject: (object: CrawledObject) => void,
  ): Promise<CrawlResult> {
    const { peer } = this.link;
    const endpoint = this.link.endpoint(request.module, 'SENDER');
    const sum: CrawlResult = { pages: 0, objects: 0, bad: 0, total: undefined, problem: undefined };
    if (peer === undefined || endpoint === undefined)
      return { ...sum, problem: `the peer offers no ${request.module}` };
    const hub = peer.roles.find((role) => role.role === 'HUB');
    const targets = hub === undefined ? peer.roles.filter((role) => role.role === 'CPO') : [hub];
    for (const to of targets) {
      const part = await crawl(this.client, endpoint, { ...request, to }, onObject);
      sum.pages += part.pages;
      sum.objects += part.objects;
      sum.bad += part.bad;
      if (part.total !== undefined) sum.total = (sum.total ?? 0) + part.total;
      sum.problem ??= part.problem;
    }
    return sum;
  }
}
