import { Command } from 'commander';
import type { Json } from '../admin-client.js';
import { adminCommand, type CliContext, collect, partnerId, roleClaim } from '../cli-context.js';
import { CliError, ExitCode } from '../cli-error.js';
import { table } from '../table.js';
import { pullTable } from './delivery-commands.js';
import { objectsOf, partnerCard, rolesOf } from './partner-text.js';

const who = ['<partner>', 'id, name, or one of its parties such as DE-CP1'] as const;

interface SetOptions {
  readonly name?: string;
  readonly origin?: readonly string[];
  readonly role?: readonly Json[];
}

/** `roamhub partner …`. */
export function partnerCommands(context: CliContext): Command {
  const list = adminCommand(context, 'list', 'show all partners', async ({ client, show }) => {
    const partners = (await client.get('/api/partners')) as readonly Json[];
    show(partners, () =>
      table(partners, [
        { title: 'ID', value: ({ id }) => id },
        { title: 'NAME', value: ({ name }) => name },
        { title: 'STATUS', value: ({ status }) => status },
        { title: 'ROLES', value: ({ roles }) => rolesOf(roles) },
        { title: 'OBJECTS', value: ({ objects }) => objectsOf(objects) },
        { title: 'LAST SEEN', value: ({ last_seen: at }) => at },
      ]),
    );
  });

  const show = adminCommand(context, 'show', 'show one partner', async (session, _options, wanted = '') => {
    const partner = (await session.client.get(`/api/partners/${await partnerId(session, wanted)}`)) as Json;
    session.show(partner, () => partnerCard(partner));
  }).argument(...who);

  const verb = (name: string, description: string, done: string): Command =>
    adminCommand(context, name, description, async (session, _options, wanted = '') => {
      const partner = await session.client.call('POST', `/api/partners/${await partnerId(session, wanted)}/${name}`);
      session.show(partner, () => `${wanted}: ${done}.`);
    }).argument(...who);

  const pull = adminCommand<{ changesOnly?: boolean }>(
    context,
    'pull',
    'pull from the partner now',
    async (session, { changesOnly }, wanted = '') => {
      const body = { full: changesOnly !== true };
      const pulls = await session.client.call('POST', `/api/partners/${await partnerId(session, wanted)}/pull`, body);
      session.show(pulls, () => pullTable(pulls as readonly Json[]));
    },
  )
    .argument(...who)
    .option('--changes-only', 'only what changed since the last pull, replacing nothing');

  const set = adminCommand<SetOptions>(
    context,
    'set',
    'change name, origins, allowed roles or switches',
    async (session, { name, origin: origins, role: roles }, wanted = '', ...pairs) => {
      const path = `/api/partners/${await partnerId(session, wanted)}`;
      const now = pairs.length === 0 ? {} : ((await session.client.get(path)) as { switches: Json }).switches;
      const switches = pairs.length === 0 ? undefined : Object.fromEntries(pairs.map((pair) => switchOf(pair, now)));
      const body = { name, origins, allowed_roles: roles, switches };
      const partner = (await session.client.call('PATCH', path, body)) as Json;
      session.show(partner, () => partnerCard(partner));
    },
  )
    .argument(...who)
    .argument(
      '[switches...]',
      'such as push=false stale=apply rate_limit=default custom_modules=de-a,de-b (none: empty); partner show lists them',
    )
    .option('--name <name>', 'another name')
    .option('--origin <origin>', 'the whole new list of origins, one by one', collect)
    .option('--role <party:role>', 'the whole new list of allowed roles, one by one', roleClaim);

  const remove = adminCommand<{ yes?: boolean }>(
    context,
    'delete',
    'end the connection; the partner is told, its objects stay, suspended',
    async (session, { yes }, wanted = '') => {
      const id = await partnerId(session, wanted);
      if (yes !== true)
        throw new CliError(ExitCode.usage, `This ends the connection to ${wanted} for good; repeat with --yes.`);
      await session.client.call('DELETE', `/api/partners/${id}`);
      session.show(null, () => `${wanted}: the connection is ended.`);
    },
  )
    .argument(...who)
    .option('--yes', 'do it without asking');

  const partner = new Command('partner').description('registered platforms');
  for (const command of [
    list,
    show,
    verb('rotate', 'renew both tokens with the partner', 'both tokens are renewed'),
    verb('suspend', 'stop serving and pushing to the partner', 'suspended'),
    verb('resume', 'serve and push to a suspended partner again', 'resumed'),
    pull,
    verb('resync', 'send everything that the partner may see once more', 'on its way; roamhub lanes shows how far'),
    set,
    remove,
  ])
    partner.addCommand(command);
  return partner;
}

/**
 * `push=false` as a member of the switches; what the values may be is the hub's to say. Whether a list is wanted shows in what
 * stands there now; `default` is for what may be left to the hub.
 */
function switchOf(pair: string, now: Json): [string, unknown] {
  const [, name, value] = /^([a-z_]+)=(.+)$/.exec(pair) ?? [];
  if (name === undefined || value === undefined)
    throw new CliError(ExitCode.usage, `${pair} is no switch; write it as push=false.`);
  if (Array.isArray(now[name])) return [name, value === 'none' ? [] : value.split(',')];
  if (value === 'default') return [name, null];
  if (value === 'true' || value === 'false') return [name, value === 'true'];
  return [name, /^\d{1,9}$/.test(value) ? Number(value) : value];
}
