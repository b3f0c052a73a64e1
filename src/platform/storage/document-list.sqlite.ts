import type { Database, Statement } from 'better-sqlite3';
import type { DocumentList, ListFilter, ListPage, ListQuery, PageValidity } from './document-list.js';
import { RowColumns } from './row-columns.js';

/** Rows of one chunk share one mark of change. */
const chunkBits = 6;

/**
 * Pages over a table with the columns `id` (creation order), `owner`, `last_updated` (ms) and `document`.
 *
 * Which rows are on a page is answered from memory; the documents are joined by the database and never parsed. Changes
 * are remembered per chunk of 64 rows, so a cached page is dropped only when something on it changed.
 */
export class SqliteDocumentList implements DocumentList {
  private readonly columns = new RowColumns();
  private readonly chunks = new Map<number, number>();
  private readonly joinRange: Statement<[number, number]>;
  private readonly joinList: Statement<[string]>;
  private versionNow = 0;
  private removals = 0;

  constructor(reader: Database, table: string) {
    const rows = reader.prepare(`SELECT id, owner, last_updated FROM ${table} ORDER BY id`);
    for (const row of rows.iterate() as IterableIterator<{ id: number; owner: string; last_updated: number }>)
      this.columns.append(row.id, row.owner, row.last_updated);
    // The aggregate takes the rows in the order of the inner query; an ORDER BY of its own would sort copies of the documents.
    const joined = "SELECT CAST(group_concat(document, ',') AS BLOB) AS body";
    this.joinRange = reader.prepare(
      `${joined} FROM (SELECT document FROM ${table} WHERE id BETWEEN ? AND ? ORDER BY id)`,
    );
    this.joinList = reader.prepare(
      `${joined} FROM (SELECT document FROM ${table} WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id)`,
    );
  }

  /** To be called after the commit that stored row `id`; `stamp` is its `last_updated` in ms. */
  stored(id: number, owner: string, stamp: number, isNew: boolean): void {
    if (isNew) this.columns.append(id, owner, stamp);
    else this.columns.restamp(id, stamp);
    this.versionNow++;
    this.chunks.set(id >> chunkBits, this.versionNow);
  }

  /** To be called after the commit that deleted these rows. */
  removed(ids: readonly number[]): void {
    this.columns.remove(new Set(ids));
    this.versionNow++;
    this.removals++;
  }

  /** Ids of all rows of an owner. */
  idsOf(owner: string): number[] {
    return this.columns.idsOf(owner);
  }

  /** How many rows there are, of these owners (party keys) or in all; kept, not counted. */
  countOf(owners?: readonly string[]): number {
    return owners ? this.columns.countOf(owners) : this.columns.length;
  }

  version(): number {
    return this.versionNow;
  }

  isCurrent(validity: PageValidity): boolean {
    if (validity.removals !== this.removals) return false;
    if (validity.version === this.versionNow) return true;
    if (validity.lastChunk === Number.POSITIVE_INFINITY) return false;
    for (let chunk = validity.firstChunk; chunk <= validity.lastChunk; chunk++) {
      if ((this.chunks.get(chunk) ?? 0) > validity.version) return false;
    }
    return true;
  }

  async total(filter: ListFilter): Promise<number> {
    if (filter.from === undefined && filter.to === undefined) return this.countOf(filter.owners);
    const matches = this.columns.matcher(filter);
    let total = 0;
    for (let place = 0; place < this.columns.length; place++) if (matches(place)) total++;
    return total;
  }

  async page(query: ListQuery): Promise<ListPage> {
    const filtered = query.from !== undefined || query.to !== undefined || query.owners !== undefined;
    const found = filtered ? this.findFiltered(query) : this.findAll(query);
    const { ids, more } = found;
    const first = ids[0];
    const last = ids.at(-1);
    let body: Buffer = Buffer.alloc(0);
    if (first !== undefined && last !== undefined) {
      const row = filtered ? this.joinList.get(JSON.stringify(ids)) : this.joinRange.get(first, last);
      // Rows that a commit not yet durable has taken out are still counted here, and no longer there.
      body = (row as { body: Buffer | null }).body ?? body;
    }
    const start = query.position ?? (first ?? 1) - 1;
    const lastId = last ?? start;
    return {
      body,
      count: ids.length,
      lastId,
      more,
      validity: {
        version: this.versionNow,
        removals: this.removals,
        firstChunk: (start + 1) >> chunkBits,
        // Beyond a last page or a date window any change may add an object.
        lastChunk:
          more && query.from === undefined && query.to === undefined ? lastId >> chunkBits : Number.POSITIVE_INFINITY,
      },
    };
  }

  private findAll(query: ListQuery): { ids: number[]; more: boolean } {
    const { columns } = this;
    const start = query.position === undefined ? query.offset : columns.firstBehind(query.position);
    const end = Math.min(start + query.limit, columns.length);
    const ids: number[] = [];
    for (let place = start; place < end; place++) ids.push(columns.id(place));
    return { ids, more: end < columns.length };
  }

  private findFiltered(query: ListQuery): { ids: number[]; more: boolean } {
    const { columns } = this;
    const matches = columns.matcher(query);
    const ids: number[] = [];
    let skip = query.position === undefined ? query.offset : 0;
    for (let place = columns.firstBehind(query.position ?? 0); place < columns.length; place++) {
      if (!matches(place)) continue;
      if (skip > 0) skip--;
      else if (ids.length === query.limit) return { ids, more: true };
      else ids.push(columns.id(place));
    }
    return { ids, more: false };
  }
}
