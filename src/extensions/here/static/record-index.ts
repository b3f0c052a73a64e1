import type { Pace } from '../store/pace.js';
import type { Disk } from './disk.js';
import type { ExportFile } from './export-file.js';

export interface IndexEntry {
  readonly id: string;
  readonly hash: string;
}

const readBytes = 64 * 1024;

/** Id and hash of each record of a version, sorted by id, one a line; the first line says how many there are. */
export async function writeIndex(file: ExportFile, entries: readonly IndexEntry[], pace: Pace): Promise<void> {
  await file.write(`${entries.length}\n`);
  for (const { id, hash } of entries) {
    await file.write(`${hash} ${id}\n`);
    await pace.rest();
  }
}

/**
 * Reads it back, little by little.
 * @throws Error if it is not there, or not whole
 */
export async function* readIndex(disk: Disk, path: string): AsyncGenerator<readonly IndexEntry[]> {
  const file = await disk.open(path);
  try {
    let rest = '';
    let expected: number | undefined;
    let count = 0;
    const target = Buffer.allocUnsafe(readBytes);
    for (let offset = 0; ; ) {
      const bytes = target.subarray(0, await file.read(target, offset));
      if (bytes.length === 0) break;
      offset += bytes.length;
      // Ids hold no character that takes more than one byte.
      const lines = (rest + bytes.toString('latin1')).split('\n');
      rest = lines.pop() ?? '';
      if (expected === undefined && lines.length > 0) expected = Number(lines.shift());
      count += lines.length;
      yield lines.map(entryOf);
    }
    if (rest !== '' || count !== expected) throw new Error(`${path} is not whole.`);
  } finally {
    await file.close();
  }
}

function entryOf(line: string): IndexEntry {
  const space = line.indexOf(' ');
  return { hash: line.slice(0, space), id: line.slice(space + 1) };
}
