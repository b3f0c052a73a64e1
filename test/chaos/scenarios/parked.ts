import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../../support/e2e/until.js';
import type { Scenario } from '../framework/bench.js';
import { Scene } from '../framework/scene.js';
import { TimeMachine } from '../framework/time-machine.js';

/** Longer than the hub waits before any of its own repetitions. */
const day = 24 * 3_600_000;

/** Objects that a partner refuses for a week of the hub's time, until it has come to its senses. */
export const parked: Scenario = {
  name: 'parked',
  about: 'a partner refuses some objects with 2001 for a week (the clock jumps), then takes them',
  promises: ['P17', 'P3'],
  async run(bench) {
    const { quick } = bench.options;
    const time = new TimeMachine();
    bench.own(() => time.remove());
    const scene = await Scene.lay(bench, {
      locations: quick ? 100 : 1_000,
      partners: 2,
      driver: { writers: 16 },
      cluster: { env: { ...time.env, ROAMHUB_SWEEP_SECONDS: '1' }, roles: ['all'] },
    });
    const [good, picky] = scene.partners;
    if (!good || !picky) throw new Error('nobody to tell');
    await picky.setFaults(quick ? 'reject2001@0.05' : 'reject2001@0.01');
    scene.driver.resume();
    await delay(quick ? 2_000 : 30_000);
    await scene.driver.pause();
    await scene.converged([good]);
    const hub = scene.cluster.node(0);
    const list = await scene.list();
    const behind = (): Set<string> =>
      new Set([...list].filter(([key, text]) => picky.isBehind(key, text)).map(([key]) => key));
    await until(
      'the lane has tried everything',
      async () => (await scene.cluster.admin.lane(picky.name)).in_flight === 0,
    );
    const refused = behind();
    for (let days = 1; days <= 7; days++) {
      const { pushes } = picky.recorder;
      time.advance(hub, day);
      await until('refused objects are tried again', () => picky.recorder.pushes > pushes, { deadlineMs: 3_000 }).catch(
        () => undefined,
      );
      // A lane takes up twenty refused objects a second.
      while (Date.now() - picky.recorder.lastAt < 1_500) await delay(20);
    }
    const parkedNow = async (): Promise<Set<string>> =>
      new Set((await scene.cluster.admin.parked()).map(({ module, object }) => `${module}/${locationOf(object)}`));
    await until('they are parked', async () => (await parkedNow()).size >= refused.size).catch(() => undefined);
    const keys = await parkedNow();
    const apart = [...refused].filter((key) => !keys.has(key)).concat([...keys].filter((key) => !refused.has(key)));
    bench.figure('P17', 'Locations that the partner refused', refused.size, { at_least: 1 });
    bench.figure(
      'P17',
      'difference between them and the parked ones after a week',
      apart.length,
      { equals: 0 },
      '',
      apart.join(' '),
    );
    await picky.setFaults();
    await scene.cluster.admin.done('POST', '/api/parked/replay');
    bench.figure('P17', 'the partner equal after the replay', await scene.converged([picky]), { at_most: 5_000 }, 'ms');
    await scene.quiet();
    bench.figure('P17', 'parked objects after the replay', (await scene.cluster.admin.parked()).length, { equals: 0 });
    await scene.finish();
    const names = scene.partners.map(({ name }) => name);
    bench.charge({ journal: { promise: 'P1', acksAtLeast: 100 }, copies: names, order: names });
  },
};

const locationOf = (object: string): string => object.split('/').slice(0, 3).join('/');
