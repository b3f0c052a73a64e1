import { Command } from 'commander';
import type { Json } from '../admin-client.js';
import { adminCommand, type CliContext, wholeNumber } from '../cli-context.js';
import { CliError, ExitCode } from '../cli-error.js';
import { table } from '../table.js';
import { historyCommand } from './history-command.js';

interface CreateOptions {
  readonly scope?: readonly string[];
  readonly party?: string;
  readonly expiresInDays?: number;
}

/** `roamhub keys …`, `roamhub exports …` and `roamhub history …`. */
export function evDataCommands(context: CliContext): Command[] {
  return [keys(context), exports(context), historyCommand(context)];
}

function keys(context: CliContext): Command {
  const list = adminCommand(context, 'list', 'show all keys of the EV data API', async ({ client, show }) => {
    const rows = (await client.get('/api/ev/keys')) as readonly Json[];
    show(rows, () =>
      table(rows, [
        { title: 'ID', value: ({ id }) => id },
        { title: 'NAME', value: ({ name }) => name },
        { title: 'PARTY', value: ({ party }) => party },
        { title: 'EXPIRES', value: ({ expires_at: at }) => at },
        { title: 'MAY READ', value: ({ scopes }) => (scopes as readonly string[]).join(' ') },
      ]),
    );
  });

  const create = adminCommand<CreateOptions>(
    context,
    'create',
    'make a key; it is shown this once',
    async ({ client, show }, { scope, party, expiresInDays }, name) => {
      const body = {
        name,
        scopes: scope,
        party: party === undefined ? undefined : partyOf(party),
        expires_in_days: expiresInDays,
      };
      const made = (await client.call('POST', '/api/ev/keys', body)) as Json;
      show(
        made,
        () => `${made.key}\n\nThis is shown once. The key may read: ${(made.scopes as readonly string[]).join(', ')}.`,
      );
    },
  )
    .argument('<name>', 'whose it is')
    .option('--scope <scopes...>', 'what it may read; without it everything')
    .option('--party <party>', 'read in the name of this party, such as FR-EM1')
    .option('--expires-in-days <days>', 'when it ends by itself', wholeNumber);

  const revoke = adminCommand(context, 'revoke', 'end a key', async ({ client, show }, _options, id) => {
    await client.call('DELETE', `/api/ev/keys/${encodeURIComponent(id ?? '')}`);
    show(null, () => `Key ${id} is good for nothing any more.`);
  }).argument('<id>', 'as the list shows it');

  return new Command('keys')
    .description('who may read the EV data API')
    .addCommand(list, { isDefault: true })
    .addCommand(create)
    .addCommand(revoke);
}

function exports(context: CliContext): Command {
  const list = adminCommand(
    context,
    'list',
    'show the versions of the static data product',
    async ({ client, show }) => {
      const state = (await client.get('/api/ev/exports')) as Json;
      show(state, () => exportsText(state));
    },
  );
  const make = adminCommand(context, 'make', 'make a version now', async ({ client, show }) => {
    const state = (await client.call('POST', '/api/ev/exports', {})) as Json;
    show(state, () => 'A version is being made; `roamhub exports` shows when it is there.');
  });
  return new Command('exports')
    .description('the static data product')
    .addCommand(list, { isDefault: true })
    .addCommand(make);
}

function exportsText(state: Json): string {
  const rows = table(state.versions as readonly Json[], [
    { title: 'VERSION', value: ({ version }) => version },
    { title: 'MADE', value: ({ generated_at: at }) => at },
    { title: 'LOCATIONS', value: ({ locations }) => locations, align: 'right' },
    { title: 'FILES', value: ({ files }) => files, align: 'right' },
    { title: 'BYTES', value: ({ bytes }) => bytes, align: 'right' },
  ]);
  const lines = [rows];
  if (state.making === true) lines.push('Another is being made.');
  if (state.last_error !== undefined) lines.push(`The last attempt failed: ${state.last_error}`);
  return lines.join('\n');
}

function partyOf(text: string): { country_code: string; party_id: string } {
  const [, country_code, party_id] = /^([a-z]{2})[-*/]([a-z0-9]{3})$/i.exec(text) ?? [];
  if (country_code === undefined || party_id === undefined)
    throw new CliError(ExitCode.usage, `${text} is no party; write it as DE-CP1.`);
  return { country_code, party_id };
}
