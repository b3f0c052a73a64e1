import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type CpoSimulator, type EmspSimulator, parseFault } from '../../src/simulator/index.js';
import type { CatalogueEntry, OwnedModule } from '../../src/simulator/sender/catalogue.js';
import type { PullView } from '../support/e2e/admin.js';
import { Canary } from '../support/e2e/canary.js';
import { report, until, World } from '../support/e2e/index.js';

const locations = 40;

describe('pulls from partners of all kinds', () => {
  let world: World;
  let emsp: EmspSimulator;
  let canary: Canary;
  /** A platform that takes our token only some time after the exchange. */
  let unready: CpoSimulator;

  beforeAll(async () => {
    world = await World.start();
    canary = await Canary.listen();
    emsp = await world.emsp('NL/EM1');
    await world.join(emsp);
    unready = await joined('DE/CP9', 'status=401');
  });

  afterAll(async () => {
    await canary.close();
    await world.close();
  });

  /** A CPO whose lists lie, registered; the hub pulls it by itself. */
  const joined = async (party: string, ...faults: string[]): Promise<CpoSimulator> => {
    const cpo = await world.cpo(party, { pageLimit: 10 });
    cpo.generate(locations);
    await cpo.setFaults(faults.map((fault) => parseFault(fault)));
    await world.join(cpo);
    return cpo;
  };

  /** The pull of Locations, once that of Tariffs is over, too. */
  const ended = (cpo: CpoSimulator, since = 0, deadlineMs = 20_000): Promise<PullView> =>
    until(
      `the pull of ${cpo.name} has ended`,
      async () => {
        const pulls = await world.hub.admin.pulls(cpo.name);
        const isOver = (pull: PullView): boolean =>
          pull.ended_at !== null && Date.parse(pull.started_at ?? '') >= since;
        return pulls.length === 2 && pulls.every(isOver) && pulls.find(({ module }) => module === 'locations');
      },
      { deadlineMs },
    );

  const pulledAgain = async (cpo: CpoSimulator, full = true): Promise<PullView> => {
    const since = Date.now();
    await world.hub.admin.pull(cpo.name, full);
    return ended(cpo, since);
  };

  /** Takes an object out of a platform's lists, as if its owner had deleted it. */
  const vanish = (cpo: CpoSimulator, module: OwnedModule): CatalogueEntry => {
    const [entry] = cpo.catalogue.list(module);
    if (!entry) throw new Error('nothing to take out');
    for (const list of [cpo.catalogue.list(module), cpo.catalogue.list(module, entry.owner)])
      (list as CatalogueEntry[]).splice(list.indexOf(entry), 1);
    return entry;
  };

  it('reads everything of an honest one', async () => {
    const cpo = await joined('DE/CP0');
    expect(await ended(cpo)).toMatchObject({ state: 'complete', full: true, pages: 4, stored: locations, refused: 0 });
    expect(await cpo.verify()).toMatchObject({ different: 0, missing: 0, failed: 0 });
  });

  it.each(['wrong-total=1000000000', 'wrong-total=3'])('does not believe %s', async (fault) => {
    const cpo = await joined(fault.endsWith('3') ? 'DE/CP2' : 'DE/CP1', fault);
    expect(await ended(cpo)).toMatchObject({ state: 'complete', stored: locations });
    expect(await cpo.verify()).toMatchObject({ different: 0, missing: 0, failed: 0 });
  });

  it('keeps the good objects of a page with a bad one, and says so', async () => {
    const cpo = await joined('DE/CP3', 'bad-object');
    expect(await ended(cpo)).toMatchObject({ state: 'complete', stored: locations, refused: 4 });
    expect(await cpo.verify()).toMatchObject({ different: 0, missing: 0, failed: 0 });
  });

  it('follows no link to another host (T9)', async () => {
    const cpo = await joined('DE/CP4', `foreign-link=${canary.url}`);
    const pull = await ended(cpo);
    expect(pull).toMatchObject({ state: 'stopped', pages: 1, stored: 10 });
    expect(pull.detail).toMatch(/link/i);
    expect(canary.connections).toBe(0);
  });

  it('does not go back', async () => {
    const cpo = await joined('DE/CP5', 'falling-offset');
    expect(await ended(cpo)).toMatchObject({ state: 'stopped', pages: 2, stored: 20 });
  });

  it('comes to the end of a list that has none', async () => {
    const cpo = await joined('DE/CP6', 'endless-link');
    const pull = await ended(cpo, 0, 60_000);
    report(`endless list: ${pull.pages} pages, ${pull.state}, ${pull.detail}`);
    expect(pull).toMatchObject({ state: 'stopped', stored: locations });
    expect(pull.pages).toBeLessThan(1_000);
    expect(await cpo.verify()).toMatchObject({ different: 0, missing: 0, failed: 0 });
  });

  it('comes back soon to one that was not ready right after its registration', async () => {
    expect(unready.faults.hits.status).toBeGreaterThan(0);
    await unready.setFaults([]);
    await until('it was pulled again', async () => (await ended(unready)).state === 'complete', { deadlineMs: 40_000 });
    // Each module has a pull of its own.
    await until('everything is there', async () => (await unready.verify()).missing === 0, { deadlineMs: 40_000 });
    expect(await unready.verify()).toMatchObject({ different: 0, missing: 0, failed: 0 });
  });

  it('tells eMSPs all of it, and nothing that it refused', async () => {
    await world.converged([emsp]);
    expect(emsp.receiver.badBodies).toEqual({});
    expect(emsp.receiver.copy()?.locations.size).toBe(6 * locations + 10 + 20);
  });

  it('takes out what a complete list shows no more, and what a filtered one leaves out stays', async () => {
    const cpo = await joined('FR/CP7');
    await ended(cpo);
    await world.converged([emsp]);
    const tariff = vanish(cpo, 'tariffs');
    const location = vanish(cpo, 'locations');
    const keys = [tariff, location].map((entry) => cpo.catalogue.keyOf(entry));
    const listed = async (): Promise<boolean[]> => {
      const [tariffs, all] = [await world.list(emsp, 'tariffs'), await world.list(emsp)];
      return keys.map((key) => [...tariffs.texts.keys(), ...all.texts.keys()].includes(key.replace(/^\w+\//, '')));
    };
    expect(await pulledAgain(cpo, false)).toMatchObject({ state: 'complete', full: false });
    expect(await listed()).toEqual([true, true]);
    const deletes = emsp.receiver.receipts.delete;
    expect(await pulledAgain(cpo)).toMatchObject({ state: 'complete', full: true });
    expect(await listed()).toEqual([false, false]);
    await until('the eMSP is told of the Tariff', () => emsp.object(keys[0] ?? '') === undefined);
    // OCPI has no DELETE of a Location (L-06).
    expect(emsp.receiver.receipts.delete).toBe(deletes + 1);
  });

  it('goes on after a crash where it was, with its progress in sight', async () => {
    const cpo = await world.cpo('FR/CP8', { pageLimit: 5 });
    cpo.generate(locations);
    await cpo.setFaults([parseFault('slow=300')]);
    await world.join(cpo);
    const middle = await until('the crawl is under way', async () => {
      const pulls = await world.hub.admin.pulls(cpo.name);
      return pulls.find(({ module, pages, state }) => module === 'locations' && pages >= 3 && state === 'running');
    });
    expect(middle.objects).toBeGreaterThanOrEqual(15);
    await world.hub.kill();
    const { pages } = (cpo.state() as { served: { pages: number } }).served;
    await world.hub.start();
    const pull = await ended(cpo);
    const again = (cpo.state() as { served: { pages: number } }).served.pages - pages;
    report(`interrupted at page ${middle.pages} of 8, ${again} pages read after the restart`);
    expect(pull).toMatchObject({ state: 'complete', started_at: middle.started_at });
    expect(await cpo.verify()).toMatchObject({ different: 0, missing: 0, failed: 0 });
    // The rest of this list, the page that was under way, and perhaps one list of Tariffs.
    expect(again).toBeLessThanOrEqual(8 - 3 + 2);
  });
});
