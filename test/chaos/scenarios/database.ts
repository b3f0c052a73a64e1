import { setTimeout as delay } from 'node:timers/promises';
import { Relay } from '../../support/e2e/relay.js';
import type { Scenario } from '../framework/bench.js';
import { Scene } from '../framework/scene.js';
import { total } from '../framework/statistics.js';

/** A PostgreSQL that stops, hangs, is cut off and takes no writes. */
export const database: Scenario = {
  name: 'database',
  about: 'PostgreSQL stopped at once, cut off, half open, frozen and read-only, under writers; --rounds N of each',
  promises: ['P2', 'P9', 'P3', 'P4'],
  postgresOnly: true,
  async run(bench) {
    const { quick } = bench.options;
    const rounds = bench.options.rounds ?? (quick ? 1 : 5);
    const server = await bench.postgres();
    const target = new URL(server.url);
    const relay = await Relay.prepare(target);
    await relay.open();
    bench.own(() => relay.cut());
    const scene = await Scene.lay(bench, {
      partners: 3,
      cluster: { databaseUrl: relay.urlOf(target) },
      driver: { writers: 16, refusalsAreFinal: false, timeoutMs: 30_000 },
    });
    const { driver } = scene;
    const readOnly = async (on: boolean): Promise<void> => {
      await server.query(`ALTER SYSTEM SET default_transaction_read_only = ${on ? 'on' : 'off'}`);
      await server.query('SELECT pg_reload_conf()');
    };
    const faults: [string, () => Promise<unknown>, () => Promise<unknown>][] = [
      ['stopped at once', () => server.stopAtOnce(), () => server.start()],
      ['cut off', () => relay.cut(), () => relay.open()],
      ['half open', async () => relay.halfOpen(), async () => relay.heal()],
      ['frozen', async () => relay.hold(), async () => relay.release()],
      ['read-only', () => readOnly(true), () => readOnly(false)],
    ];
    for (const [name, fault, end] of faults) {
      const recoveries: number[] = [];
      const refusedBefore = total(driver.refusals);
      for (let round = 0; round < rounds; round++) {
        await driver.begun();
        await delay(bench.random.int(100, 1_000));
        await fault();
        await delay(quick ? 2_000 : bench.random.int(1_000, 10_000));
        const startedAt = performance.now();
        await end();
        await everyNodeAcknowledges(scene);
        recoveries.push(performance.now() - startedAt);
        await driver.pause();
        await scene.checkpoint();
      }
      bench.figure(
        'P9',
        `every node acknowledges again after the database was ${name}`,
        Math.max(...recoveries),
        { at_most: 10_000 },
        'ms',
      );
      bench.say(
        `${name}: ${total(driver.refusals) - refusedBefore} refused, again after ${recoveries.map(Math.round).join(', ')} ms`,
      );
    }
    const codes = Object.keys(driver.refusals);
    bench.figure('P9', 'refusals', total(driver.refusals), { at_least: 10 }, '', JSON.stringify(driver.refusals));
    bench.figure(
      'P9',
      'kinds of refusal other than 503/3000',
      codes.filter((code) => !code.startsWith('503/3000')).length,
      { equals: 0 },
      '',
      codes.join('; '),
    );
    bench.figure('P9', 'refusals without Retry-After', driver.withoutRetryAfter, { equals: 0 });
    bench.figure(
      'P9',
      'requests without an answer',
      total(driver.broken),
      { equals: 0 },
      '',
      JSON.stringify(driver.broken),
    );
    bench.figure(
      'P9',
      'nodes that had to be started again',
      scene.cluster.nodes.filter((node) => !node.isRunning).length,
      { equals: 0 },
    );
    bench.figure('P3', 'partners equal after the last fault', await scene.converged(), { at_most: 5_000 }, 'ms');
    await scene.finish();
    const names = scene.partners.map(({ name }) => name);
    bench.charge({
      journal: { promise: 'P2', acksAtLeast: rounds * 100 },
      copies: names,
      order: names,
      overlaps: names,
    });
  },
};

/** Resolves when each node has acknowledged a write. */
async function everyNodeAcknowledges({ cluster, driver, bench }: Scene): Promise<void> {
  const before = new Map(driver.acksBy);
  const giveUp = performance.now() + 60_000;
  const waiting = new Set(cluster.origins());
  while (waiting.size > 0 && performance.now() < giveUp) {
    await delay(10);
    for (const origin of waiting) if (driver.acksBy.get(origin) !== before.get(origin)) waiting.delete(origin);
  }
  for (const origin of waiting) bench.say(`${origin} acknowledges nothing any more`);
}
