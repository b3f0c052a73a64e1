import type { Scenario } from '../framework/bench.js';
import { evsesOf } from '../framework/evses.js';
import { Scene } from '../framework/scene.js';

const updates = 1_000;

/** Many changes of one EVSE while a partner is away. */
export const burst: Scenario = {
  name: 'burst',
  about: '1,000 updates of one EVSE while a partner is down',
  promises: ['P6', 'P3'],
  async run(bench) {
    const scene = await Scene.lay(bench, { locations: 30, partners: 2 });
    const [, away] = scene.partners;
    const [entry] = scene.cpo.catalogue.list('locations');
    if (!away || !entry) throw new Error('nobody to tell, or nothing');
    const [uid = ''] = evsesOf(entry.text);
    let stamp = Date.now() - updates - 10;
    const update = async (): Promise<void> => {
      const last_updated = new Date(++stamp).toISOString();
      const fields = { status: stamp % 2 === 0 ? 'CHARGING' : 'AVAILABLE', last_updated };
      const { status, body } = await scene.patch({ entry, uid, fields });
      if (status >= 300 || body.status_code !== 1000)
        throw new Error(`not acknowledged: ${status}/${body.status_code}`);
    };
    await away.emsp.die();
    await update();
    await scene.quietBut(away);
    const rows = await scene.rows();
    for (let n = 0; n < updates; n++) await update();
    await scene.converged([scene.partner(0)]);
    await scene.quietBut(away);
    bench.figure('P6', 'rows in the database that the updates left behind', (await scene.rows()) - rows, {
      at_most: 0,
    });
    const before = away.recorder.pushes;
    let last = '';
    away.recorder.onPush = ({ u }) => {
      last = u;
    };
    await away.emsp.revive();
    bench.figure(
      'P3',
      'the partner equal after it came back',
      await scene.converged([away]),
      { at_most: 60_000 },
      'ms',
    );
    await scene.quiet();
    bench.figure('P6', `pushes to it for ${updates} updates`, away.recorder.pushes - before, { at_most: 3 });
    const isNewest = Date.parse(last) === stamp;
    bench.figure('P6', 'the last one is the newest', isNewest ? 1 : 0, { equals: 1 });
    await scene.finish();
    const names = scene.partners.map(({ name }) => name);
    bench.charge({ copies: names, order: names });
  },
};
