import { setTimeout as delay } from 'node:timers/promises';
import type { Scenario } from '../framework/bench.js';
import { Scene } from '../framework/scene.js';
import { total } from '../framework/statistics.js';

/** Orderly stops under load, as a supervisor and a load balancer see them. */
export const stop: Scenario = {
  name: 'stop',
  about: 'SIGTERM under load; --rounds N',
  promises: ['P11', 'P1', 'P7'],
  async run(bench) {
    const rounds = bench.options.rounds ?? (bench.options.quick ? 4 : 20);
    const ready = new Set<string>();
    const scene = await Scene.lay(bench, {
      partners: 4,
      cluster: { env: { ROAMHUB_STOP_GRACE_SECONDS: '1' } },
      driver: { rate: 200, writers: 16, origins: () => [...ready] },
    });
    for (const origin of scene.cluster.origins()) ready.add(origin);
    const times: number[] = [];
    let wrongExits = 0;
    for (let round = 0; round < rounds; round++) {
      await scene.driver.begun();
      await delay(bench.random.int(300, 1_000));
      const node = bench.random.pick(scene.cluster.nodes);
      const stopping = node.terminate();
      // A load balancer asks every now and then, and sends nothing more to a node that is not ready.
      while ((await node.ready().catch(() => undefined))?.status === 200) await delay(50);
      ready.delete(node.publicUrl);
      const { code, ms } = await stopping;
      times.push(ms);
      if (code !== 0) wrongExits += 1;
      await scene.driver.pause();
      await node.start();
      ready.add(node.publicUrl);
      await scene.checkpoint();
    }
    bench.figure('P3', 'partners equal after the last start', await scene.converged(), { at_most: 5_000 }, 'ms');
    await scene.finish();
    const { broken, refusals } = scene.driver;
    bench.figure('P11', `exit codes other than 0 in ${rounds} stops`, wrongExits, { equals: 0 });
    bench.figure('P11', 'longest stop', Math.max(...times), { at_most: 25_000 }, 'ms');
    bench.figure('P11', 'requests that were broken', total(broken), { equals: 0 }, '', JSON.stringify(broken));
    bench.figure('P11', 'requests that were refused', total(refusals), { equals: 0 }, '', JSON.stringify(refusals));
    const names = scene.partners.map(({ name }) => name);
    bench.charge({
      journal: { promise: 'P1', acksAtLeast: rounds * 20 },
      copies: names,
      order: names,
      duplicates: { partners: names, atMost: 0 },
    });
  },
};
