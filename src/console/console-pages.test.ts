import { readdirSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { consolePages } from './console-pages.js';

const pages = new Map(consolePages().map((page) => [page.path, page]));
const textOf = (path: string): string => pages.get(path)?.body.toString() ?? '';

describe('consolePages', () => {
  it('serves every file of the folder, and every file that the page names', () => {
    expect(pages.size).toBe(readdirSync(new URL('./assets/', import.meta.url)).length);
    for (const [, path] of textOf('/').matchAll(/(?:src|href)="([^"]+)"/g)) expect([...pages.keys()]).toContain(path);
    for (const [, file] of textOf('/console/console.js').matchAll(/from '\.\/([^']+)'/g))
      expect([...pages.keys()]).toContain(`/console/${file}`);
  });

  it('needs nothing from elsewhere and nothing inline, as its policy demands', () => {
    for (const page of pages.values()) {
      expect(page.headers['Content-Security-Policy']).toMatch(/^default-src 'none'; script-src 'self';/);
      expect(page.headers['Content-Security-Policy']).not.toMatch(/unsafe|\*|https?:/);
      expect(page.body.toString().replace('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:\/\//);
    }
    expect(textOf('/')).not.toMatch(/<script>|<style|\sstyle=|\son\w+=/);
    expect(textOf('/console/console.js')).not.toMatch(/innerHTML|outerHTML|insertAdjacent|document\.write|eval\(/);
  });

  it('finds every element that it looks for', () => {
    const ids = [...textOf('/').matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id);
    const script = textOf('/console/console.js');
    const wanted = [...script.matchAll(/\b(?:at|fill)\(\s*'([^']+)'/g)].map(([, id]) => id);
    expect(wanted.length).toBeGreaterThan(10);
    for (const id of wanted) expect(ids).toContain(id);
  });
});

interface View {
  span(ms: number): string;
  ago(time: string | null, now: number): string;
  lagOf(lane: unknown): { text: string; tone: string };
  objectsOf(objects: Record<string, number>): string;
  partiesOf(roles: unknown[]): string;
  progressOf(pull: unknown): number | undefined;
  searchesOf(wanted: string): Record<string, string>[];
  outcomeTone(outcome: string): string;
  reasonsOf(message: unknown): string[];
  figuresOf(partners: unknown[], lanes: unknown[], parked: number): [string, string][];
}

describe('what the page shows', () => {
  const load = async (): Promise<View> => await import(new URL('./assets/view.js', import.meta.url).href);

  it('times', async () => {
    const { span, ago } = await load();
    expect([0, 400, 4_000, 119_000, 180_000, 7_200_000, 200_000_000].map(span)).toEqual([
      '0 s',
      '< 1 s',
      '4 s',
      '119 s',
      '3 min',
      '2 h',
      '2 days',
    ]);
    const now = Date.UTC(2026, 0, 1, 0, 0, 10);
    expect([ago(null, now), ago('2026-01-01T00:00:00Z', now), ago('2026-01-01T00:00:09Z', now)]).toEqual([
      'never',
      '10 s ago',
      'now',
    ]);
  });

  it('lag, with alarm beyond a minute', async () => {
    const { lagOf } = await load();
    expect(lagOf(undefined).text).toBe('–');
    expect(lagOf({ lag_objects: 0, lag_seconds: 0 }).text).toBe('up to date');
    expect(lagOf({ lag_objects: 1, lag_seconds: 60 })).toEqual({ text: '1 object, 60 s', tone: '' });
    expect(lagOf({ lag_objects: 12_345, lag_seconds: 61 })).toEqual({ text: '12,345 objects, 61 s', tone: 'bad' });
  });

  it('objects, parties, progress and totals', async () => {
    const { objectsOf, partiesOf, progressOf, figuresOf } = await load();
    expect(objectsOf({ locations: 1200, tariffs: 0 })).toBe('1,200 locations');
    const role = { country_code: 'DE', party_id: 'CP1', role: 'CPO' };
    expect(partiesOf([role])).toBe('DE-CP1 CPO');
    expect(partiesOf(Array(6).fill(role))).toMatch(/ and 2 more$/);
    expect(progressOf({ objects: 1, total: 3, state: 'running' })).toBe(33);
    expect(progressOf({ objects: 5, total: 3, state: 'running' })).toBeUndefined();
    expect(progressOf({ objects: 5, total: null, state: 'complete' })).toBe(100);
    const partners = [
      { status: 'CONNECTED', objects: { locations: 2 } },
      { status: 'OFFLINE', objects: { locations: 3, tariffs: 1 } },
    ];
    expect(figuresOf(partners, [{ lag_objects: 1 }, { lag_objects: 0 }], 7)).toEqual([
      ['Partners connected', '1 of 2'],
      ['Locations', '5'],
      ['Tariffs', '1'],
      ['Lanes behind', '1 of 2'],
      ['Parked objects', '7'],
    ]);
  });

  it('what somebody looks for among messages', async () => {
    const { searchesOf } = await load();
    expect(searchesOf('  ')).toEqual([{}]);
    for (const party of ['DE/CP1', 'de-cp1', 'De*cP1', 'DE CP1'])
      expect(searchesOf(party)).toEqual([{ party: 'DE/CP1' }]);
    expect(searchesOf('commands')).toEqual([{ module: 'commands' }]);
    expect(searchesOf('timeout')).toEqual([{ outcome: 'timeout' }]);
    expect(searchesOf(' 5b1c-ab ')).toEqual([{ correlation_id: '5b1c-ab' }, { request_id: '5b1c-ab' }]);
  });

  it('why a message went where it did', async () => {
    const { reasonsOf, outcomeTone } = await load();
    const leg = { request_id: 'r2', http_status: 200, status_code: 1000, outcome: 'answered', duration_ms: 12.4 };
    const candidates = [
      { party: 'DE/CP1', why: 'named by TO', leg },
      { party: 'DE/CP2', why: 'not connected' },
      {
        party: 'DE/CP3',
        why: 'asked too',
        leg: { ...leg, request_id: null, http_status: null, status_code: null, outcome: 'timeout' },
      },
    ];
    expect(reasonsOf({ rules: ['R-04', 'a7'], candidates, candidates_left_out: 3 })).toEqual([
      'Rules R-04, a7',
      'DE/CP1 asked: named by TO; answered, HTTP 200, OCPI 1000 after 12 ms, request id r2',
      'DE/CP2 not asked: not connected',
      'DE/CP3 asked: asked too; timeout after 12 ms',
      '3 more parties',
    ]);
    expect(reasonsOf({ rules: [], candidates: [], candidates_left_out: 0 })).toEqual([]);
    expect(['answered', 'refused', 'timeout', 'failed'].map(outcomeTone)).toEqual(['good', 'warn', 'bad', 'bad']);
  });
});
