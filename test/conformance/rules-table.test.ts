import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { expectTestWith } from './rows/describe-rows.js';
import { groups } from './rows/index.js';
import type { Row } from './rows/row.js';

const file = 'test/conformance/README.md';
const begin = '<!-- table: begin; made by `npm run conformance:table` -->';
const end = '<!-- table: end -->';
const rows = groups.flatMap((group) => group.rows);

function proof(row: Row): string {
  switch (row.kind) {
    case 'tested':
      return 'tested';
    case 'elsewhere':
      return `tested in \`${row.file}\``;
    case 'not testable':
      return `not testable: ${row.reason}`;
    case 'not met':
      return `**not met**: ${row.reason}`;
  }
}

function table(): string {
  const count = (kind: Row['kind']): number => rows.filter((row) => row.kind === kind).length;
  const summary = `${rows.length} rules: ${count('tested')} tested here, ${count('elsewhere')} tested elsewhere, ${count('not testable')} not testable, ${count('not met')} not met.`;
  const sections = groups.map(({ name, rows: own }) =>
    [
      `### ${name}`,
      '',
      ...aligned([
        ['Rule', 'Strength', 'What', 'Proof'],
        ...own.map((row) => [row.rule, row.strength, row.title, proof(row)]),
      ]),
    ].join('\n'),
  );
  return [begin, '', summary, '', sections.join('\n\n'), '', end].join('\n');
}

/** Lines of a table as the formatter wants them: columns of equal width. */
function aligned(cells: readonly (readonly string[])[]): string[] {
  const widths = (cells[0] ?? []).map((_, column) =>
    Math.max(...cells.map((line) => [...(line[column] ?? '')].length)),
  );
  const lines = cells.map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)));
  lines.splice(
    1,
    0,
    widths.map((width) => '-'.repeat(width)),
  );
  return lines.map((line) => `| ${line.join(' | ')} |`);
}

describe('the conformance table', () => {
  it.each(groups)('has one row for each rule of: $name', ({ ids, rows: own }) => {
    expect(own.map((row) => row.rule)).toEqual(ids);
  });

  it('is what README.md shows (npm run conformance:table writes it)', () => {
    const text = readFileSync(file, 'utf8');
    const [before = '', rest = ''] = text.split(begin);
    const after = rest.split(end)[1] ?? '';
    const wanted = `${before}${table()}${after}`;
    if (process.env.ROAMHUB_WRITE_TABLE !== undefined) writeFileSync(file, wanted);
    else expect(text).toBe(wanted);
  });

  it('would notice a pointer to a test that is gone', () => {
    expect(() => expectTestWith('test/conformance/rules-table.test.ts', 'the conformance table')).not.toThrow();
    expect(() => expectTestWith('test/conformance/rules-table.test.ts', ['T', '99'].join('-'))).toThrow();
    expect(() => expectTestWith('test/conformance/none.test.ts', 'T-01')).toThrow();
  });
});
