import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { enveloped, from, TestNode, TestPlatform, to } from '../contract/pass-through-world.js';
import { SqliteUnderTest } from '../contract/storage-under-test.js';

const second = 1000;
const minute = 60 * second;
const day = 24 * 60 * minute;
const begin = Date.UTC(2026, 4, 1, 12);

/** How long what is remembered of a command lasts, by a clock that the test moves. */
describe('callbacks, replays and routes in the course of time', () => {
  const cpo = new TestPlatform('P1', ['DE/CP1/CPO']);
  const emsp = new TestPlatform('P2', ['FR/EM1/EMSP']);
  const platforms = [cpo, emsp];
  let under: SqliteUnderTest;
  let hub: TestNode;
  let now = begin;
  let count = 0;

  beforeEach(async () => {
    now = begin;
    under = await SqliteUnderTest.open();
    for (const platform of platforms) {
      await platform.listen();
      platform.received.length = 0;
      platform.answer = () => enveloped({ result: 'ACCEPTED', timeout: 40 });
    }
    hub = await TestNode.start({ storage: under.storage, clock: { now: () => now }, platforms });
  });
  afterEach(async () => {
    await hub.end();
    for (const platform of platforms) await platform.silence();
    await under.release();
  });

  const command = (id = `r${++count}`, type = 'START_SESSION', fields: object = {}) =>
    hub.as(emsp, 'POST', `receiver/commands/${type}`, {
      body: { response_url: `${emsp.origin}/cb`, location_id: 'LOC1', ...fields },
      headers: { 'X-Request-ID': id, ...to('DE/CP1') },
    });
  const callback = (): string => (JSON.parse(cpo.last.body) as { response_url: string }).response_url;
  const callBack = async (url = callback()): Promise<number> =>
    (await hub.as(cpo, 'POST', url, { body: { result: 'ACCEPTED' }, headers: from('DE/CP1') })).status;
  const rows = (table: string): number =>
    (under.storage.reader.prepare(`SELECT count(*) AS n FROM ${table}`).get() as { n: number }).n;

  it.each([
    ['what the receiver says', { result: 'ACCEPTED', timeout: 40 }, 70],
    ['120 s where it says nothing', { result: 'ACCEPTED' }, 150],
    ['120 s where it says nonsense', { result: 'ACCEPTED', timeout: -1 }, 150],
  ])('CMD-07: a result is taken for %s, and half a minute more', async (_, response, seconds) => {
    cpo.answer = () => enveloped(response);
    await command();
    const early = callback();
    await command();
    now += seconds * second - 1;
    expect(await callBack(early)).toBe(200);
    now += 1;
    expect(await callBack()).toBe(404);
    expect(emsp.received).toHaveLength(1);
  });

  it('CMD-09: that of a reservation until the reservation ends', async () => {
    await command(undefined, 'RESERVE_NOW', { reservation_id: 'R1', expiry_date: '2026-05-01T18:00:00Z' });
    now = Date.UTC(2026, 4, 1, 18);
    expect([await callBack(), await callBack()]).toEqual([200, 200]);
    now += 30 * second;
    expect(await callBack()).toBe(404);
  });

  it('T17: a request id counts for ten minutes', async () => {
    await command('same');
    now += 10 * minute - 1;
    await command('same');
    expect(cpo.received).toHaveLength(1);
    now += 1;
    await command('same');
    expect(cpo.received).toHaveLength(2);
  });

  it('a result that waits is of no use behind its deadline', async () => {
    await command();
    emsp.answer = () => {
      // The next try would come when it is too late.
      now += 70 * second;
      return undefined;
    };
    expect(await callBack()).toBe(200);
    await hub.settled();
    expect([emsp.received.length, hub.dropped]).toMatchObject([1, [{ reason: 'too late', tries: 1 }]]);
  });

  it('nothing is left of it', async () => {
    await command();
    await callBack();
    await command(undefined, 'RESERVE_NOW', { reservation_id: 'R1', expiry_date: '2026-05-01T18:00:00Z' });
    await hub.routes.written();
    expect([rows('callback'), rows('request_guard'), rows('route_memory')]).toEqual([2, 2, 1]);
    now += 10 * minute;
    await hub.callbacks.sweep();
    await hub.routes.sweep();
    expect([rows('callback'), rows('request_guard'), rows('route_memory')]).toEqual([1, 0, 1]);
    now += 31 * day;
    await hub.callbacks.sweep();
    await hub.routes.sweep();
    expect([rows('callback'), rows('callback_result'), rows('route_memory')]).toEqual([0, 0, 0]);
  });

  it('T4: neither URL nor result nor answer can be read in the database', async () => {
    emsp.answer = () => undefined;
    await command();
    await callBack();
    const tables = ['callback', 'callback_result', 'request_guard'];
    const text = JSON.stringify(tables.map((table) => under.storage.reader.prepare(`SELECT * FROM ${table}`).all()));
    for (const secret of [emsp.origin, 'ACCEPTED', callback().split('/').at(-1) ?? ''])
      for (const form of [secret, Buffer.from(secret).toString('base64').slice(0, 8)]) expect(text).not.toContain(form);
  });
});
