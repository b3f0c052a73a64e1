import { setTimeout as delay } from 'node:timers/promises';
import type { Scenario } from '../framework/bench.js';
import { LagMeter } from '../framework/lags.js';
import { Scene } from '../framework/scene.js';
import { median, percentile } from '../framework/statistics.js';

/** Bad partners beside good ones. */
export const isolation: Scenario = {
  name: 'isolation',
  about:
    '20 healthy partners with and without 25 bad ones (refusing, silent, slow), by turns; --rounds N, --minutes M of each part',
  promises: ['P5', 'P3', 'P4'],
  async run(bench) {
    const { quick } = bench.options;
    const healthyCount = bench.options.partners ?? (quick ? 8 : 20);
    const badCount = quick ? 10 : 25;
    const rounds = bench.options.rounds ?? (quick ? 2 : 3);
    const partMs = (bench.options.minutes ?? (quick ? 0.06 : 0.75)) * 60_000;
    const scene = await Scene.lay(bench, { partners: healthyCount + badCount, driver: { rate: 50 } });
    const healthy = scene.partners.slice(0, healthyCount);
    const bad = scene.partners.slice(healthyCount);
    for (const [index, partner] of bad.entries()) {
      // Of five, two refuse, two accept and never answer, one answers after 9 s.
      if (index % 5 < 2) await partner.emsp.die();
      else await partner.setFaults(index % 5 < 4 ? 'hang' : 'slow=9000');
    }
    const ids = new Map((await scene.cluster.admin.partners()).map(({ name, id }) => [name, id]));
    const pushToBad = async (push: boolean): Promise<void> => {
      for (const { name } of bad)
        await scene.cluster.admin.done('PATCH', `/api/partners/${ids.get(name)}`, { switches: { push } });
    };
    const meter = new LagMeter(scene.driver, healthy);
    const measured: Record<'alone' | 'beside', { p50: number; p95: number; p99: number }[]> = { alone: [], beside: [] };
    for (let round = 0; round < rounds; round++) {
      for (const part of ['alone', 'beside'] as const) {
        await pushToBad(part === 'beside');
        scene.driver.resume();
        await delay(partMs / 4);
        meter.start();
        await delay(partMs);
        await scene.driver.pause();
        await scene.converged(healthy);
        const lags = meter.stop().map(({ ms }) => ms);
        measured[part].push({ p50: percentile(lags, 0.5), p95: percentile(lags, 0.95), p99: percentile(lags, 0.99) });
        bench.say(`${part}: ${JSON.stringify(measured[part].at(-1))}, ${lags.length} receipts`);
      }
    }
    const of = (part: 'alone' | 'beside', share: 'p50' | 'p95' | 'p99'): number =>
      median(measured[part].map((one) => one[share]));
    for (const share of ['p50', 'p95', 'p99'] as const) {
      bench.figure('P5', `ack to receipt without bad partners, ${share}`, of('alone', share), undefined, 'ms');
      bench.figure(
        'P5',
        `ack to receipt beside ${badCount} bad partners, ${share}`,
        of('beside', share),
        share === 'p99' ? { at_most: 1_000 } : undefined,
        'ms',
      );
    }
    // A short run has too few receipts for the ratio of its slowest hundredth.
    bench.figure(
      'P5',
      'p99 beside bad partners, of p99 without them',
      of('beside', 'p99') / of('alone', 'p99'),
      quick ? undefined : { at_most: 1.25 },
      '×',
    );
    bench.figure('P3', 'healthy partners equal', await scene.converged(healthy), { at_most: 5_000 }, 'ms');
    for (const partner of bad) await partner.setFaults();
    bench.figure('P3', 'bad partners equal after they are well', await scene.converged(bad), { at_most: 60_000 }, 'ms');
    await scene.finish();
    const names = scene.partners.map(({ name }) => name);
    bench.charge({ journal: { promise: 'P1', acksAtLeast: 100 }, copies: names, order: names });
  },
};
