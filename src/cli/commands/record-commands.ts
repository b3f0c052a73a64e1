import type { Command } from 'commander';
import type { Json } from '../admin-client.js';
import { adminCommand, type CliContext, wholeNumber } from '../cli-context.js';
import { CliError, ExitCode } from '../cli-error.js';
import { table } from '../table.js';

/** `roamhub audit`, `roamhub quality` and `roamhub openapi`. */
export function recordCommands(context: CliContext): Command[] {
  const audit = adminCommand<{ limit?: number; before?: number }>(
    context,
    'audit',
    'who did what, and whether the record is whole (exit code 1 if it is not)',
    async ({ client, show }, { limit, before }) => {
      const record = (await client.get('/api/audit', { limit, before })) as Json;
      const chain = record.chain as Json;
      show(record, () =>
        [
          table(record.entries as readonly Json[], [
            { title: 'SEQ', value: ({ seq }) => seq, align: 'right' },
            { title: 'WHEN', value: ({ at }) => at },
            { title: 'WHO', value: ({ actor }) => actor },
            { title: 'WHAT', value: ({ action }) => action },
            { title: 'ON', value: ({ subject }) => subject },
            { title: 'RESULT', value: ({ result }) => result },
            { title: 'FROM', value: ({ source }) => source },
          ]),
          ...(record.next === null ? [] : [`More: --before ${record.next}`]),
          ...(chain.intact === true ? ['The record is whole: every entry carries the hash of the one before.'] : []),
        ].join('\n'),
      );
      if (chain.intact !== true)
        throw new CliError(ExitCode.refused, `The record was tampered with: entry ${chain.first_broken} does not fit.`);
    },
  )
    .option('--limit <number>', 'how many entries', wholeNumber)
    .option('--before <seq>', 'entries older than this one', wholeNumber);

  const quality = adminCommand<{ rule?: string; party?: string; limit?: number }>(
    context,
    'quality',
    'objects that were flagged, by rule and party',
    async ({ client, show }, { rule, party, limit }) => {
      const [country, id] = partyOf(party);
      const report = (await client.get('/api/quality', { rule, country_code: country, party_id: id, limit })) as Json;
      const samples = report.samples as readonly Json[];
      show(report, () =>
        [
          table(report.counts as readonly Json[], [
            { title: 'RULE', value: (count) => count.rule },
            { title: 'PARTY', value: (count) => `${count.country_code}-${count.party_id}` },
            { title: 'OBJECTS', value: ({ count }) => count, align: 'right' },
          ]),
          `${report.total} in all.`,
          ...(samples.length === 0
            ? []
            : [
                '',
                table(samples, [
                  { title: 'RULE', value: (sample) => sample.rule },
                  { title: 'OBJECT', value: ({ module, object }) => `${module} ${object}` },
                  { title: 'WHAT', value: ({ detail }) => detail },
                  { title: 'WHEN', value: ({ flagged_at: at }) => at },
                ]),
              ]),
        ].join('\n'),
      );
    },
  )
    .option('--rule <rule>', 'only this rule')
    .option('--party <party>', 'only this party, such as DE-CP1')
    .option('--limit <number>', 'how many samples', wholeNumber);

  const openApi = adminCommand(
    context,
    'openapi',
    'the description of the admin API (OpenAPI 3.1)',
    async ({ client, show }) => {
      const document = await client.get('/api/openapi.json');
      show(document, () => JSON.stringify(document, null, 2));
    },
  );
  return [audit, quality, openApi];
}

function partyOf(text: string | undefined): readonly (string | undefined)[] {
  if (text === undefined) return [];
  const parts = /^([a-z]{2})[-*/]([a-z0-9]{3})$/i.exec(text);
  if (parts === null) throw new CliError(ExitCode.usage, `${text} is no party; write it as DE-CP1.`);
  return parts.slice(1).map((part) => part.toUpperCase());
}
