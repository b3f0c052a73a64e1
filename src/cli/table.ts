/** One column of a table: its title and how a row is shown in it. */
export interface Column<T> {
  readonly title: string;
  readonly value: (row: T) => unknown;
  readonly align?: 'right';
}

/** Rows under aligned titles, two spaces between columns; what is not there is a dash. */
export function table<T>(rows: readonly T[], columns: readonly Column<T>[]): string {
  const cells = [columns.map(({ title }) => title), ...rows.map((row) => columns.map(({ value }) => cell(value(row))))];
  const widths = columns.map((_column, index) => Math.max(...cells.map((line) => width(line[index] ?? ''))));
  return cells
    .map((line) =>
      line
        .map((text, index) => {
          const space = ' '.repeat((widths[index] ?? 0) - width(text));
          return columns[index]?.align === 'right' ? space + text : text + space;
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Names and values of one thing, one a line. */
export function card(fields: readonly (readonly [name: string, value: unknown])[]): string {
  const most = Math.max(...fields.map(([name]) => name.length));
  return fields.map(([name, value]) => `${name.padEnd(most)}  ${cell(value)}`).join('\n');
}

/** Control characters in what partners call themselves must not reach a terminal. */
function cell(value: unknown): string {
  if (value === undefined || value === null || value === '') return '-';
  const text = Array.isArray(value)
    ? value.map(String).join(', ')
    : typeof value === 'object'
      ? JSON.stringify(value)
      : String(value);
  return text.replace(/\p{Cc}/gu, '�');
}

const width = (text: string): number => [...text].length;
