import type { Line, Verdict } from './verdict.js';

/** The verdict for a person: one row for each promise, and what is wrong below it. */
export function tableOf({ lines, holds }: Verdict): string {
  const rows = lines.map((line) => [line.promise, line.what, line.wanted, line.measured, wordOf(line)]);
  const head = ['', 'figure', 'wanted', 'measured', ''];
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const print = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  const body = lines.flatMap((line, index) => [
    print(rows[index] ?? []),
    ...(line.holds === true ? [] : line.examples.map((example) => `      ${example}`)),
  ]);
  return [print(head), ...body, holds ? 'All of it holds.' : 'NOT all of it holds.', ''].join('\n');
}

const wordOf = ({ holds }: Line): string => (holds === undefined ? '' : holds ? 'holds' : 'FAILS');
