import { constants, crc32, deflateRaw } from 'node:zlib';
import type { PageValidity } from '../storage/index.js';

/** A page as it leaves: everything of the envelope up to the end of `data`. */
export interface CachedPage {
  readonly plain: Buffer;
  /** CRC-32 of `plain`. */
  readonly checksum: number;
  readonly count: number;
  readonly lastId: number;
  readonly more: boolean;
  readonly validity: PageValidity;
  /** Raw deflate of `plain`, open-ended; there once somebody asked for it twice. */
  deflated?: Buffer;
  deflating?: boolean;
}

/**
 * Ready pages, bounded by their size in bytes; the one unused for longest goes first.
 * Whether an entry still holds is for the list to say, at look-up.
 */
export class PageCache {
  private readonly entries = new Map<string, CachedPage>();
  private bytes = 0;

  /** @param capacity most bytes kept */
  constructor(private readonly capacity: number) {}

  get(key: string, isCurrent: (validity: PageValidity) => boolean): CachedPage | undefined {
    const page = this.entries.get(key);
    if (!page) return undefined;
    this.entries.delete(key);
    if (!isCurrent(page.validity)) {
      this.bytes -= sizeOf(page);
      return undefined;
    }
    this.entries.set(key, page);
    return page;
  }

  set(key: string, page: CachedPage): void {
    const old = this.entries.get(key);
    if (old) this.bytes -= sizeOf(old);
    this.entries.delete(key);
    this.entries.set(key, page);
    this.bytes += sizeOf(page);
    this.evict();
  }

  /** The compressed form if it is ready; otherwise it is made in the background, for the next one who asks. */
  compressed(key: string, page: CachedPage): Buffer | undefined {
    if (page.deflated || page.deflating) return page.deflated;
    page.deflating = true;
    deflateRaw(page.plain, { finishFlush: constants.Z_SYNC_FLUSH, level: 6 }, (error, deflated) => {
      page.deflating = false;
      if (error || this.entries.get(key) !== page) return;
      page.deflated = deflated;
      this.bytes += deflated.length;
      this.evict();
    });
    return undefined;
  }

  private evict(): void {
    for (const [key, page] of this.entries) {
      if (this.bytes <= this.capacity) return;
      this.entries.delete(key);
      this.bytes -= sizeOf(page);
    }
  }
}

/** Makes the ready form of joined documents. */
export function readyPage(body: Buffer, rest: Pick<CachedPage, 'count' | 'lastId' | 'more' | 'validity'>): CachedPage {
  const plain = Buffer.concat([Buffer.from('{"data":['), body, Buffer.from(']')]);
  return { plain, checksum: crc32(plain), ...rest };
}

function sizeOf(page: CachedPage): number {
  return page.plain.length + (page.deflated?.length ?? 0) + 300;
}
