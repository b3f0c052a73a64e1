/** A column of a table: its heading, and on which side its cells stand. */
export interface Column {
  readonly head: string;
  readonly right?: boolean;
}

/** Lines of a table with aligned columns, heading first. */
export function tableLines(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const widths = columns.map(({ head }, index) =>
    Math.max(head.length, ...rows.map((row) => (row[index] ?? '').length)),
  );
  const line = (cells: readonly string[]): string =>
    columns
      .map(({ right }, index) => {
        const cell = cells[index] ?? '';
        return right === true ? cell.padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0);
      })
      .join('  ')
      .trimEnd();
  return [line(columns.map(({ head }) => head)), ...rows.map(line)];
}

/** `62,194` */
export const grouped = (value: number): string => Math.round(value).toLocaleString('en-US');

/** `1 location`, `2 locations`, `62,194 locations` */
export const counted = (value: number, one: string, many = `${one}s`): string =>
  `${grouped(value)} ${value === 1 ? one : many}`;

/** `12 ms`, `3.4 s`, `2 min 5 s` */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1).replace(/\.0$/, '')} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** Breaks text into lines of at most `width` characters: the first behind `indent`, the others behind `hanging`. */
export function wrapped(text: string, width: number, indent = '', hanging = indent): string[] {
  const lines: string[] = [];
  let line = '';
  const margin = (): string => (lines.length === 0 ? indent : hanging);
  for (const word of text.split(' ')) {
    if (line !== '' && margin().length + line.length + 1 + word.length > width) {
      lines.push(margin() + line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  if (line !== '') lines.push(margin() + line);
  return lines;
}
