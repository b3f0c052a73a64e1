import { setTimeout as delay } from 'node:timers/promises';
import type { Scenario } from '../framework/bench.js';
import { bigLocation, evsesPerLocation } from '../framework/big-location.js';
import { evsesOf } from '../framework/evses.js';
import { Scene } from '../framework/scene.js';

/** A crash of a hub that holds very much. */
export const restart: Scenario = {
  name: 'restart',
  about: 'kill -9 and start with 150,000 EVSEs stored (20,000 with --quick); --rounds N',
  promises: ['P12'],
  async run(bench) {
    const { quick } = bench.options;
    const rounds = bench.options.rounds ?? (quick ? 2 : 5);
    const places = Math.ceil((quick ? 20_000 : 150_000) / evsesPerLocation);
    const scene = await Scene.lay(bench, {
      partners: 1,
      fill: (cpo) => {
        for (let n = 0; n < places; n++) cpo.catalogue.add('locations', bigLocation(n));
      },
    });
    const { recorder } = scene.partner(0);
    const hub = scene.cluster.node(0);
    const listening: number[] = [];
    const pushing: number[] = [];
    for (let round = 0; round < rounds; round++) {
      await hub.kill();
      const startedAt = performance.now();
      listening.push(await hub.start());
      const entry = bench.random.pick(scene.cpo.catalogue.list('locations'));
      const [uid = ''] = evsesOf(entry.text);
      const { pushes } = recorder;
      await scene.patch({ entry, uid, fields: { status: 'CHARGING', last_updated: new Date().toISOString() } });
      while (recorder.pushes === pushes && performance.now() < startedAt + 30_000) await delay(2);
      pushing.push(performance.now() - startedAt);
    }
    bench.figure(
      'P12',
      `ready after a kill, with ${scene.cpo.countEvses()} EVSEs`,
      Math.max(...listening),
      { at_most: 3_000 },
      'ms',
    );
    bench.figure('P12', 'first push after the start', Math.max(...pushing), { at_most: 5_000 }, 'ms');
    bench.figure('P3', 'the partner equal', await scene.converged(), { at_most: 5_000 }, 'ms');
  },
};
