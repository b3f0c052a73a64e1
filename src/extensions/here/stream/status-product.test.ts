import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '../../../../test/support/e2e/until.js';
import { testKey } from '../http/testing/ev-test-server.js';
import { placeIdOf } from '../model/place-id.js';
import { stuckMs } from './event-stream.js';
import { recentLimit } from './status-hub.js';
import type { StreamClient, StreamedMessage } from './testing/stream-client.js';
import { StreamWorld, streamedLocation } from './testing/stream-world.js';

interface Changes {
  readonly offset: number;
  readonly more: boolean;
  readonly items: readonly StreamedMessage[];
}

let world: StreamWorld;

beforeEach(async () => {
  world = await StreamWorld.open();
  for (const key of ['NL/ONE/LOC1', 'NL/ONE/LOC2', 'DE/TWO/LOC1']) world.live.put(streamedLocation(key));
});
afterEach(async () => {
  expect(world.server.failures).toEqual([]);
  await world.close();
});

const said = (client: StreamClient): string[] =>
  client.messages.map(({ locationId, evseUid, status }) => `${locationId} ${evseUid} ${status}`);
const place = (key: string): string => placeIdOf(key).replace(/.*:/, '');
const saying = (key: string, uid: string, status: string): string => `${place(key)} ${uid} ${status}`;
const heard = (client: StreamClient, count: number): Promise<unknown> =>
  until(`${count} messages`, () => client.messages.length >= count);

async function changes(query: string): Promise<Changes> {
  const { status, body } = await world.server.get(`/status/changes${query}`);
  expect(status).toBe(200);
  return body as Changes;
}

async function snapshot(
  query = '',
): Promise<{ readonly offset: number; readonly states: ReadonlyMap<string, string> }> {
  const { bytes, headers } = await world.server.get(`/status/snapshot${query}`);
  expect(headers['content-type']).toBe('application/x-ndjson');
  const [first, ...lines] = bytes.toString('utf8').trim().split('\n');
  const states = lines.map((line) => {
    const { locationId, evseUid, status } = JSON.parse(line) as StreamedMessage;
    return [`${locationId} ${evseUid}`, status ?? ''] as const;
  });
  return { offset: (JSON.parse(first ?? '') as { offset: number }).offset, states: new Map(states) };
}

describe('a stream', () => {
  it('tells what happens from now on, in HERE’s words', async () => {
    world.set('NL/ONE/LOC1', 'A', 'BLOCKED');
    const client = await world.stream();
    expect(client.status).toBe(200);
    await until('hello', () => client.parts.some(({ event }) => event === 'hello'));
    world.set('NL/ONE/LOC1', 'A', 'CHARGING');
    await heard(client, 1);
    expect(client.messages).toEqual([
      {
        offset: world.live.offset,
        type: 'evseStatus',
        locationId: place('NL/ONE/LOC1'),
        evseUid: 'A',
        status: 'charging',
        previousStatus: 'blocked',
        modified: '2026-10-01T12:00:02.000Z',
        receivedAt: '2026-10-01T12:00:02.000Z',
        countryCode: 'NL',
        partyId: 'ONE',
      },
    ]);
    expect(client.lastId).toBe(String(world.live.offset));
  });

  it('tells of EVSEs that go away', async () => {
    const client = await world.stream();
    world.live.remove('DE/TWO/LOC1');
    await heard(client, 2);
    expect(client.messages.map(({ type, evseUid }) => `${type} ${evseUid}`)).toEqual([
      'evseRemoved A',
      'evseRemoved B',
    ]);
  });

  it.each<[string, (offset: number) => readonly [string, Record<string, string>]]>([
    ['Last-Event-ID', (offset) => ['', { 'Last-Event-ID': String(offset) }]],
    ['after', (offset) => [`?after=${offset}`, {}]],
  ])('goes on behind %s', async (_, where) => {
    const { offset } = world.live;
    world.set('NL/ONE/LOC1', 'A', 'CHARGING');
    world.set('NL/ONE/LOC2', 'A', 'CHARGING');
    const client = await world.stream(...where(offset + 1));
    await heard(client, 1);
    expect(said(client)).toEqual([saying('NL/ONE/LOC2', 'A', 'charging')]);
  });

  it('gives an id only once everything of its place was told', async () => {
    const client = await world.stream();
    const both = streamedLocation('NL/ONE/LOC1');
    world.live.put({ ...both, evses: (both.evses ?? []).map((evse) => ({ ...evse, status: 'CHARGING' as const })) });
    await heard(client, 2);
    const parts = client.parts.filter(({ event, data }) => event === undefined && data !== undefined);
    expect(parts.map(({ id }) => id)).toEqual([undefined, String(world.live.offset)]);
  });

  it('gives a sign of life that moves the place on from which to come back', async () => {
    const client = await world.stream('?parties=DE-TWO');
    world.set('NL/ONE/LOC1', 'A', 'CHARGING');
    await changes(`?after=${world.live.offset - 1}`);
    world.product.beat();
    await until('the beat', () => client.lastId === String(world.live.offset));
    expect(client.messages).toEqual([]);
  });

  it('loses nothing to a sign of life that is given in the turn of a change', async () => {
    const client = await world.stream();
    await until('hello', () => client.parts.length > 0);
    world.set('NL/ONE/LOC1', 'A', 'CHARGING');
    world.product.beat();
    await heard(client, 1);
    expect(said(client)).toEqual([saying('NL/ONE/LOC1', 'A', 'charging')]);
  });

  it('skips what it was told of by a node that was a little ahead', async () => {
    const client = await world.stream(`?after=${world.live.offset + 2}`);
    await until('hello', () => client.parts.length > 0);
    for (const status of ['CHARGING', 'BLOCKED', 'RESERVED']) world.set('NL/ONE/LOC1', 'A', status);
    await heard(client, 1);
    expect(said(client)).toEqual([saying('NL/ONE/LOC1', 'A', 'reserved')]);
  });

  it('is told to begin anew when what was since then is not known', async () => {
    const client = await world.stream(`?after=${world.live.offset + 1_000_000}`);
    await until('the end', () => client.ended);
    expect(client.parts.map(({ event }) => event)).toEqual(['hello', 'reset']);
  });

  it('ends with its key', async () => {
    const revoked = await world.stream();
    const expired = await world.stream('', { Authorization: 'Bearer key-of-stream' });
    world.product.endKey('all');
    await until('the end of one', () => revoked.ended);
    expect(expired.ended).toBe(false);
    world.goodKeys.except.add('key-of-stream');
    world.product.beat();
    await until('the end of the other', () => expired.ended);
  });

  it('says nothing of owners whom its holder may not see', async () => {
    world.hidden.add('NL/ONE');
    const client = await world.stream();
    world.set('NL/ONE/LOC1', 'A', 'CHARGING');
    world.set('DE/TWO/LOC1', 'A', 'CHARGING');
    await heard(client, 1);
    expect(said(client)).toEqual([saying('DE/TWO/LOC1', 'A', 'charging')]);
    const resumed = await world.stream('?after=0');
    await heard(resumed, 1);
    expect(said(resumed).filter((text) => text.startsWith(place('NL/ONE/LOC1')))).toEqual([]);
    expect([...(await snapshot()).states.keys()]).toEqual([`${place('DE/TWO/LOC1')} A`, `${place('DE/TWO/LOC1')} B`]);
    expect(
      (await changes('?after=0')).items.map(({ partyId }: StreamedMessage & { partyId?: string }) => partyId),
    ).not.toContain('ONE');
  });

  it('does not take more consumers than the operator wants', async () => {
    const small = await StreamWorld.open(1);
    await small.stream();
    const { status, headers, body } = await small.server.get('/stream');
    expect([status, headers['retry-after']]).toEqual([503, '30']);
    expect(body).toMatchObject({ status: 503 });
    await small.close();
  });

  it('ends when the hub stops, as do polls', async () => {
    const client = await world.stream();
    const poll = changes(`?after=${world.live.offset}&wait=30`);
    await until('the poll waits', () => world.product.listeners === 2);
    world.product.close();
    await until('the end', () => client.ended);
    expect((await poll).items).toEqual([]);
    expect((await world.server.get('/stream')).status).toBe(503);
  });
});

describe('a long poll', () => {
  it('waits for something to happen', async () => {
    const { offset } = await changes('');
    const poll = changes(`?after=${offset}&wait=30`);
    await until('the poll waits', () => world.product.listeners === 1);
    world.set('NL/ONE/LOC1', 'B', 'RESERVED');
    const { items, offset: next } = await poll;
    expect(items.map(({ evseUid, status }) => `${evseUid} ${status}`)).toEqual(['B reserved']);
    expect(next).toBe(world.live.offset);
    expect(world.product.listeners).toBe(0);
  });

  it('leaves nothing behind when the asker goes', async () => {
    const { port } = new URL(world.server.base);
    const socket: Socket = connect(Number(port), '127.0.0.1', () =>
      socket.write(`GET /ev/v3/status/changes?wait=30 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${testKey}\r\n\r\n`),
    );
    await until('the poll waits', () => world.product.listeners === 1);
    socket.destroy();
    await until('nobody waits', () => world.product.listeners === 0);
  });

  it('answers 410 when what was since then is not known', async () => {
    const { status, body } = await world.server.get(`/status/changes?after=${world.live.offset + 1_000_000}`);
    expect([status, body]).toEqual([410, expect.objectContaining({ status: 410 })]);
  });

  it('goes on where the last answer ended, whatever its limit', async () => {
    const { offset } = await changes('');
    const statuses = ['CHARGING', 'AVAILABLE', 'BLOCKED', 'RESERVED', 'OUTOFORDER'];
    for (const status of statuses) world.set('NL/ONE/LOC1', 'A', status);
    const seen: string[] = [];
    let at = offset;
    for (let more = true; more; ) {
      const answer = await changes(`?after=${at}&limit=2`);
      seen.push(...answer.items.map(({ status }) => status ?? ''));
      ({ offset: at, more } = answer);
    }
    expect(seen).toEqual(['charging', 'available', 'blocked', 'reserved', 'outOfOrder']);
  });
});

describe('filters', () => {
  it.each([
    ['?parties=nl-one', ['NL/ONE/LOC1', 'NL/ONE/LOC2']],
    ['?parties=NL*ONE,DE/TWO', ['NL/ONE/LOC1', 'NL/ONE/LOC2', 'DE/TWO/LOC1']],
    ['?countryCodes=DEU', ['DE/TWO/LOC1']],
    ['?countryCodes=nl,NLD', ['NL/ONE/LOC1', 'NL/ONE/LOC2', 'FIJI']],
    ['?countryCodes=nl,FRA', ['NL/ONE/LOC1', 'NL/ONE/LOC2', 'FIJI']],
    ['?bbox=5,52,6,53', ['NL/ONE/LOC1', 'NL/ONE/LOC2', 'DE/TWO/LOC1']],
    ['?bbox=179,-20,-179,-10', ['FIJI']],
    ['?bbox=-179,-20,179,-10', []],
    ['?bbox=-180,-90,180,90&countryCodes=NLD', ['NL/ONE/LOC1', 'NL/ONE/LOC2', 'FIJI']],
    ['?parties=NL-ONE&bbox=0,0,1,1', []],
  ])('%s lets through what it names, over all three ways', async (query, wanted) => {
    const fiji = 'NL/SEA/FIJI';
    world.live.put(streamedLocation(fiji, { coordinates: { latitude: '-17.8', longitude: '179.5' } }));
    const keys = ['NL/ONE/LOC1', 'NL/ONE/LOC2', 'DE/TWO/LOC1', fiji];
    const expected = keys
      .filter((key) => wanted.includes(key) || (key === fiji && wanted.includes('FIJI')))
      .map((key) => saying(key, 'B', 'charging'));
    const { offset } = world.live;
    const client = await world.stream(query);
    for (const key of keys) world.set(key, 'B', 'CHARGING');
    await changes('');
    world.product.beat();
    await until('the beat', () => client.lastId === String(world.live.offset));
    expect(said(client)).toEqual(expected);
    const polled = await changes(`${query}&after=${offset}`);
    expect(polled.items.map(({ locationId, evseUid, status }) => `${locationId} ${evseUid} ${status}`)).toEqual(
      expected,
    );
    const { states } = await snapshot(query);
    expect(
      [...states]
        .filter(([, status]) => status === 'charging')
        .map(([name, status]) => `${name} ${status}`)
        .sort(),
    ).toEqual([...expected].sort());
  });

  it('take ids of places in any of their forms', async () => {
    const client = await world.stream(`?ids=here:evcp:charginglocation:${place('NL/ONE/LOC2')},nothing`);
    world.set('NL/ONE/LOC1', 'A', 'CHARGING');
    world.set('NL/ONE/LOC2', 'A', 'CHARGING');
    await heard(client, 1);
    expect(said(client)).toEqual([saying('NL/ONE/LOC2', 'A', 'charging')]);
  });
});

describe('bad questions', () => {
  it.each([
    ['/stream?after=x', 'after'],
    ['/stream?after=-1', 'after'],
    ['/stream?after=1&after=2', 'after'],
    ['/stream?parties=NLONE', 'parties'],
    ['/stream?parties=', 'parties'],
    ['/stream?countryCodes=NLDX', 'countryCodes'],
    ['/stream?bbox=1,2,3', 'bbox'],
    ['/stream?bbox=181,0,182,1', 'bbox'],
    ['/stream?bbox=0,2,1,1', 'bbox'],
    ['/stream?bbox=0,0,1,1&bbox=0,0,1,1', 'bbox'],
    ['/stream?ids=,', 'ids'],
    ['/status/changes?wait=31', 'wait'],
    ['/status/changes?wait=1.5', 'wait'],
    ['/status/changes?limit=0', 'limit'],
    ['/status/changes?limit=1001', 'limit'],
    [`/status/snapshot?ids=${Array.from({ length: 101 }, (_, at) => at).join()}`, 'ids'],
  ])('%s is refused', async (path, named) => {
    const { status, body } = await world.server.get(path);
    expect(status).toBe(400);
    expect(JSON.stringify(body)).toContain(named);
  });

  it.each(['/stream', '/status/changes', '/status/snapshot'])('%s needs its right', async (path) => {
    expect((await world.server.get(path, { Authorization: 'Bearer key-of-browse' })).status).toBe(403);
    expect((await world.server.get(path, {})).status).toBe(401);
  });

  it('a Last-Event-ID that is none is refused', async () => {
    expect((await world.stream('', { 'Last-Event-ID': '12abc' })).status).toBe(400);
  });
});

describe('slow consumers', () => {
  it('cost no more than a slice, and are told everything once they take it', async () => {
    const many = 40;
    for (let at = 0; at < many; at++) world.live.put(streamedLocation(`NL/BIG/L${at}`, {}, 26));
    const client = await world.stream('?parties=NL-BIG');
    await until('hello', () => client.parts.length > 0);
    client.pause();
    // 104,000 changes, far more than sockets hold, in several turns.
    const statuses = ['CHARGING', 'AVAILABLE'];
    for (let round = 0; round < 100; round++) {
      for (let at = 0; at < many; at++)
        for (let evse = 0; evse < 26; evse++)
          world.set(`NL/BIG/L${at}`, String.fromCharCode(65 + evse), statuses[round % 2] ?? '');
      await changes('');
    }
    client.resume();
    await until('all is there', () => client.lastId === String(world.live.offset), { deadlineMs: 20_000 });
    const newest = new Map(
      client.messages.map(({ locationId, evseUid, status }) => [`${locationId} ${evseUid}`, status]),
    );
    expect(new Set(newest.values())).toEqual(new Set(['available']));
    expect(newest.size).toBe(many * 26);
    // Nothing waited for it: of what happened meanwhile it is told as much as is kept for everybody.
    expect(client.messages.length).toBeLessThan(70_000);
  });

  it('that take nothing for long are cut off', async () => {
    world.live.put(streamedLocation('NL/BIG/L', {}, 26));
    const client = await world.stream();
    client.pause();
    for (let round = 0; round < 2_000; round++) {
      for (let evse = 0; evse < 26; evse++)
        world.set('NL/BIG/L', String.fromCharCode(65 + evse), round % 2 === 0 ? 'CHARGING' : 'AVAILABLE');
      if (round % 50 === 0) await changes('');
    }
    await changes('');
    world.clock.time += stuckMs + 1;
    world.product.beat();
    await until('nobody listens', () => world.product.listeners === 0);
  });
});

describe('retention', () => {
  it(`keeps the newest ${recentLimit} changes whole, and of older ones each EVSE’s newest state`, async () => {
    const { offset } = world.live;
    world.set('NL/ONE/LOC1', 'A', 'CHARGING');
    world.set('NL/ONE/LOC1', 'A', 'BLOCKED');
    expect((await changes(`?after=${offset}`)).items.map(({ status }) => status)).toEqual(['charging', 'blocked']);
    for (let at = 0; at < recentLimit; at++) world.set('DE/TWO/LOC1', 'A', at % 2 === 0 ? 'CHARGING' : 'AVAILABLE');
    const { items, more } = await changes(`?after=${offset}`);
    expect(items.map(({ evseUid, status, locationId }) => `${locationId} ${evseUid} ${status}`)).toEqual([
      saying('NL/ONE/LOC1', 'A', 'blocked'),
      saying('DE/TWO/LOC1', 'A', 'available'),
    ]);
    expect(more).toBe(false);
  });
});
