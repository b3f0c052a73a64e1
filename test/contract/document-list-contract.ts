import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PagedList, type PageReply } from '../../src/platform/http/paged-list.js';
import type { DocumentKind, DocumentList, DocumentTable, ListQuery } from '../../src/platform/storage/index.js';
import type { OpenStorage, StorageUnderTest } from './storage-under-test.js';

const kind: DocumentKind = { module: 'tariffs', table: 'tariff', idColumn: 'tariff_key' };
const context = { correlationId: 'c', now: 0 };

/** The list of a storage and the means to fill it. */
class ListWorld {
  private version = 0;

  constructor(private readonly under: StorageUnderTest) {}

  get list(): DocumentList {
    return this.table.list;
  }

  private get table(): DocumentTable {
    return this.under.storage.documents(kind);
  }

  /** Stores a document of this owner (a party key) with this `last_updated` in ms; new ones go to the end. */
  put(owner: string, id: string, lastUpdated: number): Promise<void> {
    const document = JSON.stringify({ id, owner, version: this.version++ });
    return this.table.change({ key: `${owner}/${id}`, id, owner }, context, () => ({
      kind: 'store',
      result: undefined,
      document,
      lastUpdated,
      news: { kind: 'PUT' },
    }));
  }

  remove(owner: string, id: string): Promise<void> {
    return this.table.change({ key: `${owner}/${id}`, id, owner }, context, () => ({
      kind: 'remove',
      result: undefined,
      news: { kind: 'DELETE' },
    }));
  }

  /** Takes everything out. */
  async clear(): Promise<void> {
    for (const owner of owners) await this.table.removeAbsent(owner, new Set(), Infinity, context);
  }

  reopen(): Promise<void> {
    return this.under.reopen();
  }

  release(): Promise<void> {
    return this.under.release();
  }
}

export interface DocumentListTraits {
  /** Whether a page counts as current until something on it changes; else it is read again each time. */
  readonly keepsPages: boolean;
}

const owners = ['DE/CP1', 'DE/CP2', 'AT/CP3'] as const;
const idsOf = (body: Buffer): string[] =>
  (JSON.parse(`[${body.toString()}]`) as { id: string }[]).map((entry) => entry.id);
const dataOf = (reply: PageReply): { id: string }[] =>
  (JSON.parse(`${reply.page.plain.toString()}}`) as { data: { id: string }[] }).data;

/** What every list of stored documents must do: creation order, filters, positions, and honest validities. */
export function describeDocumentList(name: string, open: OpenStorage, { keepsPages }: DocumentListTraits): void {
  describe(`the document list of ${name}`, () => {
    let under: ListWorld;
    beforeAll(async () => {
      under = new ListWorld(await open());
    });
    afterAll(() => under.release());

    const fill = async (count: number): Promise<void> => {
      await under.clear();
      await Promise.all(Array.from({ length: count }, (_, n) => under.put(owners[n % 3] ?? '', `O${n}`, 1_000 + n)));
    };
    const page = async (query: Partial<ListQuery>): Promise<string[]> =>
      idsOf((await under.list.page({ offset: 0, limit: 100, ...query })).body);

    it('is empty at first', async () => {
      await under.clear();
      const empty = await under.list.page({ offset: 0, limit: 10 });
      expect(empty).toMatchObject({ count: 0, more: false });
      expect(empty.body).toHaveLength(0);
      expect(await under.list.total({})).toBe(0);
    });

    it('goes by creation, not by last_updated, and changes do not move anything (P-12, P-13)', async () => {
      await fill(5);
      await under.put(owners[0], 'O0', 9_999);
      await under.put(owners[1], 'LATE', 1);
      expect(await page({})).toEqual(['O0', 'O1', 'O2', 'O3', 'O4', 'LATE']);
      await under.reopen();
      expect(await page({})).toEqual(['O0', 'O1', 'O2', 'O3', 'O4', 'LATE']);
    });

    it('puts what comes back after a removal at the end', async () => {
      await fill(3);
      await under.remove(owners[0], 'O0');
      await under.put(owners[0], 'O0', 1);
      expect(await page({})).toEqual(['O1', 'O2', 'O0']);
    });

    it('never gives a row number out twice, not even after a restart (a position would skip)', async () => {
      await fill(3);
      const { lastId } = await under.list.page({ offset: 0, limit: 3 });
      await under.remove(owners[2], 'O2');
      await under.reopen();
      await under.put(owners[2], 'O3', 1);
      expect(await page({ position: lastId })).toEqual(['O3']);
    });

    it('takes offset and limit, and says whether more follow (P-04, P-05, P-17)', async () => {
      await fill(7);
      expect(await page({ offset: 2, limit: 3 })).toEqual(['O2', 'O3', 'O4']);
      expect(await under.list.page({ offset: 4, limit: 3 })).toMatchObject({ count: 3, more: false });
      expect(await under.list.page({ offset: 3, limit: 3 })).toMatchObject({ count: 3, more: true });
      expect(await under.list.page({ offset: 99_999, limit: 3 })).toMatchObject({ count: 0, more: false });
      expect(await page({ offset: 1, limit: 2, owners: [owners[0], owners[1]] })).toEqual(['O1', 'O3']);
    });

    it('filters from inclusive to exclusive (P-02, P-03), by owner, and counts the same (P-09)', async () => {
      await fill(9);
      const filter = { from: 1_002, to: 1_006 };
      expect(await page(filter)).toEqual(['O2', 'O3', 'O4', 'O5']);
      expect(await under.list.total(filter)).toBe(4);
      expect(await page({ ...filter, owners: [owners[2]] })).toEqual(['O2', 'O5']);
      expect(await under.list.total({ ...filter, owners: [owners[2]] })).toBe(2);
      expect(await under.list.total({ owners: [owners[0], 'XX/YYY'] })).toBe(3);
      expect(await under.list.total({ owners: [] })).toBe(0);
      expect(await page({ owners: [] })).toEqual([]);
      await under.reopen();
      expect(await page(filter)).toEqual(['O2', 'O3', 'O4', 'O5']);
      expect(await under.list.total({})).toBe(9);
    });

    it('serves from its cache exactly what it would serve without one', async () => {
      const change = fc.oneof(
        fc.record({ do: fc.constant('put' as const), n: fc.nat(140), stamp: fc.integer({ min: 0, max: 300 }) }),
        fc.record({ do: fc.constant('insert' as const), owner: fc.nat(2), stamp: fc.integer({ min: 0, max: 300 }) }),
        fc.record({ do: fc.constant('remove' as const), n: fc.nat(140) }),
      );
      const plain = fc.record({ offset: fc.nat(150), limit: fc.integer({ min: 1, max: 70 }) });
      const anything = fc.record(
        {
          offset: fc.nat(150),
          limit: fc.integer({ min: 1, max: 70 }),
          position: fc.nat(150),
          date_from: fc.nat(300),
          date_to: fc.nat(300),
        },
        { requiredKeys: ['limit'] },
      );
      const query: fc.Arbitrary<Partial<Record<'offset' | 'limit' | 'position' | 'date_from' | 'date_to', number>>> =
        fc.oneof(plain, anything);
      const owned = fc.option(fc.subarray([...owners], { minLength: 1 }), { nil: undefined });
      let fresh = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(query, owned), { minLength: 1, maxLength: 6 }),
          fc.array(change, { maxLength: 6 }),
          async (queries, changes) => {
            await fill(140);
            const cached = new PagedList(under.list);
            const compare = async (): Promise<void> => {
              for (const [parameters, visible] of queries) {
                const url = new URLSearchParams();
                for (const [key, value] of Object.entries(parameters)) {
                  if (key.startsWith('date')) url.set(key, new Date(1_000 + Number(value)).toISOString());
                  else url.set(key, Number(value).toString(key === 'position' ? 36 : 10));
                }
                if ((parameters.date_from ?? 0) > (parameters.date_to ?? 999)) continue;
                const got = await cached.serve('http://hub/list', url, visible);
                const wanted = await new PagedList(under.list, { cacheBytes: 0 }).serve(
                  'http://hub/list',
                  url,
                  visible,
                );
                expect(got.page.plain.toString()).toBe(wanted.page.plain.toString());
                expect([got.next, got.totalCount]).toEqual([wanted.next, wanted.totalCount]);
              }
            };
            await compare();
            for (const entry of changes) {
              if (entry.do === 'insert') await under.put(owners[entry.owner] ?? '', `N${fresh++}`, 1_000 + entry.stamp);
              else if (entry.do === 'put')
                await under.put(owners[entry.n % 3] ?? '', `O${entry.n}`, 1_000 + entry.stamp);
              else await under.remove(owners[entry.n % 3] ?? '', `O${entry.n}`);
              await compare();
            }
          },
        ),
        { numRuns: 25 },
      );
    }, 30_000);

    it(
      keepsPages ? 'keeps a page valid while nothing on it changes, and no longer' : 'takes no page for valid',
      async () => {
        await fill(200);
        const read = await under.list.page({ offset: 0, limit: 50 });
        expect(under.list.isCurrent(read.validity)).toBe(keepsPages);
        await under.put(owners[0], 'O150', 1);
        await under.put(owners[0], 'NEW', 1);
        expect(under.list.isCurrent(read.validity)).toBe(keepsPages);
        await under.put(owners[1], 'O49', 1);
        expect(under.list.isCurrent(read.validity)).toBe(false);
        const last = await under.list.page({ offset: 190, limit: 50 });
        await under.put(owners[0], 'NEWER', 1);
        expect(under.list.isCurrent(last.validity)).toBe(false);
        // What lies in front of a date window may move into it.
        const dated = await under.list.page({ offset: 0, limit: 1, from: 1_190 });
        expect(dated.more).toBe(true);
        await under.put(owners[0], 'O3', 9_999);
        expect(under.list.isCurrent(dated.validity)).toBe(false);
        expect(await page({ offset: 0, limit: 1, from: 1_190 })).toEqual(['O3']);
      },
    );

    it('is crawled without skip and without repeat while objects come, change and go (P-20)', async () => {
      const step = fc.array(
        fc.oneof(
          fc.record({ do: fc.constant('put' as const), n: fc.nat(30) }),
          fc.record({ do: fc.constant('insert' as const), owner: fc.nat(2) }),
          fc.record({ do: fc.constant('remove' as const), n: fc.nat(30) }),
        ),
        { maxLength: 4 },
      );
      let fresh = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(1, 2, 3, 7, 10, 100),
          fc.array(step, { minLength: 1, maxLength: 12 }),
          fc.option(fc.constantFrom(...owners), { nil: undefined }),
          fc.boolean(),
          async (limit, steps, owner, dated) => {
            await fill(30);
            const pages = new PagedList(under.list, { cacheBytes: 100_000 });
            const visible = owner === undefined ? undefined : [owner];
            const throughout = new Set(
              Array.from({ length: 30 }, (_, n) => n)
                .filter((n) => owner === undefined || owners[n % 3] === owner)
                .map((n) => `O${n}`),
            );
            const seen: string[] = [];
            let query: URLSearchParams | undefined = new URLSearchParams({ limit: String(limit) });
            // A window that every stamp used here falls into, so that the filtered path is walked as well.
            if (dated) query.set('date_from', new Date(0).toISOString());
            for (let turn = 0; query; turn++) {
              const reply: PageReply = await pages.serve('http://hub/list', query, visible);
              const data = dataOf(reply);
              expect(data.length).toBeLessThanOrEqual(limit);
              seen.push(...data.map((entry) => entry.id));
              query = reply.next === undefined ? undefined : new URL(reply.next).searchParams;
              for (const entry of steps[turn] ?? []) {
                if (entry.do === 'insert') await under.put(owners[entry.owner] ?? '', `N${fresh++}`, 5);
                else if (entry.do === 'put' && throughout.has(`O${entry.n}`))
                  await under.put(owners[entry.n % 3] ?? '', `O${entry.n}`, 10_000 + fresh++);
                else if (entry.do === 'remove') {
                  await under.remove(owners[entry.n % 3] ?? '', `O${entry.n}`);
                  throughout.delete(`O${entry.n}`);
                }
              }
            }
            expect(new Set(seen).size).toBe(seen.length);
            expect([...throughout].filter((id) => !seen.includes(id))).toEqual([]);
          },
        ),
        { numRuns: 40 },
      );
    }, 30_000);
  });
}
