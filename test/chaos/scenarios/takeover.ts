import { setTimeout as delay } from 'node:timers/promises';
import type { HubProcess } from '../../support/e2e/hub-process.js';
import { claimsOf } from '../../support/e2e/world.js';
import { callHttp } from '../../support/hub/http-call.js';
import type { Bench, Scenario } from '../framework/bench.js';
import type { Partner } from '../framework/partner.js';
import { ownerOfPort } from '../framework/process-figures.js';
import { Scene } from '../framework/scene.js';

/** Nodes that die or freeze while they push, and tokens that are revoked. */
export const takeover: Scenario = {
  name: 'takeover',
  about: 'kill -9 and a freeze of 20 s of the node that pushes; revocation at every node; --rounds N',
  promises: ['P19', 'P3', 'P4'],
  postgresOnly: true,
  async run(bench) {
    const { quick } = bench.options;
    const rounds = bench.options.rounds ?? (quick ? 1 : 10);
    const freezeMs = quick ? 14_000 : 20_000;
    const count = bench.options.partners ?? 6;
    const scene = await Scene.lay(bench, {
      partners: count,
      driver: { writers: 24, rate: 60, timeoutMs: 40_000 },
    });
    // So slow that two pushes at the same time cannot hide.
    for (const partner of scene.partners) await partner.setFaults('slow=50');
    const watch = scene.partners.map((partner) => new OwnerWatch(partner, scene.cluster.nodes));
    const kills: number[] = [];
    const freezes: number[] = [];
    for (let round = 0; round < rounds; round++) {
      await scene.driver.begun();
      await delay(2_000);
      const killed = ownerOf(watch);
      bench.say(`killed: ${describe(killed, scene)}`);
      await killed.kill();
      scene.mark('kill');
      kills.push(await takenOver(watch, killed, performance.now(), 30_000));
      await killed.start();
      await delay(2_000);

      const frozen = ownerOf(watch);
      bench.say(`frozen: ${describe(frozen, scene)}`);
      const at = performance.now();
      scene.cluster.freeze(frozen);
      scene.mark('freeze');
      freezes.push(await takenOver(watch, frozen, at, freezeMs));
      await delay(Math.max(0, at + freezeMs - performance.now()));
      scene.cluster.thaw(frozen);
      await delay(3_000);
      await scene.driver.pause();
      await scene.converged();
      await scene.checkpoint();
    }
    bench.figure(
      'P19',
      'all lanes pushed by others after kill -9 of their node',
      Math.max(...kills),
      { at_most: 15_000 },
      'ms',
    );
    bench.figure(
      'P19',
      'all lanes pushed by others after their node froze',
      Math.max(...freezes),
      { at_most: 15_000 },
      'ms',
    );
    bench.figure(
      'P19',
      'a revoked token is worth nothing at any node',
      await revocation(bench, scene, 'leave'),
      { at_most: 5_000 },
      'ms',
    );
    bench.figure(
      'P19',
      'a new token is taken at every node',
      await revocation(bench, scene, 'join'),
      { at_most: 5_000 },
      'ms',
    );
    for (const partner of scene.partners) await partner.setFaults();
    bench.figure(
      'P3',
      'partners equal at the end',
      await scene.converged(scene.partners.slice(0, count)),
      { at_most: 5_000 },
      'ms',
    );
    await scene.finish();
    const names = scene.partners.slice(0, count).map(({ name }) => name);
    bench.charge({
      journal: { promise: 'P2', acksAtLeast: rounds * 200 },
      copies: names,
      order: names,
      overlaps: names,
      duplicates: { partners: names, atMost: 8 },
    });
  },
};

/** Knows which process pushes to a partner. */
class OwnerWatch {
  /** The process of the last push, and when it came, monotonic ms. */
  last: { readonly pid: number; readonly at: number } | undefined;
  private readonly pids = new Map<number, number>();

  constructor(
    partner: Partner,
    private readonly nodes: readonly HubProcess[],
  ) {
    partner.recorder.onPush = ({ port, at }) => {
      const pid =
        this.pids.get(port) ??
        ownerOfPort(
          port,
          this.nodes.map((node) => node.pid),
        );
      if (pid === undefined) return;
      this.pids.set(port, pid);
      this.last = { pid, at };
    };
  }

  nodeOf(pid: number): HubProcess | undefined {
    return this.nodes.find((node) => node.pid === pid);
  }
}

/** The node that pushes to most partners. */
function ownerOf(watch: readonly OwnerWatch[]): HubProcess {
  const counts = new Map<number, number>();
  for (const { last } of watch) if (last) counts.set(last.pid, (counts.get(last.pid) ?? 0) + 1);
  const [most] = [...counts].sort(([, one], [, other]) => other - one);
  const node = watch[0]?.nodeOf(most?.[0] ?? -1);
  if (!node) throw new Error('nobody pushes');
  return node;
}

/** Waits until every lane of a node is served by another one. Resolves with the time since then, ms. */
async function takenOver(
  watch: readonly OwnerWatch[],
  node: HubProcess,
  at: number,
  deadlineMs: number,
): Promise<number> {
  const { pid } = node;
  const owned = watch.filter(({ last }) => last?.pid === pid);
  for (;;) {
    const ms = performance.now() - at;
    if (owned.every(({ last }) => last?.pid !== pid)) return Math.max(...owned.map(({ last }) => (last?.at ?? 0) - at));
    if (ms > deadlineMs) return Number.POSITIVE_INFINITY;
    await delay(10);
  }
}

const describe = (node: HubProcess, { cluster }: Scene): string =>
  `node ${cluster.nodes.indexOf(node)}, pid ${node.pid}`;

/** How long until a change of a partner's standing is known at every node, ms. */
async function revocation(bench: Bench, scene: Scene, kind: 'leave' | 'join'): Promise<number> {
  const extra = scene.add(`extra-${kind}`);
  await extra.emsp.start();
  const { token, versions_url } = await scene.cluster.admin.invite(extra.name, claimsOf(extra.emsp));
  await extra.emsp.register({ token, versions_url });
  const peerToken = extra.emsp.link.peer?.outboundToken ?? '';
  let startedAt = performance.now();
  const statuses = (): Promise<number[]> =>
    Promise.all(
      scene.cluster.origins().map(async (origin) => {
        const answer = await callHttp('GET', `${origin}/ocpi/versions`, {
          token: peerToken,
          headers: { Connection: 'close' },
        });
        return answer.status;
      }),
    );
  const waitFor = async (isWanted: (status: number) => boolean): Promise<number> => {
    while (!(await statuses()).every(isWanted)) {
      if (performance.now() - startedAt > 20_000) return Number.POSITIVE_INFINITY;
      await delay(20);
    }
    return performance.now() - startedAt;
  };
  const known = await waitFor((status) => status === 200);
  if (kind === 'join') return known;
  const { id } = await scene.cluster.admin.partner(extra.name);
  startedAt = performance.now();
  await scene.cluster.admin.done('DELETE', `/api/partners/${id}`);
  bench.say('a partner was removed');
  return waitFor((status) => status === 401);
}
