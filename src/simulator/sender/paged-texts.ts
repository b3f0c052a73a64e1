import { answerWith, type ModuleRequest, notAllowed, type Reply, refused } from '../http/exchange.js';
import { stampOf } from '../wire/stamp.js';

/** An object of a list: its text (wire text) and `last_updated` in epoch milliseconds. */
export interface ListedText {
  text: string;
  stamp: number;
}

/** A page that is asked for. */
export interface Page {
  offset: number;
  limit: number;
  /** `date_from`, inclusive, and `date_to`, exclusive, in epoch milliseconds. */
  from: number | undefined;
  to: number | undefined;
}

/** Reads paging and filters; a string says what is wrong with them (P-18). */
export function readPage(query: URLSearchParams, cap: number): Page | string {
  const offset = query.get('offset') ?? '0';
  const limit = query.get('limit') ?? String(cap);
  if (!/^\d{1,9}$/.test(offset)) return 'offset is no whole number';
  if (!/^\d{1,9}$/.test(limit) || Number(limit) < 1) return 'limit is no positive whole number';
  const [from, to] = ['date_from', 'date_to'].map((name) => {
    const text = query.get(name);
    return text === null ? undefined : (stampOf(text) ?? Number.NaN);
  });
  if (Number.isNaN(from) || Number.isNaN(to)) return 'date_from or date_to is no date';
  return { offset: Number(offset), limit: Math.min(Number(limit), cap), from, to };
}

/** How a list is given out. */
export interface ListOptions {
  pageLimit: number;
  /** Our own URL of the list, for the `Link`. */
  url: string;
  /** Sessions: without `date_from` there is no list (S-01). */
  dateFromRequired?: boolean;
}

/** Answers a paginated GET. Spec: 2.2.1 §4.1.4.1 (P-01 … P-18). */
export function pageOf(request: ModuleRequest, all: readonly ListedText[], options: ListOptions): Reply {
  if (request.method !== 'GET') return notAllowed('GET');
  const query = new URLSearchParams(request.query);
  const page = readPage(query, options.pageLimit);
  if (typeof page === 'string') return refused(200, 2001, page);
  if (options.dateFromRequired === true && page.from === undefined) return refused(200, 2001, 'date_from is missing');
  const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY, offset, limit } = page;
  const matching = all.filter(({ stamp }) => stamp >= from && stamp < to);
  const headers: [string, string][] = [
    ['X-Total-Count', String(matching.length)],
    ['X-Limit', String(options.pageLimit)],
  ];
  if (offset + limit < matching.length) {
    query.set('offset', String(offset + limit));
    query.set('limit', String(limit));
    headers.push(['Link', `<${options.url}?${query.toString()}>; rel="next"`]);
  }
  const texts = matching.slice(offset, offset + limit).map(({ text }) => text);
  return answerWith(`[${texts.join(',')}]`, headers);
}
