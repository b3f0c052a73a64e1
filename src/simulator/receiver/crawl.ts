import type { PartyRef } from '../../kernel/party-ref.js';
import { TransportError } from '../http/http-client.js';
import { describeAnswer, isSuccess, type OcpiAnswer } from '../http/ocpi-answer.js';
import type { OcpiClient } from '../http/ocpi-client.js';
import { type OwnedModule, objectHead } from '../sender/catalogue.js';
import { pause } from '../sender/worker-pool.js';
import { itemsAt } from '../wire/json-scan.js';

/** One list to be read from the first page to the last. */
export interface CrawlRequest {
  module: OwnedModule;
  from: PartyRef;
  to?: PartyRef | undefined;
  /** Page size asked for; default: the server's. */
  limit?: number | undefined;
  dateFrom?: string | undefined;
}

/** How a crawl went. */
export interface CrawlResult {
  pages: number;
  objects: number;
  /** Items that are no objects with owner and id. */
  bad: number;
  /** `X-Total-Count` of the last page. */
  total: number | undefined;
  /** Why it did not reach the last page; undefined if it did. */
  problem: string | undefined;
}

/** An object on a page. */
export interface CrawledObject {
  key: string;
  /** Wire text; a slice of the page, to be copied if it is kept. */
  text: string;
  stamp: number;
}

const ATTEMPTS = 5;
const MAX_PAGES = 200_000;

/**
 * Follows `Link` until there is none and computes no page itself (P-14). Stops at a link to another origin or to a page that
 * it has seen; what came before is kept.
 */
export async function crawl(
  client: OcpiClient,
  endpoint: string,
  request: CrawlRequest,
  onObject: (object: CrawledObject) => void,
): Promise<CrawlResult> {
  const result: CrawlResult = { pages: 0, objects: 0, bad: 0, total: undefined, problem: undefined };
  const seen = new Set<string>();
  const query = new URLSearchParams();
  if (request.limit !== undefined) query.set('limit', String(request.limit));
  if (request.dateFrom !== undefined) query.set('date_from', request.dateFrom);
  let url: string | undefined = query.size === 0 ? endpoint : `${endpoint}?${query.toString()}`;
  while (url !== undefined) {
    seen.add(url);
    const answer = await fetchPage(client, request, url);
    if (typeof answer === 'string') return { ...result, problem: answer };
    if (!isSuccess(answer)) return { ...result, problem: `page refused: ${describeAnswer(answer)}` };
    const data = answer.data ?? '';
    const items = itemsAt(data, 0);
    if (items === undefined) return { ...result, problem: 'data is no list' };
    result.pages += 1;
    const total = Number(answer.headers['x-total-count'] ?? Number.NaN);
    result.total = Number.isInteger(total) ? total : undefined;
    for (const item of items) {
      const text = data.slice(item.start, item.end);
      const head = objectHead(text);
      if (head === undefined) {
        result.bad += 1;
        continue;
      }
      result.objects += 1;
      const { owner, id, stamp } = head;
      onObject({ key: `${owner.country_code}/${owner.party_id}/${id}`.toUpperCase(), text, stamp });
    }
    url = nextLink(answer.headers.link);
    const tooMany = result.objects > 2 * (result.total ?? Number.POSITIVE_INFINITY) + 1000;
    const problem = tooMany ? 'far more objects than X-Total-Count says' : url && linkProblem(url, endpoint, seen);
    if (problem) return { ...result, problem };
  }
  return result;
}

/** The URL of `rel="next"` in a Link header. */
export function nextLink(header: string | string[] | undefined): string | undefined {
  const text = Array.isArray(header) ? header.join(', ') : (header ?? '');
  for (const [, url, parameters] of text.matchAll(/<([^>]*)>([^<]*)/g)) {
    if (/;\s*rel="?next"?/i.test(parameters ?? '')) return url;
  }
  return undefined;
}

function linkProblem(url: string, endpoint: string, seen: ReadonlySet<string>): string | undefined {
  if (!URL.canParse(url)) return `link is no absolute URL: ${url}`;
  if (new URL(url).origin !== new URL(endpoint).origin) return `link leads to another origin: ${url}`;
  if (seen.has(url)) return `link leads back to a page already read: ${url}`;
  return seen.size >= MAX_PAGES ? 'too many pages' : undefined;
}

async function fetchPage(client: OcpiClient, request: CrawlRequest, url: string): Promise<OcpiAnswer | string> {
  const { module, from, to } = request;
  let problem = '';
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    try {
      const answer = await client.call({ method: 'GET', module, role: 'SENDER', url, from, to });
      if (answer.http !== 429 && answer.http < 500) return answer;
      problem = `page refused: ${describeAnswer(answer)}`;
      await pause(Math.min(Number(answer.headers['retry-after'] ?? 1) || 1, 15) * 1000);
    } catch (error) {
      if (!(error instanceof TransportError)) return String(error);
      problem = `no answer: ${error.code}`;
      await pause(200 * attempt);
    }
  }
  return problem;
}
