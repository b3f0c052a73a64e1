import { Command } from 'commander';
import type { Json } from '../admin-client.js';
import { adminCommand, type CliContext } from '../cli-context.js';
import { CliError, ExitCode } from '../cli-error.js';
import { table } from '../table.js';

interface ListOptions {
  readonly party?: string;
  readonly module?: string;
}

interface AgreeOptions {
  readonly module?: string;
  readonly note?: string;
  readonly both?: boolean;
}

/** `roamhub agreements …` and `roamhub parties …`. */
export function agreementCommands(context: CliContext): Command[] {
  return [agreements(context), parties(context)];
}

function agreements(context: CliContext): Command {
  const list = adminCommand<ListOptions>(
    context,
    'list',
    'show all agreements, or those about a party or a module',
    async ({ client, show }, { party, module }) => {
      const query = { party: party === undefined ? undefined : partyOf(party), module };
      const rows = (await client.get('/api/agreements', query)) as readonly Json[];
      show(rows, () => agreementTable(rows));
    },
  )
    .option('--party <party>', 'only those about this party, such as DE-CP1')
    .option('--module <module>', 'only those about this module');

  const agree = (effect: 'allow' | 'deny', description: string): Command =>
    adminCommand<AgreeOptions>(context, effect, description, async ({ client, show }, options, giver, taker) => {
      const { module, note, both } = options;
      const body = { giver: partyOrAll(giver ?? ''), taker: partyOrAll(taker ?? ''), effect, module, note, both };
      const rows = (await client.call('POST', '/api/agreements', body)) as readonly Json[];
      show(rows, () => agreementTable(rows));
    })
      .argument('<giver>', 'whose data or requests they are: a party such as DE-CP1, or all')
      .argument('<taker>', 'who gets them: a party such as FR-EM1, or all')
      .option('--module <module>', 'only this module; without it all of them')
      .option('--both', 'the same for the other direction')
      .option('--note <text>', 'a remark');

  const withdraw = adminCommand(
    context,
    'withdraw',
    'take an agreement back; what it allowed stops at once',
    async ({ client, show }, _options, id) => {
      await client.call('DELETE', `/api/agreements/${encodeURIComponent(id ?? '')}`);
      show(null, () => `Agreement ${id} is withdrawn.`);
    },
  ).argument('<id>', 'as the list shows it');

  const why = adminCommand(
    context,
    'why',
    'whether one party gives another something, and which rule says so',
    async ({ client, show }, _options, giver, taker, module) => {
      const query = { giver: partyOf(giver ?? ''), taker: partyOf(taker ?? ''), module };
      const decision = (await client.get('/api/agreements/decision', query)) as Json;
      show(decision, () =>
        [
          `${decision.allowed === true ? 'Allowed' : 'Denied'}: ${reasonOf(String(decision.rule))}`,
          ...(decision.agreement === undefined ? [] : [agreementTable([decision.agreement as Json])]),
        ].join('\n'),
      );
    },
  )
    .argument('<giver>', 'whose data or requests they are, such as DE-CP1')
    .argument('<taker>', 'who gets them, such as FR-EM1')
    .argument('<module>', 'such as locations');

  return new Command('agreements')
    .description('who shares what with whom')
    .addCommand(list, { isDefault: true })
    .addCommand(agree('allow', 'let one party give another something'))
    .addCommand(agree('deny', 'forbid that one party gives another something'))
    .addCommand(withdraw)
    .addCommand(why);
}

function parties(context: CliContext): Command {
  const list = adminCommand(context, 'list', 'show every party and how it shares', async ({ client, show }) => {
    const rows = (await client.get('/api/parties')) as readonly Json[];
    show(rows, () =>
      table(rows, [
        { title: 'PARTY', value: (party) => `${party.country_code}-${party.party_id}` },
        { title: 'ROLE', value: ({ role }) => role },
        { title: 'PARTNER', value: ({ partner }) => partner },
        { title: 'STATUS', value: ({ status }) => status },
        { title: 'SHARING', value: ({ sharing }) => sharing },
      ]),
    );
  });

  const set = (name: string, sharing: 'open' | 'closed', description: string): Command =>
    adminCommand(context, name, description, async ({ client, show }, _options, party) => {
      const key = partyOf(party ?? '');
      const answer = await client.call('PATCH', `/api/parties/${key}`, { sharing });
      show(answer, () => `${key} is ${sharing}.`);
    }).argument('<party>', 'such as DE-CP1');

  return new Command('parties')
    .description('every party, and how it shares')
    .addCommand(list, { isDefault: true })
    .addCommand(set('open', 'open', 'let a party share everything that no agreement denies'))
    .addCommand(set('close', 'closed', 'let a party share only what an agreement allows'));
}

const agreementTable = (rows: readonly Json[]): string =>
  table(rows, [
    { title: 'ID', value: ({ id }) => id },
    { title: 'GIVER', value: ({ giver }) => giver },
    { title: 'TAKER', value: ({ taker }) => taker },
    { title: 'MODULE', value: ({ module }) => module },
    { title: 'EFFECT', value: ({ effect }) => effect },
    { title: 'SINCE', value: ({ created_at: at }) => at },
    { title: 'NOTE', value: ({ note }) => note },
  ]);

/** A rule in words. */
function reasonOf(rule: string): string {
  if (rule === 'own') return 'a party has what is its own.';
  if (rule === 'open') return 'no agreement says otherwise, and both parties are open.';
  if (rule.startsWith('closed ')) return `${rule.slice(7)} shares only what is agreed, and this is not.`;
  return `agreement ${rule} says so.`;
}

/** `all` is for shells, in which a star means every file. */
const partyOrAll = (text: string): string => (text === '*' || text.toLowerCase() === 'all' ? '*' : partyOf(text));

function partyOf(text: string): string {
  const [, country, party] = /^([a-z]{2})[-*/]([a-z0-9]{3})$/i.exec(text) ?? [];
  if (country === undefined || party === undefined)
    throw new CliError(ExitCode.usage, `${text} is no party; write it as DE-CP1.`);
  return `${country}/${party}`.toUpperCase();
}
