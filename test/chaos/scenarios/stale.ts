import http from 'node:http';
import { membersAt, stringMember } from '../../../src/simulator/wire/json-scan.js';
import { partOf } from '../../../src/simulator/wire/merge.js';
import { callHttp } from '../../support/hub/http-call.js';
import type { Scenario } from '../framework/bench.js';
import { evsesOf } from '../framework/evses.js';
import { Scene } from '../framework/scene.js';

const parallel = 200;

/** Many changes of one EVSE at once, in any order and at every node. */
export const stale: Scenario = {
  name: 'stale',
  about: '200 shuffled parallel PATCHes of one EVSE, some with equal stamps; --rounds N',
  promises: ['P16', 'P3'],
  async run(bench) {
    const { random } = bench;
    const rounds = bench.options.rounds ?? (bench.options.quick ? 8 : 100);
    const scene = await Scene.lay(bench, { locations: 20, partners: 2 });
    const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
    bench.own(() => agent.destroy());
    const ignoredBefore = await staleIgnored(scene);
    const entries = scene.cpo.catalogue.list('locations');
    let stamp = Date.now() - rounds * parallel - 60_000;
    let wrong = 0;
    let refused = 0;
    let split = 0;
    for (let round = 0; round < rounds; round++) {
      const entry = random.pick(entries);
      const uid = random.pick(evsesOf(entry.text));
      // One in ten has the stamp of the one before.
      const stamps = Array.from({ length: parallel }, () => (random.chance(0.1) ? stamp : ++stamp));
      const changes = stamps.map((ms, n) => ({ n, last_updated: new Date(ms).toISOString() }));
      const newest = changes.filter(({ last_updated }) => last_updated === changes.at(-1)?.last_updated);
      shuffle(changes, () => random.next());
      const origins = scene.cluster.origins();
      const answers = await Promise.all(
        changes.map(({ n, last_updated }, index) =>
          scene.patch(
            { entry, uid, fields: { x_mark: `${round}/${n}`, last_updated }, agent },
            origins[index % origins.length],
          ),
        ),
      );
      refused += answers.filter(({ status, body }) => status >= 300 || body.status_code !== 1000).length;
      const stored = (await scene.list()).get(scene.cpo.catalogue.keyOf(entry)) ?? '';
      const evse = partOf(stored, [uid]) ?? '';
      const members = membersAt(evse, 0) ?? [];
      if (stringMember(evse, members, 'last_updated') !== newest[0]?.last_updated) wrong += 1;
      // Of several newest ones any may win, but wholly.
      if (!newest.some(({ n }) => stringMember(evse, members, 'x_mark') === `${round}/${n}`)) split += 1;
    }
    bench.figure('P16', `PATCHes of ${rounds * parallel} that were not acknowledged`, refused, { equals: 0 });
    bench.figure('P16', 'rounds that did not end with the greatest last_updated', wrong, { equals: 0 });
    bench.figure('P16', 'rounds in which another one won', split, { equals: 0 });
    bench.figure(
      'P16',
      'older ones that were acknowledged and not applied',
      (await staleIgnored(scene)) - ignoredBefore,
      { at_least: rounds },
    );
    bench.figure('P3', 'partners equal after the last round', await scene.converged(), { at_most: 5_000 }, 'ms');
    await scene.finish();
    const names = scene.partners.map(({ name }) => name);
    bench.charge({ copies: names, order: names });
  },
};

async function staleIgnored({ cluster }: Scene): Promise<number> {
  const texts = await Promise.all(
    cluster.nodes.map(
      async ({ admin }) =>
        (
          await callHttp('GET', `${admin.url}/metrics`, {
            headers: { Connection: 'close', Authorization: `Bearer ${admin.token}` },
          })
        ).text,
    ),
  );
  const numbers = texts.flatMap((text) => [...text.matchAll(/^roamhub_stale_ignored_total(?:\{[^}]*\})? (\d+)/gm)]);
  return numbers.reduce((sum, [, number]) => sum + Number(number), 0);
}

function shuffle<T>(items: T[], random: () => number): void {
  for (let index = items.length - 1; index > 0; index--) {
    const other = Math.floor(random() * (index + 1));
    const [one, two] = [items[index], items[other]];
    if (one !== undefined && two !== undefined) [items[index], items[other]] = [two, one];
  }
}
