import { constants, inflateRawSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { type CachedPage, PageCache, readyPage } from './page-cache.js';

const validity = { version: 1, removals: 0, firstChunk: 0, lastChunk: 0 };
const page = (size: number): CachedPage =>
  readyPage(Buffer.alloc(size, '1'), { count: 1, lastId: 1, more: false, validity });
const always = () => true;

/** Runs until `ready` gives something; compression happens on another thread. */
async function eventually<T>(ready: () => T | undefined): Promise<T> {
  for (;;) {
    const value = ready();
    if (value !== undefined) return value;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('a page cache', () => {
  it('gives back what was put in while it holds, and forgets it when it does not', () => {
    const cache = new PageCache(10_000);
    const stored = page(10);
    cache.set('a', stored);
    expect(cache.get('a', always)).toBe(stored);
    expect(cache.get('b', always)).toBeUndefined();
    expect(cache.get('a', () => false)).toBeUndefined();
    expect(cache.get('a', always)).toBeUndefined();
  });

  it('keeps to its size, and the one unused for longest goes first', () => {
    const cache = new PageCache(4_000);
    for (const key of ['a', 'b', 'c']) cache.set(key, page(900));
    cache.get('a', always);
    cache.set('d', page(900));
    expect(['a', 'b', 'c', 'd'].map((key) => cache.get(key, always) !== undefined)).toEqual([true, false, true, true]);
    cache.set('huge', page(5_000));
    expect(['a', 'c', 'd', 'huge'].every((key) => cache.get(key, always) === undefined)).toBe(true);
    cache.set('a', page(900));
    expect(cache.get('a', always)).toBeDefined();
  });

  it('does not grow when a page is replaced over and over', () => {
    const cache = new PageCache(4_000);
    cache.set('other', page(900));
    for (let turn = 0; turn < 100; turn++) cache.set('a', page(900));
    expect(cache.get('other', always)).toBeDefined();
  });

  it('compresses on demand, for the next one who asks, open-ended', async () => {
    const cache = new PageCache(10_000);
    const stored = page(2_000);
    cache.set('a', stored);
    expect(cache.compressed('a', stored)).toBeUndefined();
    const deflated = await eventually(() => cache.compressed('a', stored));
    expect(deflated.length).toBeLessThan(200);
    expect(inflateRawSync(deflated, { finishFlush: constants.Z_SYNC_FLUSH })).toEqual(stored.plain);
  });

  it('counts the compressed form, and drops it with a page that was replaced meanwhile', async () => {
    const cache = new PageCache(10_000);
    const old = page(2_000);
    cache.set('a', old);
    cache.compressed('a', old);
    const fresh = page(1_000);
    cache.set('a', fresh);
    await eventually(() => cache.compressed('a', fresh));
    expect(old.deflated).toBeUndefined();
    cache.get('a', () => false);
    // All bytes were given back: a page of nearly the whole capacity fits.
    cache.set('b', page(9_600));
    expect(cache.get('b', always)).toBeDefined();
  });
});
