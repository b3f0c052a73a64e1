import type { Command } from 'commander';
import type { Json } from '../admin-client.js';
import { adminCommand, type CliContext, partnerId, wholeNumber } from '../cli-context.js';
import { CliError, ExitCode } from '../cli-error.js';
import { table } from '../table.js';
import { decisionOf } from './message-text.js';

interface MessageOptions {
  readonly correlation?: string;
  readonly request?: string;
  readonly party?: string;
  readonly partner?: string;
  readonly module?: string;
  readonly outcome?: string;
  readonly scenario?: string;
  readonly since?: string;
  readonly until?: string;
  readonly limit?: number;
  readonly before?: number;
  readonly why?: boolean;
}

/** `roamhub messages`. */
export function messageCommands(context: CliContext): Command {
  return adminCommand<MessageOptions>(
    context,
    'messages',
    'what partners asked, where it went and why, and what came back',
    async (session, options) => {
      const { correlation, request, partner, limit, before, why, party, ...rest } = options;
      const { module, outcome, scenario, since, until } = rest;
      const found = (await session.client.get('/api/messages', {
        correlation_id: correlation,
        request_id: request,
        partner_id: partner === undefined ? undefined : await partnerId(session, partner),
        party: partyOf(party),
        ...{ module, outcome, scenario, since, until, limit, before },
      })) as Json;
      const messages = found.messages as readonly Json[];
      session.show(found, () => {
        const more = found.next === null ? [] : [`More: --before ${found.next}`];
        if (messages.length === 0) return ['No message fits.', ...more].join('\n');
        const shown =
          why === true || messages.length === 1 ? messages.map(decisionOf).join('\n\n') : messageTable(messages);
        return [shown, ...more].join('\n');
      });
    },
  )
    .option('--correlation <id>', 'only with this X-Correlation-ID')
    .option('--request <id>', 'only with this X-Request-ID, of either leg')
    .option('--party <party>', 'only from, to or past this party, such as DE/CP1')
    .option('--partner <partner>', 'only of this partner: id, name or party')
    .option('--module <module>', 'only of this module')
    .option('--outcome <outcome>', 'only with this outcome, such as refused or timeout')
    .option('--scenario <scenario>', 'only routed in this way, such as direct, open, broadcast or get-all')
    .option('--since <time>', 'not older than this, such as 2026-01-31T12:00:00Z')
    .option('--until <time>', 'not newer than this')
    .option('--limit <number>', 'at most so many', wholeNumber)
    .option('--before <seq>', 'older than this one', wholeNumber)
    .option('--why', 'tell of each how it was routed, in sentences; a single one is told so anyway');
}

const messageTable = (messages: readonly Json[]): string =>
  table(messages, [
    { title: 'SEQ', value: ({ seq }) => seq, align: 'right' },
    { title: 'WHEN', value: ({ at }) => at },
    { title: 'FROM', value: ({ from, partner, partner_id: id }) => from ?? (partner === '' ? id : partner) },
    { title: 'TO', value: ({ to }) => to },
    { title: 'WHAT', value: ({ method, module, interface: role }) => [method, module, role].filter(Boolean).join(' ') },
    { title: 'WAY', value: ({ scenario }) => scenario },
    { title: 'OUTCOME', value: ({ outcome }) => outcome },
    { title: 'HTTP', value: ({ http_status: status }) => status, align: 'right' },
    { title: 'OCPI', value: ({ status_code: code }) => code, align: 'right' },
    { title: 'MS', value: ({ duration_ms: ms }) => Math.round(Number(ms)), align: 'right' },
    { title: 'CORRELATION', value: ({ correlation_id: id }) => id },
  ]);

/** `DE/CP1`, whichever sign stands between. */
function partyOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const parts = /^([a-z]{2})[-*/]([a-z0-9]{3})$/i.exec(text);
  if (parts === null) throw new CliError(ExitCode.usage, `${text} is no party; write it as DE/CP1.`);
  return `${parts[1]}/${parts[2]}`.toUpperCase();
}
