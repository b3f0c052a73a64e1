import type { Pace } from '../store/pace.js';
import type { Disk } from './disk.js';
import type { ExportFile } from './export-file.js';
import { type IndexEntry, readIndex } from './record-index.js';
import { readAhead, type Spool, type SpoolEntry } from './spool.js';

export interface DeltaOptions {
  readonly disk: Disk;
  /** Path of the index of the version that the delta starts from. */
  readonly index: string;
  /** Of the new version, by id. */
  readonly entries: readonly SpoolEntry[];
  readonly spool: Spool;
  readonly file: ExportFile;
  readonly pace: Pace;
}

/**
 * Writes what turns the former version into the new one, one change a line, by id: `{"id":…,"op":"upsert","record":{…}}` or
 * `{"id":…,"op":"delete"}`. HERE section 11.
 * @returns how many changes there are
 * @throws IndexUnreadable if what the former version held cannot be found out
 */
export async function writeDelta({ disk, index, entries, spool, file, pace }: DeltaOptions): Promise<number> {
  let written = 0;
  let changes: Change[] = [];
  const flush = async (): Promise<void> => {
    const texts = await spool.read(changes.flatMap(({ entry }) => (entry ? [entry] : [])));
    let next = 0;
    for (const { id, entry } of changes) {
      const head = `{"id":${JSON.stringify(id)},"op":`;
      if (entry) {
        await file.write(`${head}"upsert","record":`);
        await file.write(texts[next++]?.record ?? '');
        await file.write('}\n');
      } else await file.write(`${head}"delete"}\n`);
    }
    written += changes.length;
    changes = [];
  };
  for await (const change of changesBetween(formerEntries(disk, index), entries)) {
    await pace.rest();
    if (change) changes.push(change);
    if (changes.length >= readAhead) await flush();
  }
  await flush();
  return written;
}

/** The index of the former version is not there, or not whole. */
export class IndexUnreadable extends Error {}

interface Change {
  readonly id: string;
  /** Absent: deleted. */
  readonly entry?: SpoolEntry;
}

async function* formerEntries(disk: Disk, path: string): AsyncGenerator<IndexEntry> {
  try {
    for await (const entries of readIndex(disk, path)) yield* entries;
  } catch (error) {
    throw new IndexUnreadable((error as Error).message, { cause: error });
  }
}

/** Merges two lists in the order of their ids; `undefined` for a record that is the same in both. */
async function* changesBetween(
  former: AsyncGenerator<IndexEntry>,
  entries: readonly SpoolEntry[],
): AsyncGenerator<Change | undefined> {
  let at = 0;
  for await (const { id, hash } of former) {
    for (let entry = entries[at]; entry && entry.id < id; entry = entries[at]) {
      at++;
      yield { id: entry.id, entry };
    }
    const entry = entries[at];
    if (entry?.id === id) {
      at++;
      yield entry.hash === hash ? undefined : { id, entry };
    } else yield { id };
  }
  for (let entry = entries[at]; entry; entry = entries[at]) {
    at++;
    yield { id: entry.id, entry };
  }
}
