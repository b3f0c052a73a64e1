import { Command } from 'commander';
import type { Json } from '../admin-client.js';
import { adminCommand, type CliContext, collect, readOrRefuse, roleClaim, wholeNumber } from '../cli-context.js';
import { CliError, ExitCode } from '../cli-error.js';
import { card, table } from '../table.js';
import { partnerCard, rolesOf } from './partner-text.js';

const roleOption = ['--role <party:role>', 'what it may register as, such as DE-CP1:CPO; can be repeated'] as const;

const originOption = [
  '--origin <origin>',
  "where the hub's token may go, such as https://ocpi.example.com; can be repeated",
] as const;

interface CreateOptions {
  readonly role: readonly Json[];
  readonly origin?: readonly string[];
  readonly expiresDays?: number;
}

interface RegisterOptions {
  readonly partnerToken?: string;
  readonly partnerTokenFile?: string;
  readonly role?: readonly Json[];
  readonly origin?: readonly string[];
}

/** `roamhub invite …` and `roamhub register`. */
export function inviteCommands(context: CliContext): Command[] {
  const create = adminCommand<CreateOptions>(
    context,
    'create',
    'let a platform register with this hub',
    async ({ client, show }, options, name) => {
      const body = { name, roles: options.role, origins: options.origin, expires_in_days: options.expiresDays };
      const made = (await client.call('POST', '/api/invites', body)) as Json;
      show(made, () =>
        [
          card([
            ['Invite', made.id],
            ['Versions URL', made.versions_url],
            ['Token A', made.token],
            ['Good until', made.expires_at],
          ]),
          '',
          'Give the partner the URL and the token. The token is shown only now and is good once.',
        ].join('\n'),
      );
    },
  )
    .argument('<name>', 'what to call the partner')
    .requiredOption(...roleOption, roleClaim)
    .option(...originOption, collect)
    .option('--expires-days <days>', 'how long the invite is good', wholeNumber);

  const list = adminCommand(context, 'list', 'show all invites', async ({ client, show }) => {
    const invites = (await client.get('/api/invites')) as readonly Json[];
    show(invites, () =>
      table(invites, [
        { title: 'ID', value: ({ id }) => id },
        { title: 'NAME', value: ({ name }) => name },
        { title: 'STATE', value: ({ state }) => state },
        { title: 'ROLES', value: ({ roles }) => rolesOf(roles) },
        { title: 'EXPIRES', value: ({ expires_at: at }) => at },
      ]),
    );
  });

  const remove = adminCommand(context, 'delete', 'take an invite back', async ({ client, show }, _options, id = '') => {
    await client.call('DELETE', `/api/invites/${encodeURIComponent(id)}`);
    show(null, () => `Invite ${id} is withdrawn.`);
  }).argument('<id>');

  const register = adminCommand<RegisterOptions>(
    context,
    'register',
    "register with a partner's platform, with the token A that it gave",
    async ({ client, show }, options, name, versionsUrl) => {
      const { partnerToken, partnerTokenFile: file, role: roles, origin: origins } = options;
      const token = partnerToken ?? (file === undefined ? undefined : readOrRefuse(context.readFile, file)?.trim());
      if (token === undefined || token === '')
        throw new CliError(ExitCode.usage, "Give the partner's token A with --partner-token or --partner-token-file.");
      const body = { name, versions_url: versionsUrl, token, roles, origins };
      const partner = (await client.call('POST', '/api/registrations', body)) as Json;
      show(partner, () => partnerCard(partner));
    },
  )
    .argument('<name>', 'what to call the partner')
    .argument('<versions-url>', "the partner's versions URL")
    .option('--partner-token <token>', 'token A; others on this machine may see it while the command runs')
    .option('--partner-token-file <file>', 'file that holds token A')
    .option(...roleOption, roleClaim)
    .option(...originOption, collect);

  const invite = new Command('invite').description('who may register with this hub');
  for (const command of [create, list, remove]) invite.addCommand(command);
  return [invite, register];
}
