import { Command } from 'commander';
import type { Json } from '../admin-client.js';
import { adminCommand, type CliContext, partnerId, type Session, wholeNumber } from '../cli-context.js';
import { CliError, ExitCode } from '../cli-error.js';
import { table } from '../table.js';

interface ParkedOptions {
  readonly partner?: string;
  readonly module?: string;
  readonly object?: string;
  readonly limit?: number;
  readonly from?: string;
  readonly to?: string;
  readonly all?: boolean;
}

/** Pulls, one a line. */
export const pullTable = (pulls: readonly Json[]): string =>
  table(pulls, [
    { title: 'PARTNER', value: ({ partner }) => partner },
    { title: 'MODULE', value: ({ module }) => module },
    { title: 'STATE', value: ({ state }) => state },
    {
      title: 'OBJECTS',
      value: ({ objects, total }) => (total === null ? objects : `${objects} of ${total}`),
      align: 'right',
    },
    { title: 'STORED', value: ({ stored }) => stored, align: 'right' },
    { title: 'REFUSED', value: ({ refused }) => refused, align: 'right' },
    { title: 'STARTED', value: ({ started_at: at }) => at },
    { title: 'REMARK', value: ({ detail }) => detail },
  ]);

const filtered = (command: Command): Command =>
  command
    .option('--partner <partner>', 'only of this partner: id, name or party')
    .option('--module <module>', 'only of this module')
    .option('--object <object>', 'only this object, as the list shows it');

const filterOf = async (session: Session, { partner, module, object }: ParkedOptions): Promise<Json> => ({
  partner_id: partner === undefined ? undefined : await partnerId(session, partner),
  module,
  object,
});

/** `roamhub lanes`, `roamhub pulls` and `roamhub parked …`. */
export function deliveryCommands(context: CliContext): Command[] {
  const lanes = adminCommand(context, 'lanes', 'how far each partner has got', async ({ client, show }) => {
    const rows = (await client.get('/api/lanes')) as readonly Json[];
    show(rows, () =>
      table(rows, [
        { title: 'PARTNER', value: ({ partner }) => partner },
        { title: 'CURSOR', value: ({ cursor }) => cursor, align: 'right' },
        { title: 'HEAD', value: ({ head }) => head, align: 'right' },
        { title: 'BEHIND', value: ({ lag_objects: lag }) => lag, align: 'right' },
        { title: 'SECONDS', value: ({ lag_seconds: lag }) => Number(lag).toFixed(1), align: 'right' },
        { title: 'BREAKER', value: ({ breaker }) => breaker },
        { title: 'IN FLIGHT', value: (lane) => lane.in_flight, align: 'right' },
        { title: 'PARKED', value: ({ parked }) => parked, align: 'right' },
      ]),
    );
  });

  const pulls = adminCommand(context, 'pulls', 'pulls that run, wait or were the last', async ({ client, show }) => {
    const rows = (await client.get('/api/pulls')) as readonly Json[];
    show(rows, () => pullTable(rows));
  });

  const list = filtered(
    adminCommand<ParkedOptions>(context, 'list', 'objects that partners keep refusing', async (session, options) => {
      const query = { ...(await filterOf(session, options)), limit: options.limit };
      const rows = (await session.client.get('/api/parked', query)) as readonly Json[];
      session.show(rows, () =>
        table(rows, [
          { title: 'PARTNER', value: ({ partner }) => partner },
          { title: 'MODULE', value: ({ module }) => module },
          { title: 'OBJECT', value: ({ object }) => object },
          { title: 'REASON', value: ({ reason }) => reason },
          { title: 'HTTP', value: ({ http_status: status }) => status, align: 'right' },
          { title: 'OCPI', value: ({ status_code: code }) => code, align: 'right' },
          { title: 'ATTEMPTS', value: ({ attempts }) => attempts, align: 'right' },
          { title: 'SINCE', value: ({ parked_at: at }) => at },
        ]),
      );
    }),
  ).option('--limit <number>', 'at most so many', wholeNumber);

  const replay = filtered(
    adminCommand<ParkedOptions>(context, 'replay', 'send their present state again', async (session, options) => {
      const { from, to, all } = options;
      const body = { ...(await filterOf(session, options)), from, to };
      if (all !== true && Object.values(body).every((value) => value === undefined))
        throw new CliError(ExitCode.usage, 'Say which objects, or --all.');
      const answer = (await session.client.call('POST', '/api/parked/replay', body)) as Json;
      session.show(answer, () => `${answer.replayed} objects are on their way.`);
    }),
  )
    .option('--from <time>', 'parked at or after this time, such as 2026-01-31T12:00:00Z')
    .option('--to <time>', 'parked at or before this time')
    .option('--all', 'all of them');

  const parked = new Command('parked').description('objects that lanes gave up on');
  for (const command of [list, replay]) parked.addCommand(command);
  return [lanes, pulls, parked];
}
