import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../../support/e2e/until.js';
import type { Scenario } from '../framework/bench.js';
import { type Lag, LagMeter } from '../framework/lags.js';
import { Scene } from '../framework/scene.js';
import { percentile, total } from '../framework/statistics.js';

/** A Redis that is absent at the start, dies, forgets, hangs and is full. */
export const redis: Scenario = {
  name: 'redis',
  about: 'Redis absent at start, killed, flushed, frozen and full, under 50 updates/s; --minutes M of each fault',
  promises: ['P8', 'P3', 'P4'],
  async run(bench) {
    const { quick, stack } = bench.options;
    const faultMs = (bench.options.minutes ?? (quick ? 0.04 : 1)) * 60_000;
    const broker = await bench.redis();
    await broker.kill();
    const scene = await Scene.lay(bench, {
      partners: 3,
      driver: { rate: 50 },
      cluster: { redisUrl: broker.url },
    });
    const meter = new LagMeter(scene.driver, scene.partners);
    /** Lags under load during a fault, and after it. */
    const during = async (fault: () => Promise<unknown>, end: () => Promise<unknown>): Promise<Lag[]> => {
      scene.driver.resume();
      await delay(500);
      meter.start();
      await fault();
      await delay(faultMs);
      await end();
      await delay(faultMs / 2);
      await scene.driver.pause();
      await scene.converged();
      return meter.stop();
    };
    const usesRedis = (): Promise<unknown> =>
      until(
        'the hub uses Redis again',
        async () => {
          const answers = await Promise.all(scene.cluster.nodes.map((node) => node.ready()));
          return answers.every(({ text }) => (JSON.parse(text) as { degraded: string[] }).degraded.length === 0);
        },
        { deadlineMs: 60_000 },
      );
    const nothing = (): Promise<void> => Promise.resolve();
    const absent = await during(nothing, nothing);
    bench.figure('P8', 'ack to receipt, p99, Redis absent since the start', p99(absent), { at_most: 5_000 }, 'ms');
    await broker.start();
    let back = performance.now();
    await usesRedis();
    bench.figure('P8', 'Redis in use after it came', performance.now() - back, { at_most: 30_000 }, 'ms');
    const normal = p99(await during(nothing, nothing));
    bench.figure('P8', 'ack to receipt, p99, all well', normal, undefined, 'ms');
    const faults: [string, () => Promise<unknown>, () => Promise<unknown>][] = [
      ['killed', () => broker.kill(), () => broker.start()],
      ['flushed', () => broker.command('FLUSHALL'), nothing],
      ['paused', () => broker.command(`CLIENT PAUSE ${Math.round(faultMs)} ALL`), nothing],
      ['frozen', async () => broker.freeze(), async () => broker.thaw()],
      ['full', () => broker.command('CONFIG SET maxmemory 1'), () => broker.command('CONFIG SET maxmemory 0')],
    ];
    for (const [name, fault, end] of faults) {
      const lags = await during(fault, end);
      bench.figure(
        'P8',
        `ack to receipt, p99, above normal, Redis ${name}`,
        p99(lags) - normal,
        { at_most: 5_000 },
        'ms',
      );
      back = performance.now();
      await usesRedis();
      bench.figure(
        'P8',
        `Redis in use again after it was ${name}`,
        performance.now() - back,
        { at_most: 30_000 },
        'ms',
      );
    }
    const again = p99(await during(nothing, nothing));
    bench.figure('P8', 'ack to receipt, p99, after all faults, of normal', again / normal, undefined, '×');
    await scene.finish();
    const { acks, refusals, broken } = scene.driver;
    const lost = total(refusals) + total(broken);
    bench.figure('P8', 'share of writes that were acknowledged', (100 * acks) / (acks + lost), { at_least: 99.9 }, '%');
    const names = scene.partners.map(({ name }) => name);
    bench.charge({
      journal: { promise: stack === 'sqlite' ? 'P1' : 'P2', acksAtLeast: 200 },
      copies: names,
      order: names,
      duplicates: { partners: names, atMost: 0 },
    });
  },
};

const p99 = (lags: readonly Lag[]): number =>
  percentile(
    lags.map(({ ms }) => ms),
    0.99,
  );
