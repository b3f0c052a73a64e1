import { startFloor } from '../floors/floor.js';
import type { Benchmark } from '../harness/benchmark.js';
import { absoluteFigure, median, rounded } from '../harness/figure.js';
import { pairedRounds } from '../harness/paired-rounds.js';

/** From the start of the process to the first good answer of /ready. */
export const start: Benchmark = {
  name: 'start',
  about: 'time until the hub is ready, with the whole data set stored',
  async *run({ program, workspace, rounds, stored }) {
    const storedHub = await stored();
    const pairs = await pairedRounds(
      rounds,
      async () => {
        const hub = await storedHub.start(program, workspace);
        await hub.kill();
        return hub.startedInMs;
      },
      async () => {
        const startedAt = performance.now();
        const floor = await startFloor('same-bytes', []);
        const elapsed = performance.now() - startedAt;
        await floor.process.stop();
        return elapsed;
      },
    );
    const times = pairs.map(({ measured }) => measured);
    yield absoluteFigure('start', 'ready', { at_most: 3000 }, 'ms', times, {
      bare_node_http_ms: rounded(median(pairs.map(({ floor }) => floor))),
    });
  },
};
