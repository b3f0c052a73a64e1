import path from 'node:path';
import { parseArgs } from 'node:util';
import { evBrowse } from './benchmarks/ev-browse.js';
import { evExport } from './benchmarks/ev-export.js';
import { evLookup } from './benchmarks/ev-lookup.js';
import { evMemory } from './benchmarks/ev-memory.js';
import { evPredictions } from './benchmarks/ev-predictions.js';
import { evStream } from './benchmarks/ev-stream.js';
import { fanout } from './benchmarks/fanout.js';
import { flat } from './benchmarks/flat.js';
import { forward } from './benchmarks/forward.js';
import { isolation } from './benchmarks/isolation.js';
import { latency } from './benchmarks/latency.js';
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
import { openPostgresStack } from './stacks/postgres-stack.js';
import { embeddedStack, type Stack, type StackName } from './stacks/stack.js';

/** In the order in which they run. */
const benchmarks: readonly Benchmark[] = [
  page,
  patch,
  put,
  forward,
  load,
  memory,
  start,
  fanout,
  flat,
  latency,
  isolation,
  evBrowse,
  evExport,
  evLookup,
  evMemory,
  evPredictions,
  evStream,
];

const say = (text: string): void => console.error(`bench: ${text}`);

const stackNames: readonly StackName[] = ['sqlite', 'postgres'];

interface Wishes {
  readonly program: string;
  readonly rounds: number;
  readonly window: number;
  readonly strict: boolean;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      clean: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      strict: { type: 'boolean', default: false },
      rounds: { type: 'string', default: '5' },
      window: { type: 'string', default: '20' },
      stack: { type: 'string', default: 'sqlite' },
      hub: { type: 'string', default: 'dist/main.js' },
    },
  });
  if (values.list) for (const { name, about } of benchmarks) console.log(`${name}\t${about}`);
  if (values.clean) Workspace.clean();
  if (values.list || (values.clean && positionals.length === 0)) return 0;
  const rounds = Number(values.rounds);
  const window = Number(values.window);
  const stackName = stackNames.find((name) => name === values.stack);
  const able = benchmarks.filter(({ stacks = ['sqlite'] }) => stackName !== undefined && stacks.includes(stackName));
  const unknown = positionals.filter((name) => !able.some((benchmark) => benchmark.name === name));
  if (!stackName) return refused(`--stack wants ${stackNames.join(' or ')}`);
  if (unknown.length > 0) return refused(`there is no benchmark ${unknown.join(', ')} on ${stackName}; see --list`);
  if (!Number.isInteger(rounds) || rounds < 1) return refused('--rounds wants a number');
  if (!(window > 0)) return refused('--window wants a number of seconds');
  const chosen = able.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  const stack = stackName === 'sqlite' ? embeddedStack : await openPostgresStack(say);
  try {
    return await measure(chosen, stack, { program: path.resolve(values.hub), rounds, window, strict: values.strict });
  } finally {
    await stack.close();
  }
}

function refused(why: string): number {
  say(why);
  return 2;
}

async function measure(
  chosen: readonly Benchmark[],
  stack: Stack,
  { program, rounds, window, strict }: Wishes,
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
  const context: BenchContext = { program, rounds, window, stack, workspace, load, locations, stored, say };
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
