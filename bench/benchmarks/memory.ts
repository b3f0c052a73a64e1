import { generator } from '../data/invented-locations.js';
import { pageRequest } from '../data/requests.js';
import { statusUpdates } from '../data/status-updates.js';
import type { Benchmark } from '../harness/benchmark.js';
import { absoluteFigure } from '../harness/figure.js';
import { requestBytes } from '../load/load-client.js';

const goal = { at_most: 350 };

/** Memory of a hub that holds the whole data set, idle and at work. */
export const memory: Benchmark = {
  name: 'memory',
  about: 'resident memory with the whole data set stored',
  async *run({ program, workspace, load, stored }) {
    const storedHub = await stored();
    const { access, locations } = storedHub;
    const hub = await storedHub.start(program, workspace);
    yield absoluteFigure('memory', 'started', goal, 'MiB', [hub.process.memory().now]);
    // All pages, plain and compressed, by 16 partners at once.
    const offsets = Array.from({ length: Math.ceil(locations.length / 50) }, (_, index) => index * 50);
    const requests = offsets.flatMap((offset) => [
      pageRequest(access, offset),
      pageRequest(access, offset, { 'Accept-Encoding': 'gzip' }),
      pageRequest(access, offset, { 'Accept-Encoding': 'gzip' }),
    ]);
    await load.run({ port: hub.port, connections: 16, count: 3 * requests.length, ...requestBytes(requests) });
    const crawled = hub.process.memory();
    yield absoluteFigure('memory', 'after_crawls', goal, 'MiB', [crawled.now], { peak_mib: Math.round(crawled.peak) });
    const update = statusUpdates(storedHub, generator(3));
    const patches = Array.from({ length: 50_000 }, () => update(new Date().toISOString()));
    await load.run({ port: hub.port, connections: 64, count: patches.length, ...requestBytes(patches) });
    const changed = hub.process.memory();
    yield absoluteFigure('memory', 'after_changes', goal, 'MiB', [changed.now], { peak_mib: Math.round(changed.peak) });
    await hub.kill();
  },
};
