import path from 'node:path';
import { parseArgs } from 'node:util';
import { load } from './benchmarks/load.js';
import { memory } from './benchmarks/memory.js';
import { page } from './benchmarks/page.js';
import { patch } from './benchmarks/patch.js';
import { put } from './benchmarks/put.js';
import { start } from './benchmarks/start.js';
import type { LocationSet } from './data/location-set.js';
import { openLocations } from './data/open-locations.js';
import { openStoredHub, type StoredHub } from './data/stored-hub.js';
import type { BenchContext, Benchmark } from './harness/benchmark.js';
import { Workspace } from './harness/workspace.js';
import { LoadClient } from './load/load-client.js';

/** In the order in which they run. */
const benchmarks: readonly Benchmark[] = [page, patch, put, load, memory, start];

const say = (text: string): void => console.error(`bench: ${text}`);

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      clean: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      strict: { type: 'boolean', default: false },
      rounds: { type: 'string', default: '5' },
      hub: { type: 'string', default: 'dist/main.js' },
    },
  });
  if (values.list) for (const { name, about } of benchmarks) console.log(`${name}\t${about}`);
  if (values.clean) Workspace.clean();
  if (values.list || (values.clean && positionals.length === 0)) return 0;
  const unknown = positionals.filter((name) => !benchmarks.some((benchmark) => benchmark.name === name));
  const rounds = Number(values.rounds);
  if (unknown.length > 0 || !Number.isInteger(rounds) || rounds < 1) {
    say(unknown.length > 0 ? `there is no benchmark ${unknown.join(', ')}; see --list` : '--rounds wants a number');
    return 2;
  }
  const chosen = benchmarks.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  return measure(chosen, path.resolve(values.hub), rounds, values.strict);
}

async function measure(
  chosen: readonly Benchmark[],
  program: string,
  rounds: number,
  strict: boolean,
): Promise<number> {
  const workspace = new Workspace();
  process.on('exit', () => workspace.close());
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      say(`ended by ${signal}`);
      process.exit(130);
    });
  const load = new LoadClient();
  let set: Promise<LocationSet> | undefined;
  let hub: Promise<StoredHub> | undefined;
  const locations = (): Promise<LocationSet> => {
    set ??= openLocations(workspace, say);
    return set;
  };
  const stored = (): Promise<StoredHub> => {
    hub ??= locations().then((opened) => openStoredHub(program, opened, workspace, say));
    return hub;
  };
  const context: BenchContext = { program, rounds, workspace, load, locations, stored, say };
  let missed = 0;
  for (const benchmark of chosen) {
    say(`${benchmark.name}: ${benchmark.about}`);
    for await (const figure of benchmark.run(context)) {
      if (figure.met === false) missed++;
      console.log(JSON.stringify(figure));
    }
  }
  await load.close();
  if (missed > 0) say(`${missed} goals were missed`);
  return strict && missed > 0 ? 1 : 0;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    say(error instanceof Error ? (error.stack ?? error.message) : String(error));
    process.exit(1);
  },
);
