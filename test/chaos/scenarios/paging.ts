import { crawl } from '../../../src/simulator/receiver/crawl.js';
import type { Scenario } from '../framework/bench.js';
import { Scene } from '../framework/scene.js';

/** Lists that are read page by page while their objects change. */
export const paging: Scenario = {
  name: 'paging',
  about: 'lists read with limit 1, 10 and 100, again and again, while 50 updates/s run; --minutes M',
  promises: ['P20'],
  async run(bench) {
    const { quick } = bench.options;
    const forMs = (bench.options.minutes ?? (quick ? 0.03 : 1)) * 60_000;
    const scene = await Scene.lay(bench, {
      locations: quick ? 150 : 1_000,
      partners: 1,
      driver: { rate: 50, writers: 16 },
    });
    const { emsp } = scene.partner(0);
    const [from] = emsp.parties;
    const endpoint = emsp.link.endpoint('locations', 'SENDER') ?? '';
    const to = emsp.link.peer?.roles.find((role) => role.role === 'HUB');
    if (!from) throw new Error('nobody to read');
    const present = await scene.list();
    await scene.driver.begun();
    const until = performance.now() + forMs;
    const missed: string[] = [];
    let pages = 0;
    let twice = 0;
    while (performance.now() < until) {
      for (const limit of [1, 10, 100]) {
        const seen = new Set<string>();
        const read = await crawl(emsp.client, endpoint, { module: 'locations', from, to, limit }, ({ key }) => {
          if (seen.has(key)) twice += 1;
          seen.add(key);
        });
        pages += read.pages;
        if (read.problem !== undefined) missed.push(read.problem);
        for (const key of present.keys()) if (!seen.has(key.replace('locations/', ''))) missed.push(`${limit}: ${key}`);
      }
    }
    await scene.driver.pause();
    bench.figure(
      'P20',
      'objects that were there throughout and were not seen',
      missed.length,
      { equals: 0 },
      '',
      missed.slice(0, 5).join(' '),
    );
    bench.figure('P20', 'objects that were seen twice', twice);
    bench.figure('P20', 'pages read', pages, { at_least: present.size });
    bench.figure('P20', 'writes meanwhile', scene.driver.acks, { at_least: 5 });
    await scene.checkpoint();
    bench.charge({ journal: { promise: 'P1', acksAtLeast: 5 } });
  },
};
