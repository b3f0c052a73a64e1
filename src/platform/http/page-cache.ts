import { constants, deflateRaw } from 'node:zlib';
import type { PageValidity } from '../storage/index.js';
import { PageMemory } from './page-memory.js';

/** A page as it leaves: everything of the envelope up to the end of `data`. */
export interface CachedPage {
  readonly plain: Buffer;
  /** CRC-32 of `plain`, once somebody needed it. */
  checksum?: number;
  /** How many have it in hands; while anybody has, its memory is not used for another page. */
  users: number;
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
  /** Where new pages are made. */
  readonly memory = new PageMemory();
  private readonly entries = new Map<string, CachedPage>();
  private bytes = 0;

  /** @param capacity most bytes kept */
  constructor(private readonly capacity: number) {}

  get(key: string, isCurrent: (validity: PageValidity) => boolean): CachedPage | undefined {
    const page = this.entries.get(key);
    if (!page) return undefined;
    this.entries.delete(key);
    if (!isCurrent(page.validity)) {
      this.drop(page);
      return undefined;
    }
    this.entries.set(key, page);
    return page;
  }

  set(key: string, page: CachedPage): void {
    const old = this.entries.get(key);
    this.entries.delete(key);
    if (old) this.drop(old);
    this.entries.set(key, page);
    this.bytes += sizeOf(page);
    this.evict();
  }

  /** The compressed form if it is ready; otherwise it is made in the background, for the next one who asks. */
  compressed(key: string, page: CachedPage): Buffer | undefined {
    if (page.deflated || page.deflating) return page.deflated;
    page.deflating = true;
    page.users++;
    deflateRaw(page.plain, { finishFlush: constants.Z_SYNC_FLUSH, level: 6 }, (error, deflated) => {
      page.deflating = false;
      page.users--;
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
      this.drop(page);
    }
  }

  private drop(page: CachedPage): void {
    this.bytes -= sizeOf(page);
    if (page.users === 0) this.memory.give(page.plain);
  }
}

const opening = Buffer.from('{"data":[');
const closing = 0x5d;

/** Makes the ready form of joined documents. */
export function readyPage(
  body: Buffer,
  { count, lastId, more, validity }: Pick<CachedPage, 'count' | 'lastId' | 'more' | 'validity'>,
  memory = new PageMemory(),
): CachedPage {
  const plain = memory.take(opening.length + body.length + 1);
  opening.copy(plain);
  body.copy(plain, opening.length);
  plain[plain.length - 1] = closing;
  return { plain, users: 0, count, lastId, more, validity };
}

function sizeOf(page: CachedPage): number {
  return page.plain.length + (page.deflated?.length ?? 0) + 300;
}
