import { describe, expect, it } from '@jest/globals';
import { type FieldError, matches, readQuery } from '../../src/admin/check.js';
import { adminRoutes } from '../../src/admin/index.js';
import { consolePages } from '../../src/console/index.js';

describe("the operator's page", () => {
  it('only reads, and only what the admin API offers', () => {
    const script =
      consolePages()
        .find(({ path }) => path === '/console/console.js')
        ?.body.toString() ?? '';
    const asked = [...script.matchAll(/ask\(\s*[`'](\/api\/[^?`']+)/g)].map(([, path]) => path);
    const offered = adminRoutes('0')
      .filter(({ method }) => method === 'GET')
      .map(({ path }) => path);
    expect(asked.length).toBeGreaterThanOrEqual(5);
    for (const path of asked) expect(offered).toContain(path);
    expect(script).not.toMatch(/method:/);
  });

  it('looks for messages with parameters that the call knows', async () => {
    const view = new URL('../../src/console/assets/view.js', import.meta.url).href;
    const { searchesOf } = (await import(view)) as { searchesOf(wanted: string): Record<string, string>[] };
    const route = adminRoutes('0').find(({ path }) => path === '/api/messages');
    for (const wanted of ['', 'de-cp1', 'cdrs', 'timeout', 'some-id'])
      for (const search of searchesOf(wanted)) {
        const errors: FieldError[] = [];
        readQuery(route?.query?.json ?? {}, new URLSearchParams(search), errors);
        if (route?.query) matches(route.query, search, errors);
        expect([route?.path, errors]).toEqual(['/api/messages', []]);
      }
  });

  it('asks with parameters that the calls know', () => {
    const script =
      consolePages()
        .find(({ path }) => path === '/console/console.js')
        ?.body.toString() ?? '';
    for (const [, path, query] of script.matchAll(/ask\(\s*`(\/api\/[^?`]+)\?([^`]+)`/g)) {
      const known = Object.keys(
        adminRoutes('0').find((route) => route.path === path && route.method === 'GET')?.query?.json.properties ?? {},
      );
      for (const name of new URLSearchParams(query).keys()) expect(known).toContain(name);
    }
  });
});
