import { createReadStream } from 'node:fs';
import path from 'node:path';
import { createGunzip } from 'node:zlib';
import { Command } from 'commander';
import type { Json } from '../admin-client.js';
import { adminCommand, type CliContext, wholeNumber } from '../cli-context.js';
import { CliError, ExitCode } from '../cli-error.js';
import { table } from '../table.js';

/** A call may have 1 MiB; items of one line are put together up to this many characters. */
const batchCharacters = 400_000;
const batchItems = 1_000;

/** `roamhub history …` */
export function historyCommand(context: CliContext): Command {
  const state = adminCommand(context, 'state', 'show how far history is taken in', async ({ client, show }) => {
    const view = (await client.get('/api/ev/history')) as Json;
    show(view, () => historyText(view));
  });
  const take = adminCommand(
    context,
    'import',
    'take in how busy Locations were, for predictions',
    async ({ client, show }, _options, file) => {
      const total = { taken: 0, unknown: 0, ambiguous: 0 };
      const send = async (lines: readonly string[]): Promise<void> => {
        const body = { items: lines.map(itemOf) };
        const counts = (await client.call('POST', '/api/ev/history', body)) as Json;
        for (const name of ['taken', 'unknown', 'ambiguous'] as const) total[name] += Number(counts[name]);
      };
      for await (const lines of batchesOf(path.resolve(context.cwd, file ?? ''))) await send(lines);
      show(
        total,
        () =>
          `${total.taken} Locations taken, ${total.unknown} unknown here, ${total.ambiguous} that several parties have. Predictions follow; \`roamhub history\` shows how far they are.`,
      );
    },
  ).argument('<file>', 'NDJSON, gzipped or not: {"locationId", "occ": {"2026-06-02": [24 × percent or null]}} a line');
  const test = adminCommand<{ readonly days?: number }>(
    context,
    'backtest',
    'predict the newest days of the history from those before, and say how far off that is',
    async ({ client, show }, { days }) => {
      const report = (await client.get('/api/ev/history/backtest', { days })) as Json;
      show(report, () => backtestText(report));
    },
  ).option('--days <days>', 'how many days are predicted; 2 if absent', wholeNumber);
  return new Command('history')
    .description('what predictions are made of')
    .addCommand(state, { isDefault: true })
    .addCommand(take)
    .addCommand(test);
}

function historyText({ ready, waiting, subjects, making }: Json): string {
  const lines = [`Predictions of ${subjects} Locations and connector groups.`];
  if (ready === false) lines.push('The stored Locations are still being read.');
  if (Number(waiting) > 0) lines.push(`${waiting} parts of imports wait to be taken in.`);
  if (making === true) lines.push('Predictions are being made anew.');
  return lines.join('\n');
}

function backtestText(report: Json): string {
  if (report.from === null) return 'There is not enough history yet.';
  const rows = (['model', 'last_value', 'mean_by_hour'] as const).map((name) => ({ name, ...(report[name] as Json) }));
  const digits = (value: unknown): string => Number(value).toFixed(4);
  return [
    `${report.observations} hours from ${report.from} to ${report.to} at ${report.places} Locations, predicted from the days before:`,
    '',
    table(rows as readonly Json[], [
      { title: 'BY', value: ({ name }) => String(name).replaceAll('_', ' ') },
      { title: 'BRIER SCORE', value: ({ brier }) => digits(brier), align: 'right' },
      { title: 'MEAN ABSOLUTE ERROR', value: ({ mae }) => digits(mae), align: 'right' },
    ]),
  ].join('\n');
}

/** Lines of a file in batches that fit into one call. */
async function* batchesOf(file: string): AsyncGenerator<readonly string[]> {
  let [lines, size]: [string[], number] = [[], 0];
  for await (const line of linesOf(file)) {
    if (line.trim() === '') continue;
    if (lines.length > 0 && (size + line.length > batchCharacters || lines.length === batchItems)) {
      yield lines;
      [lines, size] = [[], 0];
    }
    lines.push(line);
    size += line.length;
  }
  if (lines.length > 0) yield lines;
}

async function* linesOf(file: string): AsyncGenerator<string> {
  const source = createReadStream(file);
  const input = file.endsWith('.gz') ? source.pipe(createGunzip()) : source;
  source.on('error', (error) => input.destroy(error));
  input.setEncoding('utf8');
  let rest = '';
  try {
    for await (const chunk of input as AsyncIterable<string>) {
      const parts = (rest + chunk).split('\n');
      rest = parts.pop() ?? '';
      yield* parts;
    }
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError(ExitCode.usage, `${file} cannot be read.`);
  }
  yield rest;
}

function itemOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new CliError(ExitCode.usage, `The line ${line.slice(0, 60)} is no JSON.`);
  }
}
