/**
 * Lists of lists of texts in one flat string: a Location has a dozen short ids, and a string costs more than what is in it.
 */
const marks = ['\n', '\t', '\v'] as const;

function escaped(text: string): string {
  return /[\n\t\v\\]/.test(text) ? text.replace(/[\n\t\v\\]/g, (one) => `\\${'ntv\\'['\n\t\v\\'.indexOf(one)]}`) : text;
}

function plain(text: string): string {
  return text.includes('\\')
    ? text.replace(/\\(.)/g, (_, one: string) => '\n\t\v\\'['ntv\\'.indexOf(one)] ?? one)
    : text;
}

export interface PlaceNames {
  readonly uids: readonly string[];
  readonly evseIds: readonly (string | undefined)[];
  readonly connectorIds: readonly (readonly (readonly string[])[])[];
  readonly tariffIds: readonly (readonly string[])[];
}

export function packNames({ uids, evseIds, connectorIds, tariffIds }: PlaceNames): string {
  const lines = [
    uids.map(escaped).join(marks[1]),
    evseIds.map((id) => (id === undefined ? '' : escaped(id))).join(marks[1]),
    ...connectorIds.map((group) => group.map((ids) => ids.map(escaped).join(marks[2])).join(marks[1])),
    ...tariffIds.map((ids) => ids.map(escaped).join(marks[1])),
  ];
  return lines.join(marks[0]);
}

export function unpackNames(text: string): PlaceNames {
  const lines = text.split(marks[0]);
  const groups = (lines.length - 2) / 2;
  return {
    uids: parts(lines[0], marks[1]),
    evseIds: evseIdsIn(lines[1] ?? ''),
    connectorIds: lines
      .slice(2, 2 + groups)
      .map((line) => line.split(marks[1]).map((member) => member.split(marks[2]).map(plain))),
    tariffIds: lines.slice(2 + groups).map((line) => (line === '' ? [] : parts(line, marks[1]))),
  };
}

/** Only the uids, which is all that a change of status has to look for. */
export function uidsIn(text: string): readonly string[] {
  return parts(text.slice(0, text.indexOf(marks[0])), marks[1]);
}

export type EvseNames = Pick<PlaceNames, 'uids' | 'evseIds'>;

/** Only what names the EVSEs. */
export function namesIn(text: string): EvseNames {
  const first = text.indexOf(marks[0]);
  const second = text.indexOf(marks[0], first + 1);
  return {
    uids: parts(text.slice(0, first), marks[1]),
    evseIds: evseIdsIn(text.slice(first + 1, second === -1 ? undefined : second)),
  };
}

function evseIdsIn(line: string): readonly (string | undefined)[] {
  // An empty id says as little as none.
  return line.split(marks[1]).map((id) => (id === '' ? undefined : plain(id)));
}

function parts(line: string | undefined, mark: string): readonly string[] {
  return (line ?? '').split(mark).map(plain);
}
