import path from 'node:path';
import type { Disk, NewFile, OldFile } from './disk.js';

/** Where something lies; record, feature and rows follow one another from `offset`. */
export interface SpoolPlace {
  readonly offset: number;
  /** Lengths in bytes. */
  readonly record: number;
  readonly feature: number;
  readonly rows: number;
}

/** What is kept in memory of each record, about 250 bytes. */
export interface SpoolEntry extends SpoolPlace {
  readonly id: string;
  readonly country: string;
  readonly tile: number;
  /** Tells whether the record changed since another version. */
  readonly hash: string;
}

/** UTF-8; to be used before the next are read. */
export interface SpooledTexts {
  /** JSON text of the record. */
  readonly record: Buffer;
  /** JSON text of its GeoJSON feature. */
  readonly feature: Buffer;
  /** JSON text of its rows, see `rowsOf`. */
  readonly rows: Buffer;
}

const bufferBytes = 512 * 1024;
/** How many records are read at once. */
export const readAhead = 64;
/** Records this close to one another are read in one go, bytes between them included. */
const gapBytes = 16 * 1024;
const longestReadBytes = 1024 * 1024;

/** Where records wait on the disk, in the order in which they came, until they are written in theirs. */
export class Spool {
  /** First what is on its way to the disk, later what was read from it; one for all, as there would be a heap of them to clear. */
  private buffer = Buffer.allocUnsafeSlow(bufferBytes);
  private filled = 0;
  private flushed = 0;
  private reader: OldFile | undefined;

  private constructor(
    private readonly disk: Disk,
    private readonly file: string,
    private readonly writer: NewFile,
  ) {}

  static async create(disk: Disk, directory: string): Promise<Spool> {
    const file = path.join(directory, 'spool.tmp');
    return new Spool(disk, file, await disk.create(file));
  }

  /**
   * Takes the three texts of a record.
   * @returns where they are, to be read after {@link turn}, and the bytes of the first, to be used at once
   */
  async append(record: string, feature: string, rows: string): Promise<{ place: SpoolPlace; bytes: Buffer }> {
    const most = 3 * (record.length + feature.length + rows.length);
    if (this.filled + most > this.buffer.length) {
      await this.flush();
      this.reserve(most);
    }
    const start = this.filled;
    const place = {
      offset: this.flushed + start,
      record: this.put(record),
      feature: this.put(feature),
      rows: this.put(rows),
    };
    return { place, bytes: this.buffer.subarray(start, start + place.record) };
  }

  /** Ends the writing and begins the reading. */
  async turn(): Promise<void> {
    await this.flush();
    this.reader = await this.disk.open(this.file);
  }

  /** What was written of each, in the order asked for; at most {@link readAhead}, so that little is in memory. */
  async read(entries: readonly SpoolEntry[]): Promise<SpooledTexts[]> {
    const { reader } = this;
    if (!reader) throw new Error('The spool is still being written.');
    const stretches = stretchesOf(entries);
    this.reserve(stretches.reduce((total, { length }) => total + length, 0));
    const texts = new Map<SpoolEntry, SpooledTexts>();
    let used = 0;
    await Promise.all(
      stretches.map(async ({ offset, length, entries: own }) => {
        const bytes = this.buffer.subarray(used, used + length);
        used += length;
        if ((await reader.read(bytes, offset)) < length)
          throw new Error('The spool is shorter than what was written to it.');
        for (const entry of own) texts.set(entry, textsIn(bytes, entry, offset));
      }),
    );
    return entries.map((entry) => texts.get(entry) as SpooledTexts);
  }

  /** Takes the file away. */
  async remove(): Promise<void> {
    await this.close();
    await this.disk.remove(this.file);
  }

  async close(): Promise<void> {
    await this.writer.close().catch(() => undefined);
    await this.reader?.close().catch(() => undefined);
  }

  private put(text: string): number {
    const length = this.buffer.write(text, this.filled, 'utf8');
    this.filled += length;
    return length;
  }

  private async flush(): Promise<void> {
    await this.writer.write(this.buffer.subarray(0, this.filled));
    this.flushed += this.filled;
    this.filled = 0;
  }

  private reserve(bytes: number): void {
    if (bytes > this.buffer.length) this.buffer = Buffer.allocUnsafeSlow(bytes);
  }
}

function endOf({ offset, record, feature, rows }: SpoolPlace): number {
  return offset + record + feature + rows;
}

interface Stretch {
  readonly offset: number;
  length: number;
  readonly entries: SpoolEntry[];
}

/** Entries that lie close to one another on the disk. */
function stretchesOf(entries: readonly SpoolEntry[]): Stretch[] {
  const stretches: Stretch[] = [];
  for (const entry of [...entries].sort((a, b) => a.offset - b.offset)) {
    const stretch = stretches.at(-1);
    const length = endOf(entry) - (stretch?.offset ?? 0);
    if (stretch && entry.offset - stretch.offset - stretch.length <= gapBytes && length <= longestReadBytes) {
      stretch.entries.push(entry);
      stretch.length = length;
    } else stretches.push({ offset: entry.offset, length: endOf(entry) - entry.offset, entries: [entry] });
  }
  return stretches;
}

function textsIn(bytes: Buffer, place: SpoolPlace, base: number): SpooledTexts {
  const start = place.offset - base;
  const feature = start + place.record;
  const rows = feature + place.feature;
  const end = rows + place.rows;
  return {
    record: bytes.subarray(start, feature),
    feature: bytes.subarray(feature, rows),
    rows: bytes.subarray(rows, end),
  };
}
