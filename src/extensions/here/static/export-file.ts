import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createGzip, type Gzip } from 'node:zlib';
import type { Disk, NewFile } from './disk.js';

export interface FinishedFile {
  readonly sha256: string;
  readonly bytes: number;
}

/** Input goes to the compressor in blocks of just this size, so that the same text always makes the same bytes. */
const blockBytes = 64 * 1024;

/**
 * A file of an export on its way to the disk: compressed off the event loop, hashed as it goes. Node writes no time and no name into
 * the head of a gzip file, so its checksum tells whether the text changed.
 *
 * Whoever makes one calls `finish` or `abandon`. Each method may reject with what the disk said.
 */
export class ExportFile {
  private readonly hash = createHash('sha256');
  private bytes = 0;
  private block = Buffer.allocUnsafeSlow(blockBytes);
  private filled = 0;
  private readonly gzip: Gzip | undefined;
  private readonly drained: Promise<void>;

  private constructor(
    private readonly file: NewFile,
    compress: boolean,
  ) {
    this.gzip = compress ? createGzip({ chunkSize: blockBytes }) : undefined;
    this.drained = this.gzip ? this.drain(this.gzip) : Promise.resolve();
    // Told to whoever writes next, or finishes.
    this.drained.catch(() => undefined);
  }

  static async create(disk: Disk, path: string, compress: boolean): Promise<ExportFile> {
    return new ExportFile(await disk.create(path), compress);
  }

  /** What is given may be changed once this resolves. */
  async write(chunk: string | Uint8Array): Promise<void> {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk, 'utf8') : chunk;
    for (let done = 0; done < bytes.length; ) {
      const part = bytes.subarray(done, done + blockBytes - this.filled);
      this.block.set(part, this.filled);
      this.filled += part.length;
      done += part.length;
      if (this.filled === blockBytes) await this.passBlock();
    }
  }

  /** Writes the rest; resolves once all of it is on the disk. */
  async finish(): Promise<FinishedFile> {
    if (this.filled > 0) await this.passBlock();
    this.gzip?.end();
    await this.drained;
    await this.file.sync();
    await this.file.close();
    return { sha256: this.hash.digest('hex'), bytes: this.bytes };
  }

  /** Lets go of it, whatever state it is in. */
  async abandon(): Promise<void> {
    this.gzip?.destroy();
    await this.drained.catch(() => undefined);
    await this.file.close().catch(() => undefined);
  }

  private async passBlock(): Promise<void> {
    const { gzip } = this;
    const block = this.block.subarray(0, this.filled);
    // The compressor may still be reading this one.
    if (gzip) this.block = Buffer.allocUnsafeSlow(blockBytes);
    this.filled = 0;
    if (!gzip) await this.store(block);
    else if (gzip.destroyed) await this.drained;
    // If the disk fails, there is no more drain to wait for.
    else if (!gzip.write(block)) await Promise.race([once(gzip, 'drain'), this.drained]);
  }

  private async drain(gzip: Gzip): Promise<void> {
    for await (const chunk of gzip) await this.store(chunk as Buffer);
  }

  private async store(chunk: Buffer): Promise<void> {
    this.hash.update(chunk);
    this.bytes += chunk.length;
    await this.file.write(chunk);
  }
}
