import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import { closeAll, success } from '../outbound/testing/raw-partner.js';
import { SealingKeyRing } from '../partners/index.js';
import type { Reached } from '../routing/index.js';
import type { ForwardedAnswer, ForwardOrder } from './forwarding-types.js';
import {
  cp1,
  eMsp,
  em1,
  type ForwarderSetting,
  newForwarder,
  order,
  platform,
  rawReceiver,
  receiverAt,
  reply,
} from './testing/raw-receiver.js';

afterEach(closeAll);

const headerOf = ({ headers }: ForwardedAnswer, name: string): string | undefined => {
  const at = headers.indexOf(name);
  return at === -1 ? undefined : headers[at + 1];
};

/** Forwards to a receiver that answers with these headers. */
async function handedOn(
  headers: (port: number) => string,
  fields: Partial<ForwardOrder> = {},
  setting: ForwarderSetting = {},
  status = 200,
) {
  const receiver: { port: number } = { port: 0 };
  const { port, got } = await rawReceiver(() => reply(status, success, headers(receiver.port)));
  receiver.port = port;
  const made = newForwarder(setting);
  const sent = order(fields);
  const answer = await made.forwarder.forward(sent, receiverAt(port));
  return { ...made, answer, got, sent, to: receiverAt(port) };
}

/** A list with a second page. */
const paged = (setting: ForwarderSetting = {}, fields: Partial<ForwardOrder> = {}) =>
  handedOn(
    (port) => `Link: <http://127.0.0.1:${port}/ocpi/other/page?offset=5&limit=5>; rel="next"\r\n`,
    fields,
    setting,
  );

const posted = (location: string, fields: Partial<ForwardOrder> = {}) =>
  handedOn(
    (port) => `Location: ${location.replace('HERE', `http://127.0.0.1:${port}`)}\r\n`,
    { method: 'POST', module: 'cdrs', interfaceRole: 'RECEIVER', body: Buffer.from('{}'), ...fields },
    {},
    201,
  );

const referenceIn = (url: string | undefined): string => /[?&]via=([^&>]+)/.exec(url ?? '')?.[1] ?? '';
const refusal = expect.objectContaining({ httpStatus: 404, statusCode: 2001 });

describe('the link to another page (R-45, P-21)', () => {
  it('leads through the hub to the same party, and there to the original', async () => {
    const { forwarder, answer, got, sent, to } = await paged();
    const link = headerOf(answer, 'Link');
    expect(link).toMatch(
      /^<https:\/\/hub\.example\/ocpi\/2\.2\.1\/sender\/locations\?offset=5&limit=5&via=[\w-]+>; rel="next"$/,
    );
    const reference = referenceIn(link);
    expect(forwarder.receiverOf(reference, sent)).toEqual(cp1);
    const next = order({ query: `offset=5&limit=5&via=${reference}` });
    const second = await forwarder.follow(reference, next, to);
    expect(got[1]?.line).toBe('GET /ocpi/other/page?offset=5&limit=5 HTTP/1.1');
    expect(got[1]?.headers).toMatchObject({ 'OCPI-to-party-id': 'CP1', 'OCPI-from-party-id': 'EM1' });
    // And the page behind that one.
    const third = referenceIn(headerOf(second, 'Link'));
    expect(third).not.toBe(reference);
    await forwarder.follow(third, next, to);
    expect(got[2]?.line).toBe('GET /ocpi/other/page?offset=5&limit=5 HTTP/1.1');
  });

  it('outlives a restart and works on another node, with the same keys and with them only', async () => {
    const key = randomBytes(32);
    const ring = (...more: [string, Buffer][]) =>
      new SealingKeyRing(new Map([['k1', key], ...more]), more[0]?.[0] ?? 'k1');
    const { answer, sent } = await paged({ ring: ring() });
    const reference = referenceIn(headerOf(answer, 'Link'));
    expect(newForwarder({ ring: ring() }).forwarder.receiverOf(reference, sent)).toEqual(cp1);
    expect(newForwarder({ ring: ring(['k2', randomBytes(32)]) }).forwarder.receiverOf(reference, sent)).toEqual(cp1);
    const stranger = newForwarder({ ring: new SealingKeyRing(new Map([['k1', randomBytes(32)]]), 'k1') });
    expect(() => stranger.forwarder.receiverOf(reference, sent)).toThrow(refusal);
  });

  it('is for the party, platform, module and interface that it was given to, and for reading', async () => {
    const { forwarder, answer, got, to } = await paged();
    const reference = referenceIn(headerOf(answer, 'Link'));
    const others: Partial<ForwardOrder>[] = [
      { from: { country_code: 'FR', party_id: 'EM2' } },
      { caller: platform({ id: 'p-3', roles: eMsp.roles }) },
      { module: 'sessions' },
      { interfaceRole: 'RECEIVER' },
    ];
    for (const fields of others) {
      expect(() => forwarder.receiverOf(reference, order(fields))).toThrow(refusal);
      await expect(forwarder.follow(reference, order(fields), to)).rejects.toThrow(refusal);
    }
    const write = expect.objectContaining({ httpStatus: 405 });
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const)
      await expect(forwarder.follow(reference, order({ method }), to)).rejects.toThrow(write);
    expect(forwarder.receiverOf(reference, order({ from: { country_code: 'fr', party_id: 'em1' } }))).toEqual(cp1);
    expect(got).toHaveLength(1);
  });

  it('leads to the party and platform that it came from only', async () => {
    const { forwarder, answer, got, to } = await paged();
    const reference = referenceIn(headerOf(answer, 'Link'));
    const others: Partial<Reached>[] = [
      { party: { country_code: 'DE', party_id: 'CP2' } },
      { partner: platform({ id: 'p-4', origins: to.partner.origins }) },
    ];
    for (const fields of others)
      await expect(forwarder.follow(reference, order(), { ...to, ...fields })).rejects.toThrow(refusal);
    expect(got).toHaveLength(1);
  });

  it('can be followed for a day', async () => {
    let now = 1_800_000_000_000;
    const { forwarder, answer, got, to } = await paged({ clock: { now: () => now } });
    const reference = referenceIn(headerOf(answer, 'Link'));
    now += 86_399_000;
    await forwarder.follow(reference, order(), to);
    now += 1_000;
    await expect(forwarder.follow(reference, order(), to)).rejects.toThrow(refusal);
    expect(() => forwarder.receiverOf(reference, order())).toThrow(refusal);
    expect(got).toHaveLength(2);
  });

  it('is not to be made up', () => {
    const { forwarder } = newForwarder();
    for (const text of ['', 'x', 'A'.repeat(80), '../../x', '%00', 'é'.repeat(50), 'A'.repeat(10_000)])
      expect(() => forwarder.receiverOf(text, order())).toThrow(refusal);
  });

  it('does not show what it names of the receiver', async () => {
    const { answer, to } = await paged();
    const text = Buffer.from(referenceIn(headerOf(answer, 'Link')), 'base64url').toString('latin1');
    for (const secret of ['page', 'CP1', '127.0.0.1', to.token]) expect(text).not.toContain(secret);
  });

  it.each([
    ['relative', (): string => '<?offset=9>; rel=next', '/ocpi/cpo/2.2.1/module?offset=9'],
    ['absolute without host', (): string => '</page/2>; rel="next"', '/page/2'],
    [
      'with a via of the next hub',
      (port: number) => `<http://127.0.0.1:${port}/x?via=abc&offset=9>; rel="next"`,
      '/x?via=abc&offset=9',
    ],
    [
      'behind others',
      (): string => '<https://x.example/>; rel="help", <?offset=9>; rel="x next"',
      '/ocpi/cpo/2.2.1/module?offset=9',
    ],
    ['with a fragment', (): string => '<?offset=9#x>; rel=next', '/ocpi/cpo/2.2.1/module?offset=9'],
  ])('is followed where it is %s', async (_how, link, path) => {
    const { forwarder, answer, got, to } = await handedOn((port) => `Link: ${link(port)}\r\n`);
    const rewritten = headerOf(answer, 'Link') ?? '';
    expect(rewritten.match(/via=/g)).toHaveLength(1);
    await forwarder.follow(referenceIn(rewritten), order(), to);
    expect(got[1]?.line).toBe(`GET ${path} HTTP/1.1`);
  });

  it('is one of several, and those that are no pages are left out', async () => {
    const { answer, dropped } = await handedOn(
      () => 'Link: <?offset=0>; rel="first prev"\r\nLink: <?offset=10>; rel=next, </doc>; rel="help"\r\n',
    );
    const links = (headerOf(answer, 'Link') ?? '').replace(/via=[\w-]+/g, 'via=R');
    const page = 'https://hub.example/ocpi/2.2.1/sender/locations';
    expect(links).toBe(`<${page}?offset=0&via=R>; rel="first prev", <${page}?offset=10&via=R>; rel="next"`);
    expect(dropped).toEqual([]);
  });

  it.each([
    'http://127.0.0.1:1/x',
    'https://canary.example/x',
    '//canary.example/x',
    'http://user:secret@HOST/x',
    'ftp://HOST/x',
    'javascript:alert(1)',
    `http://HOST/${'x'.repeat(3_000)}`,
    'http://[/x',
  ])('is dropped and told of if it leads to %.40s (T8, T9)', async (url) => {
    const { answer, dropped } = await handedOn(
      (port) => `Link: <${url.replace('HOST', `127.0.0.1:${port}`)}>; rel="next"\r\n`,
    );
    expect(headerOf(answer, 'Link')).toBeUndefined();
    expect(dropped.length).toBeGreaterThan(0);
  });

  it('is dropped and told of if it cannot be read', async () => {
    const { answer, dropped } = await handedOn(() => 'Link: next page; rel="next"\r\n');
    expect(headerOf(answer, 'Link')).toBeUndefined();
    expect(dropped).toHaveLength(1);
  });
});

describe('the URL of a CDR (R-45, CDR-13)', () => {
  const stored = 'HERE/ocpi/cpo/2.2.1/module/4cd5-8f2e';

  it('leads through the hub to the party that has it, and is short enough for a CDR', async () => {
    const { forwarder, answer, got, sent, to } = await posted(stored);
    expect(answer.httpStatus).toBe(201);
    const url = headerOf(answer, 'Location') ?? '';
    expect(url).toMatch(/^https:\/\/hub\.example\/ocpi\/2\.2\.1\/receiver\/cdrs\/[\w-]+$/);
    expect(url.length).toBeLessThanOrEqual(255);
    const reference = url.slice(url.lastIndexOf('/') + 1);
    const read: ForwardOrder = { ...sent, method: 'GET', path: `/${reference}`, body: undefined };
    expect(forwarder.receiverOf(reference, read)).toEqual(cp1);
    await forwarder.follow(reference, read, to);
    expect(got[1]?.line).toBe('GET /ocpi/cpo/2.2.1/module/4cd5-8f2e HTTP/1.1');
    // The receiver has moved in the meantime.
    await forwarder.follow(reference, read, { ...to, url: `${to.partner.origins[0]}/new/cdrs` });
    expect(got[2]?.line).toBe('GET /new/cdrs/4cd5-8f2e HTTP/1.1');
  });

  it.each([
    ['relative', '/elsewhere/x', '/elsewhere/x'],
    ['outside of the endpoint', 'HERE/v/cdrs?id=1', '/v/cdrs?id=1'],
  ])('may be %s', async (_how, location, path) => {
    const { forwarder, answer, got, sent, to } = await posted(location);
    const reference = (headerOf(answer, 'Location') ?? '').split('/').at(-1) ?? '';
    await forwarder.follow(reference, { ...sent, method: 'GET' }, to);
    expect(got[1]?.line).toBe(`GET ${path} HTTP/1.1`);
  });

  it('is short enough also where the receiver keeps its CDRs far from its endpoint', async () => {
    const { answer } = await posted(`HERE/${'x'.repeat(50)}`);
    expect((headerOf(answer, 'Location') ?? '').length).toBeLessThanOrEqual(255);
  });

  it('can be followed for 400 days', async () => {
    let now = 1_800_000_000_000;
    const cdr = { method: 'POST', module: 'cdrs', interfaceRole: 'RECEIVER' } as const;
    const setting = { clock: { now: () => now } };
    const { forwarder, answer, sent } = await handedOn(() => 'Location: /c/1\r\n', cdr, setting);
    const reference = (headerOf(answer, 'Location') ?? '').split('/').at(-1) ?? '';
    now += 400 * 86_400_000 - 1_000;
    expect(forwarder.receiverOf(reference, sent)).toEqual(cp1);
    now += 1_000;
    expect(() => forwarder.receiverOf(reference, sent)).toThrow(refusal);
  });

  it('is dropped and told of if it leads to somebody else (T9), and means nothing for other messages', async () => {
    const foreign = await posted('https://canary.example/cdrs/1');
    expect(headerOf(foreign.answer, 'Location')).toBeUndefined();
    expect(foreign.dropped).toHaveLength(1);
    for (const fields of [{ module: 'sessions' }, { method: 'PUT' as const }, { interfaceRole: 'SENDER' as const }]) {
      const { answer, dropped } = await posted(stored, fields);
      expect(headerOf(answer, 'Location')).toBeUndefined();
      expect(dropped).toEqual([]);
    }
  });

  it('is bound to who posted it', async () => {
    const { forwarder, answer, sent } = await posted(stored, { from: em1 });
    const reference = (headerOf(answer, 'Location') ?? '').split('/').at(-1) ?? '';
    const other: ForwardOrder = { ...sent, from: { country_code: 'FR', party_id: 'EM2' } };
    expect(() => forwarder.receiverOf(reference, other)).toThrow(refusal);
  });
});
