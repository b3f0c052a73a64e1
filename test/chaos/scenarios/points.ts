import { setTimeout as delay } from 'node:timers/promises';
import type { Scenario } from '../framework/bench.js';
import { type KillPoint, KillPoints } from '../framework/kill-points.js';
import { Scene } from '../framework/scene.js';
import { total } from '../framework/statistics.js';

const points: readonly KillPoint[] = ['before an answer', 'after an answer', 'before a push', 'after a push'];

/** Nodes that die at named steps under sixteen writers. */
export const killsAtPoints: Scenario = {
  name: 'points',
  about: 'a node that dies hard before and after an answer, before and after a push; --kills N at each',
  promises: ['P1', 'P2', 'P3', 'P4', 'P7'],
  async run(bench) {
    const { quick, stack } = bench.options;
    const count = bench.options.kills ?? (quick ? 2 : 20);
    const scene = await Scene.lay(bench, { partners: 3, driver: { writers: 16 } });
    const killPoints = new KillPoints();
    bench.own(() => killPoints.remove());
    let deaths = 0;
    for (const point of points) {
      for (let kill = 0; kill < count; kill++) {
        const hub = bench.random.pick(scene.cluster.nodes);
        // Whoever is to die with a push must have lanes: alone for a moment, it gets them all.
        const stopped = point.endsWith('push') ? scene.cluster.nodes : [hub];
        await Promise.all(stopped.map((node) => node.terminate()));
        killPoints.arm(hub, point, bench.random.int(1, 200));
        const program = hub.launch();
        await scene.driver.begun();
        const others = stopped.filter((node) => node !== hub).map((node) => node.start());
        const died = await Promise.race([program.exited, delay(20_000, undefined)]);
        if (died?.signal === 'SIGKILL') deaths += 1;
        else await hub.kill();
        await Promise.all(others);
        scene.mark(`died ${point}`);
        killPoints.disarm(hub);
        await delay(bench.random.int(0, 300));
        if (stack === 'sqlite') await scene.driver.pause();
        await hub.start();
        await scene.driver.begun();
        await scene.driver.pause();
        await scene.checkpoint();
      }
    }
    bench.figure('P1', 'nodes that died where they should', deaths, { equals: points.length * count });
    bench.figure('P3', 'partners equal after the last start', await scene.converged(), { at_most: 5_000 }, 'ms');
    await scene.finish();
    const { refusals } = scene.driver;
    bench.figure('P1', 'answers other than acknowledgements', total(refusals), undefined, '', JSON.stringify(refusals));
    const names = scene.partners.map(({ name }) => name);
    bench.charge({
      journal: { promise: stack === 'sqlite' ? 'P1' : 'P2', acksAtLeast: points.length * count * 10 },
      copies: names,
      order: names,
      duplicates: { partners: names, atMost: 8 },
    });
  },
};
