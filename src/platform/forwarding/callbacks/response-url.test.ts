import { describe, expect, it } from '@jest/globals';
import { type ResponseUrl, responseUrlInBody, responseUrlInQuery } from './response-url.js';

const other = 'https://hub.example/cb/"x';
const body = (text: string): ResponseUrl => responseUrlInBody(Buffer.from(text));

describe('response_url in a body', () => {
  it.each([
    ['alone', '{"response_url":"https://a/b"}'],
    [
      'with white space',
      ' \r\n{\t"x" : [ 1 , {"response_url":"https://no"} ] ,\n "response_url"\n:\t"https://a/b" , "y":1.0 } \n',
    ],
    ['with escapes', String.raw`{"n":"\"response_url\":","response\u005furl":"https:\/\/a\/b","z":"ü"}`],
    [
      'behind a value that looks like it',
      '{"a":{"response_url":"https://no"},"response_url":"https://a/b","b":12345678901234567890.10}',
    ],
  ])('R-44: %s, is found and replaced, and nothing else', (_, text) => {
    const found = body(text);
    expect(found.url).toBe('https://a/b');
    const replaced = found.replaced(other).body?.toString('utf8') ?? '';
    const written = JSON.stringify(other);
    const at = replaced.indexOf(written);
    expect(at).toBeGreaterThan(0);
    // What stood there, put back: the text as it was.
    const original = /"https:(?:\\?\/){2}a\\?\/b"/.exec(text)?.[0] ?? '';
    expect(replaced.slice(0, at) + original + replaced.slice(at + written.length)).toBe(text);
  });

  it.each([
    '{}',
    '{"a":{"response_url":"https://a"}}',
    '{"response_url":null}',
    '{"response_url":["https://a"]}',
    '{"response_url":""}',
    '[]',
    '"response_url"',
  ])('CMD-02: %s has none', (text) => expect(() => body(text)).toThrow('response_url is missing'));
});

describe('response_url in a query', () => {
  it.each([
    ['response_url=https%3A%2F%2Fa%2Fb%3Fc%3D1%26d%3D%2526', 'https://a/b?c=1&d=%26'],
    ['duration=900&response_url=https://a/b+c&x=%2b+', 'https://a/b+c'],
    ['&&response%5Furl=https%3A%2F%2Fa%2Fb%3Fresponse_url%3Dz&=', 'https://a/b?response_url=z'],
    ['response_url=https://a/b?c=1', 'https://a/b?c=1'],
  ])('CP-08: %s', (query, url) => {
    const found = responseUrlInQuery(query);
    expect(found.url).toBe(url);
    const replaced = found.replaced('https://hub/x?y&z').query ?? '';
    const encoded = encodeURIComponent('https://hub/x?y&z');
    expect(new URLSearchParams(replaced).get('response_url')).toBe('https://hub/x?y&z');
    const [before = '', after = ''] = replaced.split(encoded);
    expect([query.startsWith(before), query.endsWith(after)]).toEqual([true, true]);
  });

  it.each([
    '',
    'duration=1',
    'response_url',
    'response_url=',
    'response_url=%ZZ',
    'response_url=a&response_url=b',
    'x=response_url=a',
  ])('CP-01, CP-03: "%s" has none, or more than one', (query) =>
    expect(() => responseUrlInQuery(query)).toThrow('response_url is missing'),
  );
});
