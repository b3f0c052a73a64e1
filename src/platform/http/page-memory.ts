/** Sizes are rounded up to this, so that one page's memory fits another. */
const granule = 16 * 1024;
/** Most bytes kept for pages to come. */
const mostSpare = 8 * 1024 * 1024;

/**
 * Memory of pages that left the cache, for those that come.
 *
 * A page's bytes lie outside the heap, where the garbage collector only counts them. With fresh memory for each page a crawl
 * made it go over the whole heap several times a second, which cost more than everything else that a page needs.
 */
export class PageMemory {
  private readonly spare = new Map<number, ArrayBuffer[]>();
  private spareBytes = 0;

  /** Room for `length` bytes; what is in it is left over. */
  take(length: number): Buffer {
    const size = Math.ceil(length / granule) * granule;
    const found = this.spare.get(size)?.pop();
    if (found) this.spareBytes -= size;
    return Buffer.from(found ?? new ArrayBuffer(size), 0, length);
  }

  /** Takes back what {@link take} gave out; nobody may read it any more. */
  give(page: Buffer): void {
    const memory = page.buffer as ArrayBuffer;
    const size = memory.byteLength;
    if (this.spareBytes + size > mostSpare) return;
    this.spareBytes += size;
    const same = this.spare.get(size);
    if (same) same.push(memory);
    else this.spare.set(size, [memory]);
  }
}
