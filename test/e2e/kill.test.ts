import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type CpoSimulator, type EmspSimulator, parseFault } from '../../src/simulator/index.js';
import { Random } from '../../src/simulator/random.js';
import { lasting, report, World } from '../support/e2e/index.js';
import { Journal } from '../support/e2e/journal.js';
import { Writers } from '../support/e2e/writers.js';

const seed = process.env.ROAMHUB_TEST_SEED ?? '1';
const kills = Number(process.env.ROAMHUB_TEST_KILLS ?? 15);

describe(`a hub that is killed ${kills} times under eight writers (P1, P3, P4, P7; seed ${seed})`, () => {
  const journal = new Journal();
  const random = new Random(`kills/${seed}`);
  let world: World;
  let cpo: CpoSimulator;
  let emsps: EmspSimulator[];
  /** A partner that fails, breaks connections and dawdles all the while. */
  let shaky: EmspSimulator;
  let writers: Writers;

  beforeAll(async () => {
    world = await World.start();
    cpo = await world.cpo('DE/CP1', { pushOnly: true, seed: 7 });
    cpo.generate(80);
    emsps = [await world.emsp('NL/EM1'), await world.emsp('BE/EM2')];
    shaky = await world.emsp('FR/EM3');
    await world.join(cpo, ...emsps, shaky);
    await cpo.putAll({ concurrency: 8 });
    for (const entry of cpo.catalogue.list('locations'))
      journal.known(cpo.catalogue.keyOf(entry).replace('locations/', ''), entry.text);
    writers = new Writers(cpo, journal, seed);
    await world.converged([...emsps, shaky]);
    await shaky.setFaults(['error500@0.1', 'reset@0.05', 'slow=100@0.2'].map((fault) => parseFault(fault)));
  });

  afterAll(() => world.close());

  it('has something to lose', () => {
    expect(cpo.countEvses()).toBeGreaterThan(200);
  });

  it(
    'loses no acknowledged write',
    async () => {
      const [reader] = emsps;
      if (!reader) throw new Error('no reader');
      const restarts: number[] = [];
      for (let kill = 1; kill <= kills; kill++) {
        writers.start();
        await lasting(random.int(50, 1_500));
        await world.hub.kill();
        await writers.stop();
        // Every third time it dies once more while it starts.
        if (kill % 3 === 0) {
          world.hub.launch();
          await lasting(random.int(50, 700));
          await world.hub.kill();
        }
        restarts.push(await world.hub.start());
        const { texts } = await world.list(reader);
        expect({ kill, breaches: journal.judge(texts) }).toEqual({ kill, breaches: [] });
      }
      expect(writers.refusals).toEqual({});
      expect(journal.count('ok')).toBeGreaterThan(kills * 20);
      report(
        `${kills} kills, ${journal.count('ok')} acks, ${journal.count('unknown')} unknown, restart ${Math.round(Math.max(...restarts))} ms at most`,
      );
    },
    120_000 + kills * 4_000,
  );

  it('brings every partner to its own state, never backwards', async () => {
    const ms = await world.converged(emsps);
    report(`converged ${Math.round(ms)} ms after the last start; ${duplicatesOf(emsps).join(' and ')} duplicates`);
    expect(ms).toBeLessThan(5_000);
    for (const { receiver } of emsps) {
      expect(receiver.receipts.firstRegressions).toEqual([]);
      expect(receiver.badBodies).toEqual({});
    }
  });

  it('brings a shaky partner there too, once it is well (P3, P4)', async () => {
    expect(shaky.faults.hits.reset).toBeGreaterThan(0);
    await shaky.setFaults([]);
    const ms = await world.converged([shaky], 60_000);
    report(`the shaky partner: equal ${Math.round(ms)} ms after its faults ended`);
    expect(shaky.receiver.receipts.firstRegressions).toEqual([]);
  });

  it('repeats 8 pushes per crash and partner at most (P7)', () => {
    // A start that is killed is a crash as well.
    const crashes = kills + Math.floor(kills / 3);
    for (const duplicates of duplicatesOf(emsps)) expect(duplicates).toBeLessThanOrEqual(8 * crashes);
  });
});

const duplicatesOf = (emsps: readonly EmspSimulator[]): number[] =>
  emsps.map(({ receiver }) => receiver.receipts.duplicates);
