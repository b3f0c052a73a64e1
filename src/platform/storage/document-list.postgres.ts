import type { ModuleId } from '../../kernel/module-id.js';
import type { PostgresChangeFeed } from './change-feed.postgres.js';
import type { DocumentList, ListFilter, ListPage, ListQuery, PageValidity } from './document-list.js';
import { encodeKey } from './postgres-keys.js';
import type { RunQuery } from './postgres-pools.js';

interface PageRow {
  n: number;
  last: number | null;
  more: boolean | null;
  body: string | null;
  head: number;
}

/**
 * Pages read from the database each time: another node may have written since the last one.
 *
 * The documents are joined by the database and never parsed. A page tells this process the place in the change sequence that it
 * was read at, so totals that are kept by {@link version} are no older than the pages beside them.
 */
export class PostgresDocumentList implements DocumentList {
  constructor(
    private readonly module: ModuleId,
    private readonly query: RunQuery,
    private readonly feed: PostgresChangeFeed,
  ) {}

  async page(query: ListQuery): Promise<ListPage> {
    const values: unknown[] = [];
    const value = (one: unknown): string => `$${values.push(one)}`;
    const where = this.conditions(query, value);
    if (query.position !== undefined) where.push(`id > ${value(query.position)}`);
    else if (query.offset > 0)
      // What is passed over is counted in an index and not read.
      where.push(
        `id >= (SELECT id FROM document WHERE ${where.join(' AND ')} ORDER BY id OFFSET ${value(query.offset)} LIMIT 1)`,
      );
    const limit = value(query.limit);
    // Planned for these values each time. The row behind the page only says that there is one.
    const { rows } = await this.query<PageRow>({
      text: `SELECT count(*) FILTER (WHERE place <= ${limit}) AS n, max(id) FILTER (WHERE place <= ${limit}) AS last,
          bool_or(place > ${limit}) AS more,
          string_agg(document, ',' ORDER BY place) FILTER (WHERE place <= ${limit}) AS body,
          (SELECT n FROM feed_counter) AS head
        FROM (SELECT id, document, row_number() OVER (ORDER BY id) AS place
          FROM (SELECT id, document FROM document WHERE ${where.join(' AND ')}
            ORDER BY id LIMIT ${limit}::BIGINT + 1) AS found) AS numbered`,
      values,
    });
    const [row] = rows;
    this.feed.raise(row?.head ?? 0);
    return {
      body: Buffer.from(row?.body ?? ''),
      count: row?.n ?? 0,
      lastId: row?.last ?? query.position ?? 0,
      more: row?.more ?? false,
      validity: { version: row?.head ?? 0, removals: 0, firstChunk: 0, lastChunk: Number.POSITIVE_INFINITY },
    };
  }

  async total(filter: ListFilter): Promise<number> {
    if (filter.from === undefined && filter.to === undefined) return this.countOf(filter.owners);
    const values: unknown[] = [];
    const where = this.conditions(filter, (one) => `$${values.push(one)}`);
    const { rows } = await this.query<{ n: number }>({
      text: `SELECT count(*) AS n FROM document WHERE ${where.join(' AND ')}`,
      values,
    });
    return rows[0]?.n ?? 0;
  }

  /** How many there are, of these owners (party keys) or in all; kept, not counted. */
  async countOf(owners: readonly string[] | undefined): Promise<number> {
    const { rows } = await this.query<{ n: number }>({
      name: 'document_count',
      text: `SELECT coalesce(sum(n), 0)::BIGINT AS n FROM document_count
        WHERE module = $1 AND ($2::TEXT[] IS NULL OR owner = ANY ($2))`,
      values: [this.module, owners?.map(encodeKey) ?? null],
    });
    return rows[0]?.n ?? 0;
  }

  version(): number {
    return this.feed.head();
  }

  isCurrent(_validity: PageValidity): boolean {
    return false;
  }

  private conditions(filter: ListFilter, value: (one: unknown) => string): string[] {
    const where = [`module = ${value(this.module)}`];
    if (filter.from !== undefined) where.push(`last_updated >= ${value(filter.from)}`);
    if (filter.to !== undefined) where.push(`last_updated < ${value(filter.to)}`);
    if (filter.owners !== undefined) where.push(`owner = ANY (${value(filter.owners.map(encodeKey))})`);
    return where;
  }
}
