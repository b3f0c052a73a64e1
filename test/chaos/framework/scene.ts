import type http from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { joinUrl, routingHeaders } from '../../../src/simulator/http/exchange.js';
import { CpoSimulator, type PlatformOptions } from '../../../src/simulator/index.js';
import { crawl } from '../../../src/simulator/receiver/crawl.js';
import type { CatalogueEntry } from '../../../src/simulator/sender/catalogue.js';
import { until } from '../../support/e2e/until.js';
import { claimsOf } from '../../support/e2e/world.js';
import { type Answer, callHttp } from '../../support/hub/http-call.js';
import type { Bench } from './bench.js';
import { Cluster, type ClusterOptions } from './cluster.js';
import { Driver, type DriverOptions } from './driver.js';
import { JournalFile } from './journal-file.js';
import { Partner } from './partner.js';

export interface SceneOptions {
  /** Locations of the owner, about five EVSEs each. */
  readonly locations?: number;
  readonly partners?: number;
  readonly cluster?: ClusterOptions;
  readonly driver?: Partial<DriverOptions>;
  readonly partner?: (index: number) => Partial<PlatformOptions>;
  /** What happens before the first node starts. */
  readonly beforeStart?: (cluster: Cluster) => void;
  /** The owner's Locations, if they are not to be invented. */
  readonly fill?: (cpo: CpoSimulator) => void;
}

export interface EvseChange {
  readonly entry: CatalogueEntry;
  readonly uid?: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly agent?: http.Agent;
}

/** What most scenarios stand on: a hub, an owner with a driver that writes as it, and partners that are told. */
/** What is left out where rows are counted: who is connected and what is pulled are noted in their own time, and a log is a log. */
const leftOut: Readonly<Record<string, string>> = {
  client_info: 'false',
  message: 'false',
  pull_state: 'false',
  object_change: "object NOT LIKE 'hubclientinfo%'",
  document: "module <> 'hubclientinfo'",
  document_count: "module <> 'hubclientinfo'",
};

const countOf = (table: string): string => `(SELECT count(*) FROM "${table}" WHERE ${leftOut[table] ?? 'true'})`;

export class Scene {
  readonly partners: Partner[] = [];
  /** Set by `lay`. */
  driver!: Driver;
  private checkpoints = 0;

  private constructor(
    readonly bench: Bench,
    readonly cluster: Cluster,
    readonly cpo: CpoSimulator,
    readonly journal: JournalFile,
  ) {}

  /** Starts everything, registers everybody, stores all Locations and waits until every partner has them. */
  static async lay(bench: Bench, options: SceneOptions = {}): Promise<Scene> {
    const { locations = 80, partners = 3, partner = () => ({}) } = options;
    const cluster = await Cluster.prepare({ ...(await bench.stack()), ...options.cluster });
    bench.own(() => cluster.remove());
    const parties = [{ country_code: 'DE', party_id: 'CP1', role: 'CPO' }];
    const cpo = new CpoSimulator({ parties, pushOnly: true, seed: bench.seedNumber });
    bench.own(() => cpo.stop());
    if (options.fill) options.fill(cpo);
    else cpo.generate(locations);
    const journal = await JournalFile.create(bench.run.file('journal.ndjson'));
    bench.own(() => journal.close());
    const scene = new Scene(bench, cluster, cpo, journal);
    for (let index = 0; index < partners; index++) scene.add(`partner-${index + 1}`, partner(index));
    options.beforeStart?.(cluster);
    await cluster.start();
    await Promise.all([cpo, ...scene.partners.map(({ emsp }) => emsp)].map((platform) => platform.start()));
    for (const platform of [cpo, ...scene.partners.map(({ emsp }) => emsp)]) await scene.join(platform);
    await cpo.putAll({ concurrency: 16 });
    for (const entry of cpo.catalogue.list('locations'))
      journal.note({ t: 'known', k: cpo.catalogue.keyOf(entry), d: entry.text });
    await journal.flush();
    scene.driver = new Driver({
      cpo,
      journal,
      seed: bench.seed,
      origins: () => cluster.origins(),
      ...options.driver,
    });
    await scene.converged(scene.partners, 60_000);
    bench.say(
      `${cluster.nodes.length} node(s) on ${bench.options.stack}, ${cpo.catalogue.list('locations').length} Locations with ${cpo.countEvses()} EVSEs, ${partners} partners`,
    );
    return scene;
  }

  /** A further partner; it neither listens nor is registered yet. */
  add(name: string, options: Partial<PlatformOptions> = {}): Partner {
    const number = this.partners.length.toString(36).toUpperCase().padStart(2, '0');
    const partner = new Partner(name, { country_code: 'NL', party_id: `E${number}` }, this.bench.run, options);
    this.partners.push(partner);
    this.bench.own(() => partner.close());
    return partner;
  }

  /** Registers a platform by an invite of the operator. */
  async join(platform: Partner['emsp'] | CpoSimulator): Promise<void> {
    const { token, versions_url } = await this.cluster.admin.invite(platform.name, claimsOf(platform));
    await platform.register({ token, versions_url });
  }

  partner(index: number): Partner {
    const partner = this.partners[index];
    if (!partner) throw new Error(`there is no partner ${index}`);
    return partner;
  }

  /** The hub's whole list of Locations, by key. */
  async list(reader: Partner = this.partner(0)): Promise<Map<string, string>> {
    const { emsp } = reader;
    const endpoint = emsp.link.endpoint('locations', 'SENDER') ?? '';
    const to = emsp.link.peer?.roles.find((role) => role.role === 'HUB');
    const [from] = emsp.parties;
    if (!from) throw new Error('a partner without a party');
    const texts = new Map<string, string>();
    const { problem } = await crawl(emsp.client, endpoint, { module: 'locations', from, to }, ({ key, text }) =>
      texts.set(`locations/${key}`, text),
    );
    if (problem !== undefined) throw new Error(`the hub's list could not be read: ${problem}`);
    return texts;
  }

  /** One change of an EVSE (or of a Location, without `uid`) by its owner, beside the driver. */
  patch(change: EvseChange, origin = this.cluster.origins()[0] ?? ''): Promise<Answer> {
    const { entry, uid, fields, agent } = change;
    const { owner, id } = entry;
    const { link } = this.cpo;
    const { pathname } = new URL(link.endpoint('locations', 'RECEIVER') ?? '');
    const part = uid === undefined ? [] : [uid];
    return callHttp('PATCH', joinUrl(origin + pathname, owner.country_code, owner.party_id, id, ...part), {
      token: link.peer?.outboundToken ?? '',
      headers: Object.fromEntries(routingHeaders(link.peerParty(), owner)),
      body: fields,
      ...(agent ? { agent } : {}),
    });
  }

  /** Rows in all tables of the database. */
  async rows(): Promise<number> {
    if (this.bench.options.stack === 'postgres') {
      const database = await this.bench.postgres();
      const tables = await database.query<{ name: string }>(
        "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'",
      );
      const counts = tables.map(({ name }) => countOf(name));
      const [row] = await database.query<{ n: string }>(`SELECT ${counts.join(' + ')} AS n`);
      return Number(row?.n);
    }
    const db = new Database(`${this.cluster.node(0).dataDir}/roamhub.sqlite`, { readonly: true });
    try {
      const tables = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all() as { name: string }[];
      const counts = tables.map(({ name }) => countOf(name));
      return (db.prepare(`SELECT ${counts.join(' + ')} AS n`).get() as { n: number }).n;
    } finally {
      db.close();
    }
  }

  /** Reads the hub's list into the run's files. Nothing may be under way. */
  async checkpoint(): Promise<Map<string, string>> {
    const texts = await this.list();
    const file = `hub/${String(++this.checkpoints).padStart(4, '0')}.ndjson`;
    this.dumpList(file, texts);
    await this.journal.secure({ t: 'stored', file, at: Date.now() });
    this.driver.know(texts);
    return texts;
  }

  /** For the reader of the journal. */
  mark(what: string): void {
    this.journal.note({ t: 'mark', what, at: Date.now() });
  }

  /**
   * Waits until each partner's copy equals the hub's list; nobody may be writing. Resolves with the time this took, ms, or with
   * Infinity if it did not come to that.
   */
  async converged(partners: readonly Partner[] = this.partners, deadlineMs = 60_000): Promise<number> {
    const startedAt = performance.now();
    const list = await this.list();
    const hashes = new Map<string, string>();
    const waiting = new Set(partners);
    for (;;) {
      for (const partner of waiting) if (partner.differences(list, hashes) === 0) waiting.delete(partner);
      const ms = performance.now() - startedAt;
      if (waiting.size === 0) return ms;
      if (ms > deadlineMs) {
        const names = [...waiting].map((one) => `${one.name} (${one.differences(list, hashes)} objects)`).join(', ');
        this.bench.say(`not as the hub after ${Math.round(ms / 1000)} s: ${names}`);
        return Number.POSITIVE_INFINITY;
      }
      await delay(ms < 1_000 ? 10 : 50);
    }
  }

  /** Waits until the hub has nothing more to tell anybody. */
  async quiet(deadlineMs = 60_000): Promise<void> {
    await until(
      'the lanes have nothing to do',
      async () => (await this.cluster.admin.lanes()).every((lane) => lane.lag_objects === 0 && lane.in_flight === 0),
      { deadlineMs, everyMs: 50 },
    );
  }

  /** The same, for everybody but some. */
  async quietBut(...away: readonly Partner[]): Promise<void> {
    const names = new Set(away.map(({ name }) => name));
    await until(
      'the other lanes have nothing to do',
      async () =>
        (await this.cluster.admin.lanes()).every(
          ({ partner, lag_objects, in_flight }) => names.has(partner) || (lag_objects === 0 && in_flight === 0),
        ),
      { deadlineMs: 60_000, everyMs: 50 },
    );
  }

  /** Writes down what the verdict needs: the hub's last list and every copy. */
  async finish(): Promise<void> {
    const texts = await this.checkpoint();
    this.dumpList('hub/last.ndjson', texts);
    for (const partner of this.partners) partner.dump(this.bench.run);
  }

  private dumpList(file: string, texts: ReadonlyMap<string, string>): void {
    this.bench.run.writeLines(
      file,
      [...texts].map(([k, d]) => ({ k, d })),
    );
  }
}
