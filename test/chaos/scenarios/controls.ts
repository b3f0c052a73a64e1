import { copyOf, forgeries } from '../controls/forgeries.js';
import { honest, honestCommands, mutants } from '../controls/mutants.js';
import { Bench, type Scenario } from '../framework/bench.js';
import { RunFolder } from '../framework/run-folder.js';
import { judge, type Verdict } from '../verdict/verdict.js';

/** Shows that the verdict can fail: a checker that never fails proves nothing. */
export const controls: Scenario = {
  name: 'controls',
  about: 'mutants and forged files that the verdict must find',
  promises: ['P1', 'P3', 'P4', 'P7', 'P10', 'P19'],
  async run(bench) {
    let number = 0;
    const folder = (): RunFolder => RunFolder.create(bench.run.file(`control-${++number}`));
    const attempt = async (run: (bench: Bench) => Promise<void>): Promise<{ run: RunFolder; verdict: Verdict }> => {
      const own = new Bench(folder(), { ...bench.options, stack: 'sqlite', nodes: 1 }, () => undefined);
      try {
        await run(own);
      } finally {
        await own.close();
      }
      return { run: own.run, verdict: await judge(own.run) };
    };
    const found = (name: string, promise: string, { lines }: Verdict): void => {
      const broken = lines.filter(({ holds }) => holds === false);
      const isFound = broken.some((line) => line.promise === promise);
      const detail = broken.map((line) => `${line.promise} ${line.what}: ${line.measured}`).join('; ');
      bench.figure(promise, `must be found: ${name}`, isFound ? 1 : 0, { equals: 1 }, '', detail);
    };

    const nothingIn = (what: string, { lines, holds }: Verdict): void => {
      const wrong = lines.filter((line) => line.holds === false);
      const detail = wrong.map(
        ({ promise, what, measured, examples }) => `${promise} ${what}: ${measured} ${examples[0]}`,
      );
      bench.figure('', `nothing is found in ${what}`, holds ? 1 : 0, { equals: 1 }, '', detail.join('; '));
    };

    const clean = await attempt(honest);
    nothingIn('an honest run', clean.verdict);
    nothingIn('an honest run of commands', (await attempt(honestCommands)).verdict);
    for (const { name, promise, forge } of forgeries) {
      const forged = copyOf(clean.run, folder());
      forge(forged);
      found(name, promise, await judge(forged));
    }
    for (const { name, promise, run } of mutants) found(name, promise, (await attempt(run)).verdict);
  },
};
