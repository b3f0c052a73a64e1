import path from 'node:path';
import { parseArgs } from 'node:util';
import { defaultOptions, type Options } from './framework/bench.js';
import { RunFolder } from './framework/run-folder.js';
import { runScenario } from './framework/run-scenario.js';
import { scenarioOf, scenarios } from './scenarios/index.js';
import { tableOf } from './verdict/table.js';
import { judge } from './verdict/verdict.js';

const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
const say = (text: string): void => {
  process.stderr.write(`chaos: ${text}\n`);
};

const usage = `npm run chaos -- SCENARIO [--stack sqlite|postgres] [--nodes N] [--seed S] [--kills N] [--rounds N]
                          [--minutes M] [--partners N] [--commands N] [--quick] [--out FOLDER]
npm run chaos -- verdict FOLDER     judges a run again, from its files
npm run chaos -- --list`;

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      stack: { type: 'string', default: 'sqlite' },
      nodes: { type: 'string' },
      seed: { type: 'string', default: defaultOptions.seed },
      kills: { type: 'string' },
      rounds: { type: 'string' },
      minutes: { type: 'string' },
      partners: { type: 'string' },
      commands: { type: 'string' },
      out: { type: 'string' },
    },
  });
  if (values.list) {
    for (const { name, promises, about } of scenarios) print(`${name}\t${promises.join(' ')}\t${about}`);
    return 0;
  }
  const [name, folder] = positionals;
  if (values.help || name === undefined) {
    print(usage);
    return values.help ? 0 : 2;
  }
  if (name === 'verdict') {
    if (folder === undefined) throw new RangeError('which folder?');
    const verdict = await judge(new RunFolder(path.resolve(folder)));
    print(tableOf(verdict));
    return verdict.holds ? 0 : 1;
  }
  const scenario = scenarioOf(name);
  const stack = scenario.postgresOnly ? 'postgres' : values.stack;
  if (stack !== 'sqlite' && stack !== 'postgres') throw new RangeError('--stack is sqlite or postgres');
  const options: Options = {
    stack,
    nodes: count('nodes', values.nodes) ?? (stack === 'postgres' ? 3 : 1),
    seed: values.seed,
    kills: count('kills', values.kills),
    rounds: count('rounds', values.rounds),
    minutes: count('minutes', values.minutes),
    partners: count('partners', values.partners),
    commands: count('commands', values.commands),
    quick: values.quick,
  };
  if (stack === 'sqlite' && options.nodes > 1) throw new RangeError('SQLite carries one node');
  const stamp = new Date().toISOString().replace(/[-:]|\..*/g, '');
  const out = path.resolve(values.out ?? path.join('data', 'chaos', `${name}-${stack}-${stamp}`));
  say(`${name}: ${scenario.about}; files in ${out}`);
  const verdict = await runScenario(scenario, options, out, say);
  print(tableOf(verdict));
  return verdict.holds ? 0 : 1;
}

function count(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (!(number > 0)) throw new RangeError(`--${name} wants a number`);
  return number;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    say(`ended by ${signal}`);
    process.exit(130);
  });

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    say(
      error instanceof RangeError
        ? `${error.message}\n${usage}`
        : error instanceof Error
          ? (error.stack ?? error.message)
          : String(error),
    );
    process.exit(error instanceof RangeError ? 2 : 1);
  },
);
