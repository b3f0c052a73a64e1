import { open } from 'node:fs/promises';

/** Sizes in the log's format, bytes. Source: https://www.sqlite.org/fileformat2.html#the_write_ahead_log */
const size = { header: 32, frameHeader: 24, checkedOfFrameHeader: 8, checkedOfHeader: 24 } as const;
const magic = 0x377f0682;
/** How much is read and written in one go. */
const stepBytes = 1024 * 1024;

/**
 * Makes the whole write-ahead log durable after a flush of it has failed.
 *
 * A system that could not write some pages may take them for clean all the same, and the next flush succeeds without them. So
 * every byte is written again as it is, which makes all pages dirty, and then flushed. What is read is judged by the log's
 * own checksums first: pages that the system has dropped meanwhile come back from the disk as something else.
 * The content does not change, so that readers may go on; nobody may write meanwhile.
 *
 * @param log the log of a database, `….sqlite-wal`
 * @param frames how many of its frames are committed
 * @throws LogDamaged if the log does not hold them any more; the system's error if it cannot be read, written or flushed
 */
export async function rewriteLog(log: string, frames: number): Promise<void> {
  const file = await open(log, 'r+');
  try {
    if (frames > 0) {
      const header = Buffer.alloc(size.header);
      await readWhole(file, header, 0);
      const chain = Chain.from(header);
      await file.write(header, 0, header.length, 0);
      const frameBytes = size.frameHeader + chain.pageBytes;
      const perStep = Math.max(1, Math.floor(stepBytes / frameBytes));
      for (let first = 0; first < frames; first += perStep) {
        const step = Buffer.alloc(Math.min(perStep, frames - first) * frameBytes);
        const position = size.header + first * frameBytes;
        await readWhole(file, step, position);
        for (let at = 0; at < step.length; at += frameBytes) chain.follow(step.subarray(at, at + frameBytes));
        const { bytesWritten } = await file.write(step, 0, step.length, position);
        if (bytesWritten !== step.length) throw new LogDamaged('could be written in part only');
      }
    }
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The log does not hold what was written to it: only a start anew, which reads what is on disk, helps. */
export class LogDamaged extends Error {
  constructor(what: string) {
    super(`The log of the database ${what}.`);
    this.name = 'LogDamaged';
  }
}

async function readWhole(file: Awaited<ReturnType<typeof open>>, into: Buffer, position: number): Promise<void> {
  const { bytesRead } = await file.read(into, 0, into.length, position);
  if (bytesRead !== into.length) throw new LogDamaged('is shorter than what was written');
}

/** The checksums of a log's frames, each of which goes on from the one before. */
class Chain {
  private a = 0;
  private b = 0;

  private constructor(
    readonly pageBytes: number,
    private readonly bigEndian: boolean,
    private readonly salt: string,
  ) {}

  static from(header: Buffer): Chain {
    const kind = header.readUInt32BE(0);
    if (kind !== magic && kind !== magic + 1) throw new LogDamaged('does not begin like one');
    const chain = new Chain(header.readUInt32BE(8), kind !== magic, header.toString('latin1', 16, 24));
    chain.add(header, 0, size.checkedOfHeader);
    chain.compare(header, size.checkedOfHeader);
    return chain;
  }

  follow(frame: Buffer): void {
    if (frame.toString('latin1', 8, 16) !== this.salt) throw new LogDamaged('holds something older');
    this.add(frame, 0, size.checkedOfFrameHeader);
    this.add(frame, size.frameHeader, frame.length);
    this.compare(frame, 16);
  }

  private add(bytes: Buffer, from: number, to: number): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const little = !this.bigEndian;
    let { a, b } = this;
    for (let at = from; at < to; at += 8) {
      a = (a + view.getUint32(at, little) + b) >>> 0;
      b = (b + view.getUint32(at + 4, little) + a) >>> 0;
    }
    this.a = a;
    this.b = b;
  }

  private compare(bytes: Buffer, at: number): void {
    if (bytes.readUInt32BE(at) !== this.a || bytes.readUInt32BE(at + 4) !== this.b)
      throw new LogDamaged('does not hold what was written');
  }
}
