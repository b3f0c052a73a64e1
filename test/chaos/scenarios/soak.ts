import { setTimeout as delay } from 'node:timers/promises';
import { callHttp } from '../../support/hub/http-call.js';
import type { Scenario } from '../framework/bench.js';
import { openFiles, residentBytes } from '../framework/process-figures.js';
import { Scene } from '../framework/scene.js';
import { percentile, slope } from '../framework/statistics.js';

interface Sample {
  readonly node: number;
  readonly minutes: number;
  readonly megabytes: number;
  readonly files: number;
  readonly loopMs: number;
}

/** A long run with a few faults. */
export const soak: Scenario = {
  name: 'soak',
  about:
    '50 updates/s to 10 partners with 5 % faults, one restart of Redis and PostgreSQL where there are any; --minutes M',
  promises: ['P14', 'P1', 'P3', 'P4'],
  async run(bench) {
    const { quick, stack } = bench.options;
    const minutes = bench.options.minutes ?? (quick ? 0.25 : 60);
    const count = bench.options.partners ?? (quick ? 4 : 10);
    const scene = await Scene.lay(bench, {
      partners: count,
      driver: { rate: 50, refusalsAreFinal: stack === 'sqlite' },
    });
    for (const partner of scene.partners) await partner.setFaults('error500@0.03', 'reset@0.01', 'slow=300@0.01');
    scene.driver.resume();
    const samples: Sample[] = [];
    const startedAt = performance.now();
    const now = (): number => (performance.now() - startedAt) / 60_000;
    const everyMs = quick ? 1_000 : 10_000;
    let restarted = false;
    while (now() < minutes) {
      await delay(everyMs);
      for (const [node, { pid, admin }] of scene.cluster.nodes.entries()) {
        const { text } = await callHttp('GET', `${admin.url}/metrics`, {
          headers: { Connection: 'close', Authorization: `Bearer ${admin.token}` },
        });
        const loop = /^nodejs_eventloop_lag_p99_seconds (\S+)/m.exec(text)?.[1];
        const megabytes = residentBytes(pid) / 2 ** 20;
        samples.push({ node, minutes: now(), megabytes, files: openFiles(pid), loopMs: Number(loop) * 1000 });
      }
      if (stack === 'postgres' && !restarted && now() > minutes / 2) {
        restarted = true;
        bench.say('Redis and PostgreSQL are restarted');
        for (const server of [await bench.redis(), await bench.postgres()]) {
          await ('stopAtOnce' in server ? server.stopAtOnce() : server.kill());
          await server.start();
        }
      }
    }
    await scene.driver.pause();
    bench.run.writeLines('samples.ndjson', samples);
    // The first sixth is warming up: ten minutes of an hour.
    const steady = samples.filter((sample) => sample.minutes > minutes / 6);
    const perNode = scene.cluster.nodes.map((_hub, node) => steady.filter((sample) => sample.node === node));
    const rise = Math.max(...perNode.map((own) => slope(own.map(({ minutes: x, megabytes: y }) => ({ x, y })))));
    const spread = Math.max(
      ...perNode.map((own) => Math.max(...own.map(({ files }) => files)) - Math.min(...own.map(({ files }) => files))),
    );
    bench.figure(
      'P14',
      `growth of memory over ${minutes} minutes, most of any node`,
      rise,
      quick ? undefined : { at_most: 1 },
      'MiB/min',
    );
    bench.figure('P14', 'most memory', Math.max(...steady.map(({ megabytes }) => megabytes)), undefined, 'MiB');
    bench.figure('P14', 'open files, most above fewest', spread, quick ? undefined : { at_most: 20 });
    bench.figure(
      'P14',
      'event loop delay, p99 as the hub tells it, 99th of samples',
      percentile(
        steady.map(({ loopMs }) => loopMs),
        0.99,
      ),
      { at_most: 100 },
      'ms',
    );
    for (const partner of scene.partners) await partner.setFaults();
    bench.figure('P3', 'partners equal after their faults ended', await scene.converged(), { at_most: 60_000 }, 'ms');
    await scene.quiet();
    await scene.finish();
    const names = scene.partners.map(({ name }) => name);
    bench.charge({
      journal: { promise: stack === 'sqlite' ? 'P1' : 'P2', acksAtLeast: minutes * 60 * 20 },
      copies: names,
      order: names,
      overlaps: names,
    });
  },
};
