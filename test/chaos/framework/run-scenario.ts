import { judge, type Verdict } from '../verdict/verdict.js';
import { Bench, type Options, type Scenario } from './bench.js';
import { RunFolder } from './run-folder.js';

/** Runs a scenario with its files in a new folder, and judges it. */
export async function runScenario(
  scenario: Scenario,
  options: Options,
  folder: string,
  say: (text: string) => void,
): Promise<Verdict> {
  const run = RunFolder.create(folder);
  const started = new Date().toISOString();
  run.writeJson('run.json', { scenario: scenario.name, seed: options.seed, options, started });
  const bench = new Bench(run, scenario.postgresOnly ? { ...options, stack: 'postgres' } : options, say);
  bench.charge({});
  try {
    await scenario.run(bench);
  } finally {
    await bench.close();
  }
  const verdict = await judge(run);
  run.writeJson('result.json', { scenario: scenario.name, started, options, ...verdict });
  return verdict;
}
