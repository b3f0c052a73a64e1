import { describe, expect, it } from '@jest/globals';
import { targetUrl } from './target-url.js';

const base = 'https://cpo.example/ocpi/cpo/2.2.1/sessions';

describe('where a message goes', () => {
  it.each([
    ['', '', base],
    ['/DE/CP1/S1', '', `${base}/DE/CP1/S1`],
    ['', 'offset=0&limit=5', `${base}?offset=0&limit=5`],
    ['/a%2Fb/%7e//', 'a=%27', `${base}/a%2Fb/%7e//?a=%27`],
    ['/S1.2', '', `${base}/S1.2`],
    ['/..a/b..', '', `${base}/..a/b..`],
    ['/...', '', `${base}/...`],
    ['/100%25', '', `${base}/100%25`],
    ['/%zz', '', `${base}/%zz`],
  ])('is path %j and query %j below the endpoint (R-07)', (path, query, url) => {
    expect(targetUrl(base, path, query)).toBe(url);
  });

  it('keeps the query that an endpoint has', () => {
    expect(targetUrl('https://x.example/ocpi?tenant=1', '/DE', 'a=2')).toBe('https://x.example/ocpi/DE?tenant=1&a=2');
    expect(targetUrl('https://x.example/ocpi/?tenant=1', '/DE', '')).toBe('https://x.example/ocpi/DE?tenant=1');
    expect(targetUrl('https://x.example/ocpi/?', '', 'a=2')).toBe('https://x.example/ocpi?a=2');
  });

  it.each([
    '/..',
    '/../',
    '/.',
    '/DE/../../tokens',
    '/%2e%2e/tokens',
    '/%2E./tokens',
    '/.%2e',
    '/%2e',
    '/..%2ftokens',
    '/..%2Ftokens',
    '/DE%2f..%2ftokens',
    '/..%5ctokens',
    '/..\\tokens',
    '/..;/tokens',
    '/..%3b/tokens',
    '/..%3f',
    '/..%23',
    '/..%00/x',
    '/%252e%252e/tokens',
    '/%25252e%25252e/tokens',
    '/%2525252525252e',
    'tokens',
    '@canary.example/',
    '.canary.example/',
    ':8080/',
  ])('is nowhere for %j (T8)', (path) => expect(targetUrl(base, path, '')).toBeUndefined());
});
