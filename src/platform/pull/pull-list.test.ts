import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import nock from 'nock';
import { invalidParameters } from '../../kernel/ocpi-error.js';
import { ciKey, partyKey } from '../../kernel/party-ref.js';
import { OutboundClient } from '../outbound/index.js';
import { defaultSwitches, type Partner } from '../partners/index.js';
import { StorageUnavailable } from '../storage/index.js';
import { type PullListRequest, pullList } from './pull-list.js';
import type { PullSink } from './pull-sink.js';
import type { PullState, PullStateStore } from './pull-state.js';

const origin = 'https://ocpi.partner.example';
const cp1 = { country_code: 'DE', party_id: 'CP1' };
const time = { now: Date.UTC(2026, 0, 1) };
const clock = { now: () => time.now };
const client = new OutboundClient({ policy: { development: false, allowedNetworks: [] }, clock });
const partner = {
  id: 'P1',
  roles: [
    { ...cp1, role: 'CPO' },
    { country_code: 'DE', party_id: 'CP2', role: 'CPO' },
    { country_code: 'DE', party_id: 'EM1', role: 'EMSP' },
  ],
  origins: [origin],
  createdAt: time.now - 1_000,
  switches: defaultSwitches,
} as unknown as Partner;

class MemoryStates implements PullStateStore {
  readonly written: PullState[] = [];
  private state: PullState | undefined;
  all = () => (this.state ? [this.state] : []);
  get = () => this.state;
  put = async (state: PullState) => {
    this.written.push(state);
    this.state = state;
  };
}

/** Keeps the text of what it accepts; refuses objects that are `bad`. */
class MemorySink implements PullSink {
  readonly module = 'locations';
  readonly texts = new Map<string, string>();
  stale = false;
  broken = false;
  idOf = (value: unknown) => {
    const id = (value as { id?: unknown } | null)?.id;
    return typeof id === 'string' ? id : undefined;
  };
  accept = async (owner: typeof cp1, value: unknown, text: string, context: { applyStale: boolean }) => {
    if (this.broken) throw new StorageUnavailable(new Error('disk'));
    if (typeof value !== 'object' || value === null || 'bad' in value) throw invalidParameters('is bad', '/bad');
    this.stale = context.applyStale;
    const key = `${partyKey(owner)}/${ciKey(String((value as { id?: unknown }).id))}`;
    if (this.texts.get(key) === text) return 'unchanged' as const;
    this.texts.set(key, text);
    return 'stored' as const;
  };
  count = async (owner: typeof cp1) =>
    [...this.texts.keys()].filter((key) => key.startsWith(`${partyKey(owner)}/`)).length;
  since: number | undefined;
  removeAbsent = async (owner: typeof cp1, present: ReadonlySet<string>, since: number) => {
    this.since = since;
    const prefix = `${partyKey(owner)}/`;
    const gone = [...this.texts.keys()].filter(
      (key) => key.startsWith(prefix) && !present.has(key.slice(prefix.length)),
    );
    for (const key of gone) this.texts.delete(key);
    return gone.length;
  };
}

let states: MemoryStates;
let sink: MemorySink;
let refused: string[];
let requests: { path: string; headers: Record<string, string> }[];

beforeAll(() => nock.disableNetConnect());
beforeEach(() => {
  states = new MemoryStates();
  sink = new MemorySink();
  refused = [];
  requests = [];
  time.now = Date.UTC(2026, 0, 1);
});
afterEach(() => nock.cleanAll());
afterAll(async () => {
  await client.close();
  nock.restore();
});

const object = (id: string, extra = '') => `{"country_code":"DE","party_id":"CP1","id":"${id}"${extra}}`;
/** The partner's next answer: `data` as text, and headers. */
function page(data: string, headers: Record<string, string> = {}, status = 200): void {
  nock(origin)
    .get(/.*/)
    .reply(function () {
      requests.push({ path: this.req.path, headers: this.req.headers as unknown as Record<string, string> });
      return [status, `{"data":${data},"status_code":1000,"timestamp":"2026-01-01T00:00:00Z"}`, headers];
    });
}
const link = (query: string) => ({ Link: `<${origin}/locations?${query}>; rel="next"` });
const pull = (fields: Partial<PullListRequest> = {}) =>
  pullList(
    {
      client,
      states,
      clock,
      hub: { country_code: 'NL', party_id: 'HUB' },
      onRefused: (it) => refused.push(`${it.id}: ${it.reason}`),
    },
    {
      partner,
      party: cp1,
      sink,
      url: `${origin}/locations`,
      token: 'token-c',
      full: false,
      signal: new AbortController().signal,
      turn: { name: '', holder: '', partner: 'P1', signal: new AbortController().signal },
      ...fields,
    },
  );

describe('a sink that only adds', () => {
  it('loses nothing to a complete list that is short (P-16, TK-06)', async () => {
    page(`[${object('L1')},${object('L2')}]`);
    await pull({ full: true });
    const tokens = Object.assign(sink, { addsOnly: true });
    page(`[${object('L2')}]`);
    const state = await pull({ sink: tokens, full: true });
    expect(state).toMatchObject({ phase: 'complete', full: true, removed: 0 });
    expect(state).not.toHaveProperty('note');
    expect([...sink.texts.keys()]).toEqual(['DE/CP1/L1', 'DE/CP1/L2']);
    // The same list takes something out of any other sink.
    Object.assign(sink, { addsOnly: false });
    page(`[${object('L2')}]`);
    expect(await pull({ full: true })).toMatchObject({ removed: 1 });
  });
});

describe('a first pull', () => {
  it('reads everything, addressed to the party, and follows what Link says (P-14)', async () => {
    page(`[${object('L1')},${object('L2')}]`, { 'X-Total-Count': '3', ...link('cursor=a%2Bb') });
    page(`[ ${object('L3', ',"n" : 150000.0')} ]`, { 'X-Total-Count': '3' });
    const state = await pull();
    expect(state).toMatchObject({ phase: 'complete', full: true, pages: 2, totalCount: 3, stored: 3, refused: 0 });
    expect(state).not.toHaveProperty('nextUrl');
    expect(requests.map((request) => request.path)).toEqual([
      '/locations?offset=0&limit=250',
      '/locations?cursor=a%2Bb',
    ]);
    expect(requests[0]?.headers).toMatchObject({
      'ocpi-to-country-code': 'DE',
      'ocpi-to-party-id': 'CP1',
      'ocpi-from-party-id': 'HUB',
      authorization: 'Token dG9rZW4tYw==',
    });
    expect(sink.texts.get('DE/CP1/L3')).toBe(object('L3', ',"n":150000.0'));
  });

  it('keeps the good of a page and reports the bad (T-33)', async () => {
    page(`[${object('L1')},${object('L2', ',"bad":1')},null,5,{"id":"L3"},${object('L4')}]`);
    const state = await pull();
    expect(state).toMatchObject({ phase: 'complete', stored: 3, refused: 3 });
    expect([...sink.texts.keys()]).toEqual(['DE/CP1/L1', 'DE/CP1/L3', 'DE/CP1/L4']);
    expect(refused).toEqual(['L2: /bad: is bad', ': /bad: is bad', ': /bad: is bad']);
  });

  it('keeps the good of a page of which one object is poisoned, and its numbers (T13)', async () => {
    const deep = `${'['.repeat(25)}${']'.repeat(25)}`;
    page(
      `[${object('L1', ',"n": 1.50')}, ${object('L2', ',"a":1,"a":2')}, ${object('L3', ',"__proto__":{}')}, ${object('L4', `,"d":${deep}`)}, ${object('L5')}]`,
    );
    expect(await pull()).toMatchObject({ stored: 2, refused: 3 });
    expect(sink.texts.get('DE/CP1/L1')).toBe(object('L1', ',"n":1.50'));
    expect(refused).toEqual(['L2: duplicate-key: a', 'L3: poisoned-key: __proto__', 'L4: too-deep']);
  });

  it("drops what belongs to none of the partner's CPO parties (O-17)", async () => {
    const other = (party: string) => `{"country_code":"DE","party_id":"${party}","id":"X"}`;
    page(`[${other('CP9')},${other('EM1')},${other('cp2')},${object('L1')}]`);
    expect(await pull()).toMatchObject({ stored: 2, foreign: 2 });
    expect([...sink.texts.keys()]).toEqual(['DE/CP2/X', 'DE/CP1/L1']);
  });

  it('takes what belongs to those whose objects a sink takes (TK-08)', async () => {
    const em1 = { country_code: 'DE', party_id: 'EM1' };
    const other = (party: string) => `{"country_code":"DE","party_id":"${party}","id":"X"}`;
    page(`[${other('EM1')},${other('CP1')},${other('EM9')}]`);
    const tokens = Object.assign(sink, { ownerRoles: ['EMSP', 'OTHER'] as const });
    expect(await pull({ sink: tokens, party: em1 })).toMatchObject({ stored: 1, foreign: 2 });
    expect([...sink.texts.keys()]).toEqual(['DE/EM1/X']);
  });

  it('presents the token as the partner wants it, and applies older stamps if that is switched on', async () => {
    page(`[${object('L1')}]`);
    const switches = { ...defaultSwitches, outbound_raw: true, stale: 'apply' as const };
    await pull({ partner: { ...partner, switches } });
    expect(requests[0]?.headers.authorization).toBe('Token token-c');
    expect(sink.stale).toBe(true);
  });
});

describe('a full pull', () => {
  const hold = (...ids: string[]) => {
    for (const id of ids) sink.texts.set(`DE/CP1/${id}`, object(id));
  };

  it('takes out what the complete list no longer shows (P-16)', async () => {
    hold('L1', 'L2');
    sink.texts.set('DE/CP2/X', 'x');
    page(`[${object('l1')}]`);
    expect(await pull()).toMatchObject({ phase: 'complete', removed: 1 });
    expect([...sink.texts.keys()]).toEqual(['DE/CP1/L1', 'DE/CP2/X']);
    expect(sink.since).toBe(partner.createdAt);
  });

  it('leaves what was pushed between registration and the first list, and no more after that one', async () => {
    page(`[${object('L1')}]`);
    await pull();
    expect(sink.since).toBe(time.now - 1_000);
    time.now += 60_000;
    page(`[${object('L1')}]`);
    await pull({ full: true });
    expect(sink.since).toBe(time.now);
  });

  it('keeps what it showed and the rules refuse', async () => {
    hold('L1', 'L2');
    page(`[${object('L1', ',"bad":1')}]`);
    expect(await pull()).toMatchObject({ removed: 1, refused: 1 });
    expect([...sink.texts.keys()]).toEqual(['DE/CP1/L1']);
  });

  it.each([
    ['a page is no list', 'null'],
    ['a page is an object', '{"id":"L1"}'],
    ['an object has no owner', '[{"id":"L1"}]'],
    ['an object has no id', '[{"country_code":"DE","party_id":"CP1"}]'],
  ])('takes nothing out when %s (A-13)', async (_, data) => {
    hold('L1', 'L2');
    page(data);
    const state = await pull();
    expect(state).toMatchObject({ phase: 'complete', removed: 0, note: expect.stringContaining('unreadable') });
    expect(sink.texts.has('DE/CP1/L2')).toBe(true);
  });

  it('takes nothing out when the crawl broke off', async () => {
    hold('L1', 'L2');
    page(`[${object('L1')}]`, link('offset=250'));
    page('[]', {}, 500);
    page('[]', {}, 500);
    expect(await pull()).toMatchObject({ phase: 'stopped', removed: 0, note: expect.stringContaining('HTTP 500') });
    expect(sink.texts.has('DE/CP1/L2')).toBe(true);
  });

  it('takes nothing out when the total fell on the way: something may have slid past (P-15)', async () => {
    hold('L1', 'L2', 'L3');
    page(`[${object('L1')}]`, { 'X-Total-Count': '3', ...link('offset=1') });
    page(`[${object('L3')}]`, { 'X-Total-Count': '2' });
    expect(await pull()).toMatchObject({ phase: 'complete', removed: 0 });
  });

  it('believes no list that would take most of many objects away', async () => {
    hold(...Array.from({ length: 300 }, (_, n) => `L${n}`));
    page(`[${object('L1')}]`);
    expect(await pull()).toMatchObject({ removed: 0, note: expect.stringContaining('1 objects where 300') });
    expect(sink.texts.size).toBe(300);
  });
});

describe('a lying partner', () => {
  it.each([
    ['a link to another host', { Link: '<https://evil.example/locations?offset=1>; rel="next"' }, 'foreign-link'],
    ['a link to another path', { Link: `<${origin}/tokens?offset=1>; rel="next"` }, 'foreign-link'],
    ['a link to the same page', link('offset=0&limit=250'), 'loop'],
    ['an offset that does not grow', link('offset=0&limit=1'), 'offset-not-growing'],
  ])('stops the pull with %s; what was good is kept', async (_, headers, reason) => {
    page(`[${object('L1')}]`, headers);
    expect(await pull()).toMatchObject({ phase: 'stopped', stored: 1, note: expect.stringContaining(reason) });
    expect(requests).toHaveLength(1);
  });

  it('may count as it likes', async () => {
    page(`[${object('L1')}]`, { 'X-Total-Count': '1000000000' });
    expect(await pull()).toMatchObject({ phase: 'complete', totalCount: 1_000_000_000, stored: 1 });
    page(`[${object('L1')}]`, { 'X-Total-Count': '-5' });
    expect(await pull()).not.toHaveProperty('totalCount');
  });
});

describe('the next pull', () => {
  it('asks for what changed since the last good one began, with some overlap, and only adds (P-16)', async () => {
    page(`[${object('L1')},${object('L2')}]`);
    await pull();
    time.now += 3_600_000;
    page(`[${object('L2', ',"n":2')}]`);
    const state = await pull();
    expect(new URL(`${origin}${requests[1]?.path}`).searchParams.get('date_from')).toBe('2025-12-31T23:55:00.000Z');
    expect(state).toMatchObject({ full: false, removed: 0, stored: 1, goodSince: time.now });
    expect(state.fullSince).toBe(Date.UTC(2026, 0, 1));
    expect(sink.texts.size).toBe(2);
  });

  it('begins again behind the last good one when the one between failed', async () => {
    page('[]');
    await pull();
    time.now += 1_000_000;
    page('[]', {}, 401);
    expect(await pull()).toMatchObject({ phase: 'stopped' });
    page('[]');
    expect(await pull()).toMatchObject({ phase: 'complete', dateFrom: Date.UTC(2026, 0, 1) - 300_000 });
  });

  it('reads everything when that is asked for', async () => {
    page('[]');
    await pull();
    page('[]');
    expect(await pull({ full: true })).toMatchObject({ full: true });
    expect(requests[1]?.path).toBe('/locations?offset=0&limit=250');
  });
});

describe('an interrupted pull', () => {
  it('goes on where it was, keeps counting and takes nothing out', async () => {
    const stop = new AbortController();
    page(`[${object('L1')}]`, { 'X-Total-Count': '9', ...link('offset=1') });
    const accept = sink.accept;
    sink.accept = async (...parameters) => {
      stop.abort();
      return accept(...parameters);
    };
    expect(await pull({ signal: stop.signal })).toMatchObject({
      phase: 'running',
      nextUrl: `${origin}/locations?offset=1`,
    });
    sink.accept = accept;
    sink.texts.set('DE/CP1/OLD', 'x');
    page(`[${object('L2')}]`, { 'X-Total-Count': '9' });
    const state = await pull();
    expect(state).toMatchObject({ phase: 'complete', full: true, pages: 2, stored: 2, totalCount: 9, removed: 0 });
    expect(state).not.toHaveProperty('nextUrl');
    expect(sink.texts.has('DE/CP1/OLD')).toBe(true);
  });

  it('keeps its place when the storage fails, and loses nothing', async () => {
    page(`[${object('L1')}]`, link('offset=1'));
    sink.broken = true;
    await expect(pull()).rejects.toThrow(StorageUnavailable);
    expect(states.get()).toMatchObject({
      phase: 'running',
      nextUrl: `${origin}/locations?offset=0&limit=250`,
      pages: 0,
    });
    sink.broken = false;
    page(`[${object('L1')}]`);
    expect(await pull()).toMatchObject({ phase: 'complete', stored: 1 });
  });
});
