import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import nock from 'nock';
import { systemClock } from '../../kernel/clock.js';
import { type CrawlEnd, type CrawlRequest, crawl } from './crawl.js';
import { OutboundClient } from './outbound-client.js';
import { dataText } from './read-envelope.js';

const origin = 'https://ocpi.partner.example';
const client = new OutboundClient({ policy: { development: false, allowedNetworks: [] }, clock: systemClock });

function page(path: string, data: unknown, link?: string): void {
  nock(origin)
    .get(path)
    .reply(200, { data, status_code: 1000 }, link === undefined ? {} : { Link: link });
}

async function run(
  path: string,
  overrides: Partial<CrawlRequest> = {},
  goOn: boolean | undefined = undefined,
): Promise<{ end: CrawlEnd; seen: unknown[] }> {
  const seen: unknown[] = [];
  const request = { firstUrl: `${origin}${path}`, token: 't', origins: [origin], ...overrides };
  const end = await crawl(client, request, (answer) => {
    seen.push(...(JSON.parse(dataText(answer) ?? '[]') as unknown[]));
    return goOn;
  });
  return { end, seen };
}

beforeAll(() => nock.disableNetConnect());
afterEach(() => nock.cleanAll());
afterAll(async () => {
  await client.close();
  nock.restore();
});

describe('crawl', () => {
  it('follows opaque next links until there is none (P-14)', async () => {
    page('/locations?date_from=x', [1, 2], `<${origin}/locations?cursor=a%2Bb>; rel="next"`);
    page('/locations?cursor=a%2Bb', [3], '</locations/?cursor=z>; rel=next');
    page('/locations/?cursor=z', [4]);
    expect(await run('/locations?date_from=x')).toEqual({ end: { ended: 'complete', pages: 3 }, seen: [1, 2, 3, 4] });
  });

  it('uses one correlation id and a new request id for each page', async () => {
    const ids: [string, string][] = [];
    const answer = (link: string) =>
      function (this: nock.ReplyFnContext): nock.ReplyFnResult {
        const { headers } = this.req;
        ids.push([headers['x-request-id'] ?? '', headers['x-correlation-id'] ?? '']);
        return [200, { data: [], status_code: 1000 }, link === '' ? {} : { Link: link }];
      };
    nock(origin).get('/l').reply(answer('</l?offset=1>; rel="next"')).get('/l?offset=1').reply(answer(''));
    await run('/l');
    expect(ids).toHaveLength(2);
    expect(ids[0]?.[0]).not.toBe(ids[1]?.[0]);
    expect(ids[0]?.[1]).toBe(ids[1]?.[1]);
  });

  it.each([
    ['another host', '<https://canary.example/l?offset=1>; rel="next"'],
    ['another scheme', '<http://ocpi.partner.example/l?offset=1>; rel="next"'],
    ['another port', '<https://ocpi.partner.example:444/l?offset=1>; rel="next"'],
    ['another path', '</admin?offset=1>; rel="next"'],
  ])('does not follow a link to %s (T8, T9)', async (_name, link) => {
    const canary = nock('https://canary.example').get('/l?offset=1').reply(200, {});
    page('/l', [1], link);
    const { end, seen } = await run('/l');
    expect(end).toMatchObject({ ended: 'stopped', reason: 'foreign-link', pages: 1 });
    expect(seen).toEqual([1]);
    expect(canary.isDone()).toBe(false);
  });

  it.each([
    ['the same page for ever', '/l?offset=5', '</l?offset=5>; rel="next"', 'loop'],
    ['a falling offset', '/l?offset=5', '</l?offset=4>; rel="next"', 'offset-not-growing'],
    ['an offset of nothing', '/l', '</l?offset=0>; rel="next"', 'offset-not-growing'],
    ['an offset that is no number', '/l', '</l?offset=abc>; rel="next"', 'offset-not-growing'],
    ['an unreadable link', '/l', '</l?offset=5; rel="next"', 'bad-link'],
  ])('stops at %s', async (_name, path, link, reason) => {
    page(path, [1], link);
    expect((await run(path)).end).toMatchObject({ ended: 'stopped', reason, pages: 1 });
  });

  it('stops in a circle of cursors', async () => {
    page('/l', [1], '</l?c=a>; rel="next"');
    page('/l?c=a', [2], '</l?c=b>; rel="next"');
    page('/l?c=b', [3], '</l?c=a>; rel="next"');
    expect((await run('/l')).end).toMatchObject({ ended: 'stopped', reason: 'loop', pages: 3 });
  });

  it('stops at the largest number of pages', async () => {
    page('/l', [1], '</l?offset=1>; rel="next"');
    page('/l?offset=1', [2], '</l?offset=2>; rel="next"');
    const { end, seen } = await run('/l', { maxPages: 2 });
    expect(end).toMatchObject({ ended: 'stopped', reason: 'too-many-pages', pages: 2, url: `${origin}/l?offset=2` });
    expect(seen).toEqual([1, 2]);
  });

  it('says which page failed, so that a later crawl can start there', async () => {
    page('/l', [1], '</l?offset=1>; rel="next"');
    nock(origin).get('/l?offset=1').reply(503, 'later');
    const { end, seen } = await run('/l');
    expect(end).toMatchObject({
      ended: 'stopped',
      reason: 'page-failed',
      pages: 1,
      url: `${origin}/l?offset=1`,
      outcome: { kind: 'answered', httpStatus: 503 },
    });
    expect(seen).toEqual([1]);
  });

  it('stops when the caller has enough', async () => {
    page('/l', [1], '</l?offset=1>; rel="next"');
    expect((await run('/l', {}, false)).end).toMatchObject({ ended: 'stopped', reason: 'ended-by-caller' });
  });

  it('refuses a first URL that is none', async () => {
    const { end } = await run('', { firstUrl: 'no url' });
    expect(end).toMatchObject({ ended: 'stopped', reason: 'page-failed', outcome: { kind: 'refused' } });
  });
});
