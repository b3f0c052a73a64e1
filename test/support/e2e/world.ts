import { type PartyRef, partyKey } from '../../../src/kernel/party-ref.js';
import type { CpoOptions } from '../../../src/simulator/cpo-simulator.js';
import {
  CpoSimulator,
  type EmspOptions,
  EmspSimulator,
  type Platform,
  type SimulatedParty,
} from '../../../src/simulator/index.js';
import { type CrawlResult, crawl } from '../../../src/simulator/receiver/crawl.js';
import type { PartnerView } from './admin.js';
import { type HubOptions, HubProcess } from './hub-process.js';
import { differing } from './journal.js';
import { until } from './until.js';

/** `DE/CP1` or `DE/CP1:ROLE` */
export function party(text: string, defaultRole: string): SimulatedParty {
  const [, country_code = '', party_id = '', role = defaultRole] = /^(..)\/(...)(?::(\w+))?$/.exec(text) ?? [];
  return { country_code, party_id, role };
}

/** A hub process and the partners around it, which run inside the test. */
export class World {
  private readonly platforms: Platform[] = [];

  constructor(readonly hub: HubProcess) {}

  static async start(options: HubOptions = {}): Promise<World> {
    return new World(await HubProcess.start(options));
  }

  /** A CPO platform that listens; not registered yet. */
  async cpo(parties: string, options: Omit<CpoOptions, 'parties'> = {}): Promise<CpoSimulator> {
    return this.listen(new CpoSimulator({ ...options, parties: partiesOf(parties, 'CPO') }));
  }

  /** An eMSP platform that listens; not registered yet. */
  async emsp(parties: string, options: Omit<EmspOptions, 'parties'> = {}): Promise<EmspSimulator> {
    return this.listen(new EmspSimulator({ ...options, parties: partiesOf(parties, 'EMSP') }));
  }

  /** Registers a platform by an invite of the operator; the partner then has the platform's name. */
  async join(...platforms: Platform[]): Promise<void> {
    for (const platform of platforms) {
      const { token, versions_url } = await this.hub.admin.invite(platform.name, claimsOf(platform));
      await platform.register({ token, versions_url });
    }
  }

  partnerOf(platform: Platform): Promise<PartnerView> {
    return this.hub.admin.partner(platform.name);
  }

  /** Waits until each party's copy equals the hub's lists, object by object. Returns how long that took, ms. */
  async converged(emsps: readonly EmspSimulator[], deadlineMs = 15_000): Promise<number> {
    const startedAt = performance.now();
    let last = '';
    for (const emsp of emsps) {
      for (const own of emsp.parties) {
        await until(
          `${partyKey(own)} has what the hub has`,
          async () => {
            const { different, missing, extra, problems, equal, examples } = await emsp.compare(own);
            last = JSON.stringify({ equal, different, missing, extra, problems, examples: examples.slice(0, 3) });
            return different + missing + extra + problems.length === 0;
          },
          { deadlineMs, everyMs: 100 },
        ).catch(async (error: unknown) => {
          throw new Error(`${String(error)} ${last}\n${await this.whatDiffers(emsp, own)}`);
        });
      }
    }
    return performance.now() - startedAt;
  }

  /** The hub's list of a module as this platform reads it: texts by key `DE/CP1/LOC1`. */
  async list(
    platform: Platform,
    module: 'locations' | 'tariffs' = 'locations',
    options: { readonly limit?: number; readonly from?: PartyRef } = {},
  ): Promise<{ readonly texts: Map<string, string>; readonly result: CrawlResult }> {
    const endpoint = platform.link.endpoint(module, 'SENDER') ?? '';
    const from = options.from ?? platform.parties[0];
    if (!from) throw new Error('a platform without a party');
    const texts = new Map<string, string>();
    const to = platform.link.peer?.roles.find((role) => role.role === 'HUB');
    const result = await crawl(platform.client, endpoint, { module, from, to, limit: options.limit }, ({ key, text }) =>
      texts.set(key, text),
    );
    if (result.problem !== undefined) throw new Error(`the list of ${module} could not be read: ${result.problem}`);
    return { texts, result };
  }

  /** For the reader of a failure: fields in which a copy differs from the hub's Locations, and how its lane stands. */
  private async whatDiffers(emsp: EmspSimulator, own: PartyRef): Promise<string> {
    const { texts } = await this.list(emsp, 'locations', { from: own });
    const fields = [...texts].flatMap(([key, text]) => {
      const held = emsp.object(`locations/${key}`, partyKey(own));
      return held === undefined ? [] : differing(text, held, key);
    });
    return JSON.stringify({ fields: fields.slice(0, 10), lane: await this.hub.admin.lane(emsp.name) }, null, 1);
  }

  async close(): Promise<void> {
    await Promise.all(this.platforms.map((platform) => platform.stop()));
    await this.hub.remove();
  }

  private async listen<T extends Platform>(platform: T): Promise<T> {
    this.platforms.push(platform);
    await platform.start();
    return platform;
  }
}

/** What an operator invites a platform for. */
export const claimsOf = (platform: Platform): { country_code: string; party_id: string; role: string }[] =>
  platform.parties.map(({ country_code, party_id, role }) => ({ country_code, party_id, role }));

const partiesOf = (text: string, role: string): SimulatedParty[] => text.split(',').map((one) => party(one, role));
