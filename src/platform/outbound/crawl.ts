import { newMessageId } from '../../kernel/message-ids.js';
import { nextLink, unreadableLink } from './link-header.js';
import type { OutboundClient } from './outbound-client.js';
import { type Answered, isSuccess, type OutboundOutcome, type OutboundRequest } from './outbound-types.js';

export interface CrawlRequest extends Omit<OutboundRequest, 'method' | 'url' | 'profile' | 'body' | 'requestId'> {
  /** Where the list starts, with the filters of the caller; or where an earlier crawl stopped. */
  readonly firstUrl: string;
  /** Pages to read at most. */
  readonly maxPages?: number;
}

export type CrawlStop =
  | 'foreign-link'
  | 'offset-not-growing'
  | 'loop'
  | 'too-many-pages'
  | 'bad-link'
  | 'page-failed'
  | 'ended-by-caller';

/** How a crawl ended. Everything given to `onPage` before is valid in either case. */
export type CrawlEnd =
  | { readonly ended: 'complete'; readonly pages: number }
  | {
      readonly ended: 'stopped';
      readonly reason: CrawlStop;
      readonly pages: number;
      /** The page that was not read. With `page-failed` or `ended-by-caller` a later crawl may start there. */
      readonly url: string;
      /** What came instead of a page. */
      readonly outcome?: OutboundOutcome;
    };

/** Takes one page; a crawl goes on when the promise resolves, and stops if it resolves to `false`. */
export type OnPage = (page: Answered, url: string) => Promise<boolean | undefined> | boolean | undefined;

const defaultMaxPages = 10_000;

/**
 * Reads a partner's list page by page, following `Link: …; rel="next"` as it is given (P-14).
 *
 * A link is followed only to the origin and path of the first page, only to a URL not read before, and only if its
 * `offset`, where it has one, has grown: a partner cannot send us elsewhere or in circles. Pages come one at a time, so
 * `onPage` sets the pace.
 *
 * Spec: 2.2.1 §4.1.4.1. Threats T8, T9.
 */
export async function crawl(client: OutboundClient, request: CrawlRequest, onPage: OnPage): Promise<CrawlEnd> {
  const { firstUrl, maxPages = defaultMaxPages, ...rest } = request;
  const correlationId = request.correlationId ?? newMessageId();
  const visited = new Set<string>([firstUrl]);
  let url = firstUrl;
  let offset = offsetOf(firstUrl) ?? 0;
  for (let pages = 0; ; ) {
    const outcome = await client.send({ ...rest, method: 'GET', url, profile: 'page', correlationId });
    if (!isSuccess(outcome)) return { ended: 'stopped', reason: 'page-failed', pages, url, outcome };
    pages++;
    const goOn = await onPage(outcome, url);

    const next = nextLink(linkOf(outcome), url);
    if (next === undefined) return { ended: 'complete', pages };
    const stop = (reason: CrawlStop): CrawlEnd => ({ ended: 'stopped', reason, pages, url: next });
    if (next === unreadableLink) return stop('bad-link');
    if (!isSamePlace(next, firstUrl)) return stop('foreign-link');
    if (visited.has(next)) return stop('loop');
    const nextOffset = offsetOf(next);
    if (nextOffset !== undefined && !(nextOffset > offset)) return stop('offset-not-growing');
    if (goOn === false) return stop('ended-by-caller');
    if (pages >= maxPages) return stop('too-many-pages');
    visited.add(next);
    offset = nextOffset ?? offset;
    url = next;
  }
}

function linkOf({ headers }: Answered): string | undefined {
  const { link } = headers;
  return Array.isArray(link) ? link.join(', ') : link;
}

/** Same origin and path; a slash at the end makes no difference. */
function isSamePlace(url: string, first: string): boolean {
  const [a, b] = [new URL(url), new URL(first)];
  return a.origin === b.origin && withoutSlash(a.pathname) === withoutSlash(b.pathname);
}

function withoutSlash(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : path;
}

/** `undefined` if there is none, NaN (which grows over nothing) if it is no number. */
function offsetOf(url: string): number | undefined {
  if (!URL.canParse(url)) return undefined;
  const text = new URL(url).searchParams.get('offset');
  return text === null ? undefined : Number(text);
}
