import http from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { joinUrl, routingHeaders } from '../../../src/simulator/http/exchange.js';
import { CpoSimulator } from '../../../src/simulator/index.js';
import { callHttp } from '../../support/hub/http-call.js';
import type { Bench, Scenario } from '../framework/bench.js';
import { evsesOf } from '../framework/evses.js';
import { residentBytes } from '../framework/process-figures.js';
import { Scene } from '../framework/scene.js';
import { percentile } from '../framework/statistics.js';

const floods = 3;
const polites = 7;

/** Owners who send far more than the hub takes, beside polite ones. */
export const overload: Scenario = {
  name: 'overload',
  about: 'three owners of ten flood the hub; --minutes M',
  promises: ['P13'],
  async run(bench) {
    const { quick } = bench.options;
    const partMs = (bench.options.minutes ?? (quick ? 0.1 : 1)) * 60_000;
    // Low, so that this machine can send five times as much.
    const scene = await Scene.lay(bench, {
      locations: 20,
      partners: 2,
      cluster: { env: { ROAMHUB_RATE_LIMIT: '40' } },
    });
    const owners = await Promise.all(
      Array.from({ length: floods + polites }, (_, index) => Owner.join(bench, scene, index)),
    );
    const flooding = owners.slice(0, floods);
    const polite = owners.slice(floods);
    const run = async (noisy: boolean): Promise<number> => {
      for (const owner of owners) owner.reset();
      const until = performance.now() + partMs;
      const peak = watchMemory(scene, until);
      await Promise.all([
        ...polite.map((owner) => owner.send(until, 1, 10)),
        ...(noisy ? flooding.map((owner) => owner.send(until, 48, 0)) : []),
      ]);
      return await peak;
    };
    const latency = (some: readonly Owner[]): number =>
      percentile(
        some.flatMap(({ latencies }) => latencies),
        0.99,
      );
    await run(false);
    const before = latency(polite);
    const peak = await run(true);
    const accepted = flooding.reduce((sum, owner) => sum + owner.accepted, 0);
    const shed = flooding.reduce((sum, owner) => sum + owner.shed, 0);
    const politeShed = polite.reduce((sum, owner) => sum + owner.shed, 0);
    const politeAll = politeShed + polite.reduce((sum, owner) => sum + owner.accepted, 0);
    const wrong = owners.flatMap((owner) => [...owner.wrong]);
    const flood = `${Math.round((accepted + shed) / (partMs / 1000))} requests/s of the flooding owners, ${accepted} taken, ${shed} turned away`;
    bench.figure('P13', 'accepted, p99, polite owners before the flood', before, undefined, 'ms');
    bench.figure('P13', 'accepted, p99, polite owners in the flood', latency(polite), { at_most: 2_000 }, 'ms');
    bench.figure('P13', 'accepted, p99, flooding owners', latency(flooding), { at_most: 2_000 }, 'ms');
    bench.figure('P13', 'requests of flooding owners that were turned away', shed, { at_least: 1 }, '', flood);
    bench.figure('P13', 'polite requests turned away', (100 * politeShed) / politeAll, { at_most: 0.1 }, '%');
    bench.figure(
      'P13',
      'answers other than 200, and 429 or 503 with Retry-After',
      wrong.length,
      { equals: 0 },
      '',
      wrong.slice(0, 3).join('; '),
    );
    bench.figure('P13', 'most memory', peak / 2 ** 20, { at_most: 512 }, 'MiB');
    await run(false);
    bench.figure(
      'P13',
      'accepted, p99, polite owners after the flood, of before',
      latency(polite) / before,
      quick ? undefined : { at_most: 1.5 },
      '×',
    );
    bench.figure('P3', 'partners equal after the flood', await scene.converged(), { at_most: 30_000 }, 'ms');
  },
};

/** An owner of one Location who sends one update after another. */
class Owner {
  accepted = 0;
  shed = 0;
  latencies: number[] = [];
  readonly wrong = new Set<string>();
  private readonly agent = new http.Agent({ keepAlive: true });
  private stamp = Date.now() - 600_000;

  private constructor(
    private readonly scene: Scene,
    private readonly cpo: CpoSimulator,
  ) {}

  static async join(bench: Bench, scene: Scene, index: number): Promise<Owner> {
    const party = { country_code: 'FR', party_id: `O${String(index).padStart(2, '0')}`, role: 'CPO' };
    const cpo = new CpoSimulator({ parties: [party], pushOnly: true, seed: index });
    bench.own(() => cpo.stop());
    cpo.generate(1);
    await cpo.start();
    await scene.join(cpo);
    await cpo.putAll();
    const owner = new Owner(scene, cpo);
    bench.own(() => owner.agent.destroy());
    return owner;
  }

  reset(): void {
    this.accepted = 0;
    this.shed = 0;
    this.latencies = [];
  }

  /** @param rate requests a second; 0: without a pause */
  async send(until: number, parallel: number, rate: number): Promise<void> {
    const one = async (): Promise<void> => {
      let due = performance.now();
      while (performance.now() < until) {
        if (rate > 0) {
          due += 1000 / rate;
          await delay(Math.max(0, due - performance.now()));
        }
        await this.update();
      }
    };
    await Promise.all(Array.from({ length: parallel }, one));
  }

  private async update(): Promise<void> {
    const [entry] = this.cpo.catalogue.list('locations');
    if (!entry) throw new Error('an owner of nothing');
    const { owner, id, text } = entry;
    const { link } = this.cpo;
    const [uid = ''] = evsesOf(text);
    const { pathname } = new URL(link.endpoint('locations', 'RECEIVER') ?? '');
    const origins = this.scene.cluster.origins();
    const origin = origins[this.stamp % origins.length] ?? '';
    const startedAt = performance.now();
    const answer = await callHttp('PATCH', joinUrl(origin + pathname, owner.country_code, owner.party_id, id, uid), {
      token: link.peer?.outboundToken ?? '',
      headers: Object.fromEntries(routingHeaders(link.peerParty(), owner)),
      body: {
        status: this.stamp % 2 === 0 ? 'CHARGING' : 'AVAILABLE',
        last_updated: new Date(++this.stamp).toISOString(),
      },
      agent: this.agent,
    }).catch((error: unknown) => String(error));
    if (typeof answer === 'string') this.wrong.add(answer);
    else if (answer.status === 200 && answer.body.status_code === 1000) {
      this.accepted += 1;
      this.latencies.push(performance.now() - startedAt);
    } else if ((answer.status === 429 || answer.status === 503) && answer.headers['retry-after'] !== undefined) {
      this.shed += 1;
      await delay(5);
    } else this.wrong.add(`${answer.status} ${answer.text.slice(0, 80)}`);
  }
}

/** The most memory that any node takes until then, bytes. */
async function watchMemory(scene: Scene, until: number): Promise<number> {
  let most = 0;
  while (performance.now() < until) {
    most = Math.max(most, ...scene.cluster.nodes.map(({ pid }) => residentBytes(pid)));
    await delay(200);
  }
  return most;
}
