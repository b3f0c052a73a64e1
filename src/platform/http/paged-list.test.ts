import { describe, expect, it } from '@jest/globals';
import type { DocumentList, ListFilter, ListQuery } from '../storage/index.js';
import { PagedList } from './paged-list.js';

/** A list of numbers 1…n, one a millisecond from the epoch on, that remembers what it was asked. */
class NumberList implements DocumentList {
  readonly pages: ListQuery[] = [];
  readonly totals: ListFilter[] = [];
  current = true;
  changes = 0;

  constructor(private readonly count: number) {}

  async page(query: ListQuery) {
    this.pages.push(query);
    const start = query.position ?? query.offset;
    const ids = Array.from({ length: this.count }, (_, n) => n + 1).slice(start, start + query.limit);
    return {
      body: Buffer.from(ids.join(',')),
      count: ids.length,
      lastId: ids.at(-1) ?? start,
      more: start + query.limit < this.count,
      validity: { version: 0, removals: 0, firstChunk: 0, lastChunk: 0 },
    };
  }
  async total(filter: ListFilter) {
    this.totals.push(filter);
    return this.count;
  }
  version = () => this.changes;
  isCurrent = () => this.current;
}

const url = 'https://hub.example/ocpi/2.2.1/sender/locations';
const serve = (list: NumberList, query: string, options = {}, owners?: string[]) =>
  new PagedList(list, options).serve(url, new URLSearchParams(query), owners);

describe('parameters', () => {
  it.each([
    ['', { offset: 0, limit: 50 }],
    ['offset=3', { offset: 3, limit: 50 }],
    ['limit=7', { offset: 0, limit: 7 }],
    ['limit=2000', { offset: 0, limit: 500 }],
    ['offset=999999999999', { offset: 999999999999, limit: 50 }],
    ['date_from=1970-01-01T00:00:01Z', { offset: 0, limit: 50, from: 1_000 }],
    ['date_to=1970-01-01T00:00:01', { offset: 0, limit: 50, to: 1_000 }],
    ['date_from=1970-01-01T00%3A00%3A01.5Z', { offset: 0, limit: 50, from: 1_500 }],
    ['date_from=1970-01-01T01:00:01%2B01:00', { offset: 0, limit: 50, from: 1_000 }],
    ['date_from=1970-01-01T01:00:01+01:00', { offset: 0, limit: 50, from: 1_000 }],
    ['position=a&limit=2', { offset: 0, limit: 2, position: 10 }],
    ['unknown=1&x=%00', { offset: 0, limit: 50 }],
  ])('%j mean %j (P-01, P-19)', async (query, expected) => {
    const list = new NumberList(10);
    await serve(list, query);
    expect(list.pages).toEqual([expected]);
  });

  it.each([
    'limit=abc',
    'limit=',
    'limit=0',
    'limit=-1',
    'limit=1.5',
    'limit=1e3',
    'limit=9999999999999',
    'offset=-1',
    'offset=x',
    'offset= 1',
    'date_from=yesterday',
    'date_from=',
    'date_from=2026-02-30T00:00:00Z',
    'date_to=1',
    'date_from=2026-01-02T00:00:00Z&date_to=2026-01-01T00:00:00Z',
    'position=',
    'position=-1',
    'position=A',
    'position=zzzzzzzzzzz',
  ])('%j are refused (P-18)', async (query) => {
    const list = new NumberList(10);
    await expect(serve(list, query)).rejects.toMatchObject({ httpStatus: 200, statusCode: 2001 });
    expect(list.pages).toEqual([]);
  });
});

describe('the Link', () => {
  const next = async (query: string, count = 10, options = {}) =>
    (await serve(new NumberList(count), query, options)).next;

  it('leads to the next page with the size that was applied and a position (P-06, P-07)', async () => {
    expect(await next('limit=4')).toBe(`${url}?offset=4&limit=4&position=4`);
    expect(await next('limit=2000', 120, { maxLimit: 100 })).toBe(`${url}?offset=100&limit=100&position=2s`);
  });

  it('is missing on the last page (P-07)', async () => {
    expect(await next('limit=10')).toBeUndefined();
    expect(await next('offset=99')).toBeUndefined();
    expect(await next('', 0)).toBeUndefined();
  });

  it('repeats the filters, encoded (P-08)', async () => {
    const link = (await next('date_from=2026-01-01T00:00:00%2B01:00&date_to=2099-01-01T00:00:00Z&limit=1&x=y')) ?? '';
    const { searchParams } = new URL(link);
    expect(searchParams.get('date_from')).toBe('2026-01-01T00:00:00+01:00');
    expect(searchParams.get('date_to')).toBe('2099-01-01T00:00:00Z');
    expect(link).toContain('00%3A00%3A00%2B01%3A00');
    expect(searchParams.has('x')).toBe(false);
  });

  it('is followed to the end, each object once', async () => {
    const list = new NumberList(25);
    const pages = new PagedList(list, { maxLimit: 10 });
    const seen: string[] = [];
    for (let query: string | undefined = '?limit=50'; query !== undefined; ) {
      const reply = await pages.serve(url, new URLSearchParams(query.slice(query.indexOf('?') + 1)));
      seen.push(reply.page.plain.toString());
      expect([reply.totalCount, reply.limit]).toEqual([25, 10]);
      query = reply.next;
    }
    expect(seen).toEqual([
      '{"data":[1,2,3,4,5,6,7,8,9,10]',
      '{"data":[11,12,13,14,15,16,17,18,19,20]',
      '{"data":[21,22,23,24,25]',
    ]);
  });
});

describe('the cache', () => {
  it('is asked first and believed as long as the list says so', async () => {
    const list = new NumberList(10);
    const pages = new PagedList(list);
    const get = (query: string, owners?: string[]) => pages.serve(url, new URLSearchParams(query), owners);
    await get('limit=5');
    await get('limit=5&offset=0');
    expect(list.pages).toHaveLength(1);
    list.current = false;
    await get('limit=5');
    expect(list.pages).toHaveLength(2);
  });

  it('never serves a page to somebody who may see something else', async () => {
    const list = new NumberList(10);
    const pages = new PagedList(list);
    for (const owners of [undefined, ['DE/CP1'], ['DE/CP2'], ['DE/CP1', 'DE/CP2'], []])
      await pages.serve(url, new URLSearchParams(), owners);
    expect(list.pages.map((query) => query.owners)).toEqual([
      undefined,
      ['DE/CP1'],
      ['DE/CP2'],
      ['DE/CP1', 'DE/CP2'],
      [],
    ]);
  });

  it('counts once per version of the list and filter (P-09)', async () => {
    const list = new NumberList(10);
    const pages = new PagedList(list);
    for (let turn = 0; turn < 3; turn++) await pages.serve(url, new URLSearchParams('offset=1'));
    expect(list.totals).toHaveLength(1);
    list.changes++;
    await pages.serve(url, new URLSearchParams());
    await pages.serve(url, new URLSearchParams('date_from=2026-01-01T00:00:00Z'));
    expect(list.totals).toEqual([{}, {}, { from: Date.UTC(2026, 0, 1) }]);
  });
});
