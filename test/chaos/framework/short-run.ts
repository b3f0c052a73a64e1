import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { report } from '../../support/e2e/report.js';
import { scenarioOf } from '../scenarios/index.js';
import { tableOf } from '../verdict/table.js';
import { defaultOptions, type Options } from './bench.js';
import { runScenario } from './run-scenario.js';

/** Runs the short version of a scenario. @throws Error with the table if something does not hold; the files then stay */
export async function shortRun(name: string, options: Partial<Options> = {}): Promise<void> {
  const folder = mkdtempSync(path.join(os.tmpdir(), `roamhub-chaos-${name}-`));
  const said: string[] = [];
  const startedAt = performance.now();
  const seed = process.env.ROAMHUB_TEST_SEED ?? defaultOptions.seed;
  const verdict = await runScenario(
    scenarioOf(name),
    { ...defaultOptions, seed, ...options, quick: true },
    folder,
    (text) => said.push(text),
  ).catch((error: unknown) => {
    throw new Error(`${name} broke off; its files are in ${folder}\n${said.join('\n')}`, { cause: error });
  });
  if (!verdict.holds) throw new Error(`${said.join('\n')}\n${tableOf(verdict)}The files are in ${folder}`);
  const judged = verdict.lines.filter(({ holds }) => holds !== undefined).length;
  report(`${name}: ${judged} figures hold (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`);
  rmSync(folder, { recursive: true, force: true });
}
