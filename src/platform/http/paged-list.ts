import { parseDateTime } from '../../kernel/date-time.js';
import { itemsOf, withoutMembers } from '../../kernel/json-text.js';
import { nestedObjects } from '../../kernel/nested-objects.js';
import { invalidParameters } from '../../kernel/ocpi-error.js';
import type { DocumentList, ListFilter } from '../storage/index.js';
import { type CachedPage, PageCache, readyPage } from './page-cache.js';

/** One page of a list with what its headers say. */
export interface PageReply {
  readonly kind: 'page';
  readonly page: CachedPage;
  /** The compressed form, made on demand. */
  readonly compressed: () => Buffer | undefined;
  /** To be called when the answer is out, or will never be. */
  readonly release?: () => void;
  readonly totalCount: number;
  readonly limit: number;
  /** Absolute URL of the next page, if there is one (P-07). */
  readonly next: string | undefined;
}

export interface PagedListOptions {
  /** Page size where the caller asks for none. */
  readonly defaultLimit?: number;
  /** Largest page, what `X-Limit` says (P-10). */
  readonly maxLimit?: number;
  /** Bytes of ready pages to keep. */
  readonly cacheBytes?: number;
}

/**
 * Serves a stored list page by page.
 *
 * The `Link` that it hands out carries, beside `offset` and `limit`, an opaque `position`: the next page starts behind the
 * last object of this one, so a crawl neither skips nor repeats while objects come and go.
 *
 * Spec: 2.2.1 §4.1.4.1, P-01…P-20.
 */
export class PagedList {
  private readonly defaultLimit: number;
  private readonly maxLimit: number;
  private readonly cache: PageCache;
  private counted = new Map<string, { version: number; total: number }>();

  constructor(
    private readonly list: DocumentList,
    options: PagedListOptions = {},
  ) {
    this.defaultLimit = options.defaultLimit ?? 50;
    this.maxLimit = options.maxLimit ?? 500;
    this.cache = new PageCache(options.cacheBytes ?? 32 * 1024 * 1024);
  }

  /**
   * @param owners party keys whose objects the caller may see; undefined = all
   * @param withheld names of vendor objects that the caller is not sent
   * @throws OcpiError 2001 for parameters that are none (P-18)
   */
  async serve(
    url: string,
    query: URLSearchParams,
    owners?: readonly string[],
    withheld: readonly string[] = [],
  ): Promise<PageReply> {
    const from = dateOf(query, 'date_from');
    const to = dateOf(query, 'date_to');
    if (from !== undefined && to !== undefined && from > to) throw invalidParameters('date_from is after date_to.');
    const offset = numberOf(query, 'offset', 0, 0);
    const limit = Math.min(numberOf(query, 'limit', this.defaultLimit, 1), this.maxLimit);
    const position = positionOf(query);
    const filter: ListFilter = {
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      ...(owners ? { owners } : {}),
    };
    const place = position === undefined ? `o${offset}` : `p${position}`;
    // Who may see nothing is not who may see all.
    const filterKey = `${from ?? ''}|${to ?? ''}|${owners ? owners.join(',') : 'all'}`;
    const key = `${place}|${limit}|${filterKey}|${withheld.join(',')}`;
    let page = this.cache.get(key, (validity) => this.list.isCurrent(validity));
    if (!page) {
      const read = await this.list.page({ ...filter, offset, limit, ...(position === undefined ? {} : { position }) });
      page = readyPage(withheldFrom(read.body, withheld), read, this.cache.memory);
      page.users++;
      this.cache.set(key, page);
    } else page.users++;
    const ready = page;
    return {
      kind: 'page',
      page: ready,
      compressed: () => this.cache.compressed(key, ready),
      release: () => {
        ready.users--;
      },
      totalCount: await this.total(filter, filterKey),
      limit: this.maxLimit,
      next: ready.more ? nextLink(url, query, offset + ready.count, limit, ready.lastId) : undefined,
    };
  }

  private async total(filter: ListFilter, key: string): Promise<number> {
    const version = this.list.version();
    const known = this.counted.get(key);
    if (known && known.version === version) return known.total;
    const total = await this.list.total(filter);
    if (this.counted.size >= 100) this.counted.clear();
    this.counted.set(key, { version, total });
    return total;
  }
}

/** Joined documents without these members. */
function withheldFrom(body: Buffer, names: readonly string[]): Buffer {
  if (names.length === 0) return body;
  const list = `[${body.toString()}]`;
  const documents = itemsOf(list).map(({ start, end }) => withoutMembers(list.slice(start, end), names, nestedObjects));
  return Buffer.from(documents.join(','));
}

/** The caller's filters are repeated (P-08); the size is the one that the hub applied (P-06). */
function nextLink(url: string, query: URLSearchParams, offset: number, limit: number, lastId: number): string {
  let filters = '';
  for (const name of ['date_from', 'date_to']) {
    const value = query.get(name);
    if (value !== null) filters += `${name}=${encodeURIComponent(value)}&`;
  }
  return `${url}?${filters}offset=${offset}&limit=${limit}&position=${lastId.toString(36)}`;
}

function numberOf(query: URLSearchParams, name: string, fallback: number, least: number): number {
  const text = query.get(name);
  if (text === null) return fallback;
  if (!/^\d{1,12}$/.test(text)) throw invalidParameters(`${name} must be a whole number.`);
  const value = Number(text);
  if (value < least) throw invalidParameters(`${name} must be at least ${least}.`);
  return value;
}

function dateOf(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  // A "+00:00" that was not percent-encoded arrives as a blank.
  const value = parseDateTime(text.replace(' ', '+'));
  if (value === undefined) throw invalidParameters(`${name} is no DateTime.`);
  return value;
}

function positionOf(query: URLSearchParams): number | undefined {
  const text = query.get('position');
  if (text === null) return undefined;
  if (!/^[0-9a-z]{1,10}$/.test(text)) throw invalidParameters('position is none that this hub gave out.');
  return Number.parseInt(text, 36);
}
