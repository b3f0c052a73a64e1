import { setTimeout as delay } from 'node:timers/promises';
import type { Scenario } from '../framework/bench.js';
import { Scene } from '../framework/scene.js';
import { total } from '../framework/statistics.js';

/** Partners that time out, fail and break connections, and one that is away for a while. */
export const partners: Scenario = {
  name: 'partners',
  about:
    '20 partners with 10 % timeouts, 10 % 500, 5 % reset after applying, and one that is dead for a while; --minutes M',
  promises: ['P3', 'P4', 'P7'],
  async run(bench) {
    const { quick, stack } = bench.options;
    const minutes = bench.options.minutes ?? (quick ? 0.25 : 10);
    const faulty = bench.options.partners ?? 20;
    const scene = await Scene.lay(bench, { partners: faulty + 3, driver: { rate: quick ? 100 : 60 } });
    const healthy = scene.partners.slice(0, 2);
    const dead = scene.partner(2);
    const bad = scene.partners.slice(3);
    for (const partner of bad) await partner.setFaults('hang@0.1', 'error500@0.1', 'reset@0.05');
    scene.driver.resume();
    const third = (minutes * 60_000) / 3;
    await delay(third);
    await dead.emsp.die();
    await delay(third);
    await scene.driver.pause();
    bench.figure(
      'P3',
      'healthy partners equal under faults of the others',
      await scene.converged(healthy),
      { at_most: 5_000 },
      'ms',
    );
    await dead.emsp.revive();
    bench.figure(
      'P3',
      'the dead partner equal after it came back',
      await scene.converged([dead]),
      { at_most: 60_000 },
      'ms',
    );
    scene.driver.resume();
    await delay(third);
    await scene.driver.pause();
    for (const partner of bad) await partner.setFaults();
    const ended = await scene.converged([...healthy, dead]);
    bench.figure('P3', 'healthy partners equal after the writers', ended, { at_most: 5_000 }, 'ms');
    bench.figure(
      'P3',
      'failing partners equal after their faults ended',
      ended + (await scene.converged(bad)),
      { at_most: 60_000 },
      'ms',
    );
    await scene.finish();
    const hits = bad.reduce((sum, { emsp }) => sum + total(emsp.faults.hits), 0);
    bench.figure('P3', 'requests that a fault struck', hits, { at_least: faulty });
    const names = scene.partners.map(({ name }) => name);
    bench.charge({
      journal: { promise: stack === 'sqlite' ? 'P1' : 'P2', acksAtLeast: minutes * 60 * 20 },
      copies: names,
      order: names,
      pushesAtLeast: quick ? 1_000 : minutes * 10_000,
      duplicates: { partners: healthy.map(({ name }) => name), atMost: 0 },
      overlaps: names,
    });
  },
};
