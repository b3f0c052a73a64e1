import { setTimeout as delay } from 'node:timers/promises';
import type { Bench, Scenario } from '../framework/bench.js';
import { Scene } from '../framework/scene.js';
import { total } from '../framework/statistics.js';

/** What is sent and not yet written down as done, for each partner and crash. */
const windowSize = 8;

/** Nodes that are killed at any moment under sixteen writers. */
export const kills: Scenario = {
  name: 'kills',
  about: 'kill -9 of a node at random moments under sixteen writers; --kills N',
  promises: ['P1', 'P2', 'P3', 'P4', 'P7'],
  async run(bench) {
    const { quick, stack, nodes } = bench.options;
    const count = bench.options.kills ?? (quick ? 8 : stack === 'sqlite' ? 100 : 50);
    const scene = await Scene.lay(bench, { partners: 4, driver: { writers: 16 } });
    const healthy = scene.partners.slice(0, 3).map(({ name }) => name);
    const shaky = scene.partner(3);
    await shaky.setFaults('error500@0.1', 'reset@0.05', 'slow=100@0.2');
    const restarts: number[] = [];
    for (let kill = 1; kill <= count; kill++) {
      restarts.push(nodes > 1 ? await killOneOfSeveral(bench, scene) : await killTheOne(bench, scene, kill % 3 === 0));
      if (kill % 10 === 0) bench.say(`${kill} kills, ${scene.driver.acks} acknowledged`);
    }
    bench.figure(
      'P3',
      'healthy partners equal after the last start',
      await scene.converged(scene.partners.slice(0, 3)),
      { at_most: 5_000 },
      'ms',
    );
    await shaky.setFaults();
    bench.figure(
      'P3',
      'the failing partner equal after its faults ended',
      await scene.converged([shaky]),
      { at_most: 60_000 },
      'ms',
    );
    await scene.finish();
    bench.figure('P12', 'longest start after a kill', Math.max(...restarts), undefined, 'ms');
    bench.figure(
      'P1',
      'answers other than acknowledgements',
      total(scene.driver.refusals),
      { equals: 0 },
      '',
      JSON.stringify(scene.driver.refusals),
    );
    bench.charge({
      journal: { promise: stack === 'sqlite' ? 'P1' : 'P2', acksAtLeast: count * (quick ? 20 : 200) },
      copies: scene.partners.map(({ name }) => name),
      order: scene.partners.map(({ name }) => name),
      duplicates: { partners: healthy, atMost: windowSize },
    });
  },
};

/** Kills the only node, sometimes once more while it starts, and reads everything. Resolves with the time of the start, ms. */
async function killTheOne({ random }: Bench, scene: Scene, twice: boolean): Promise<number> {
  const hub = scene.cluster.node(0);
  await scene.driver.begun();
  await delay(random.int(50, 1_500));
  await hub.kill();
  scene.mark('kill');
  await scene.driver.pause();
  if (twice) {
    hub.launch();
    await delay(random.int(50, 700));
    await hub.kill();
    scene.mark('kill at the start');
  }
  const ms = await hub.start();
  await scene.checkpoint();
  return ms;
}

/** Kills one node while the others go on, and starts it again. */
async function killOneOfSeveral({ random }: Bench, scene: Scene): Promise<number> {
  const hub = random.pick(scene.cluster.nodes);
  await scene.driver.begun();
  await delay(random.int(50, 1_500));
  await hub.kill();
  scene.mark('kill');
  await delay(random.int(0, 500));
  const ms = await hub.start();
  await delay(random.int(0, 500));
  await scene.driver.pause();
  await scene.checkpoint();
  return ms;
}
