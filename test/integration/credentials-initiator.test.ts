import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import nock from 'nock';
import { RegistrationFailure } from '../../src/modules/credentials/index.js';
import { HandshakeWorld, operator } from '../support/handshake-world.js';
import { MockPartner, ok, type Received } from '../support/mock-partner.js';

const tokenA = 'made-by-the-partner';
const tokenC = 'partner-token-c';
const day = 86_400_000;
let world: HandshakeWorld;
let partner: MockPartner;

beforeEach(async () => {
  nock.disableNetConnect();
  nock.enableNetConnect('127.0.0.1');
  world = await HandshakeWorld.open();
  partner = new MockPartner('https://cpo.example');
  partner.credentials = accept(tokenC);
});
afterEach(async () => {
  await world.close();
  nock.cleanAll();
});
afterAll(() => nock.restore());

const order = (extra: object = {}) => ({
  name: 'Charging Ltd',
  versions_url: partner.versionsUrl,
  token: tokenA,
  ...extra,
});
const start = (extra: object = {}) => world.credentials.initiator.startRegistration(order(extra), operator);
const sentToken = ({ body }: Received): string => (body as { token: string }).token;
const posts = () => partner.received.filter(({ method }) => method === 'POST');
const versionsWith = async (token: string) => (await world.call('GET', '/versions', { token })).status;

/** A partner that accepts whatever is asked of its credentials endpoint. */
function accept(token: string) {
  return ({ method }: Received) => (method === 'DELETE' ? ok() : ok(partner.object(token)));
}

async function failure(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof RegistrationFailure) return error.reason;
  throw new Error('a RegistrationFailure was expected', { cause: error });
}

describe('The hub registers at a partner', () => {
  it('C-29 reads versions with A, POSTs B, keeps C, and forgets A', async () => {
    let seenWhileRegistering = 0;
    partner.credentials = async (received) => {
      // As the text orders, the partner calls back with B before it answers.
      seenWhileRegistering = await versionsWith(sentToken(received));
      return ok(partner.object(tokenC));
    };
    const registered = await start();
    expect(partner.received.map(({ method, path, token }) => [method, path, token])).toEqual([
      ['GET', '/ocpi/versions', tokenA],
      ['GET', '/ocpi/2.2.1', tokenA],
      ['POST', '/ocpi/2.2.1/credentials', tokenA],
    ]);
    expect(posts()[0]?.body).toEqual({
      token: expect.stringMatching(/^[a-z2-9]{8}\.[\w-]{43}$/),
      url: `${world.publicUrl}/ocpi/versions`,
      roles: [{ role: 'HUB', country_code: 'NL', party_id: 'HUB', business_details: { name: 'Test hub' } }],
    });
    expect(seenWhileRegistering).toBe(200);
    expect(registered).toMatchObject({ name: 'Charging Ltd', status: 'CONNECTED', roles: [{ party_id: 'CP1' }] });
    expect(world.partners.directory.outboundToken(registered.id)).toBe(tokenC);
    expect(await versionsWith(sentToken(posts()[0] as Received))).toBe(200);
    expect(world.registered).toEqual([registered.id]);
    expect(world.rows()).toMatchObject({ registration: [], credential: [{}], sealed_token: [{ purpose: 'outbound' }] });
  });

  it('A-35 accepts 201', async () => {
    partner.credentials = () => [201, (ok(partner.object(tokenC)) as [number, unknown])[1]];
    expect(await start()).toMatchObject({ status: 'CONNECTED' });
  });

  it.each<[string, () => void, string]>([
    ['C-16 only credentials', () => (partner.endpoints = partner.endpoints.slice(0, 1)), 'missing_endpoints'],
    ['C-16 no credentials', () => (partner.endpoints = partner.endpoints.slice(1)), 'missing_endpoints'],
    [
      'C-14 V-12 no mutual version',
      () => (partner.versions = () => ok([{ version: '2.3.0', url: 'x' }])),
      'unsupported_version',
    ],
    ['C-13 no versions', () => (partner.versions = () => [401, {}]), 'unusable'],
    [
      'T9 a foreign endpoint',
      () => Object.assign(partner.endpoints[1] ?? {}, { url: 'https://x.example/' }),
      'foreign_origin',
    ],
  ])('%s: no POST, and nothing is left', async (_name, spoil, reason) => {
    spoil();
    expect(await failure(start())).toBe(reason);
    expect(posts()).toEqual([]);
    expect(Object.values(world.rows()).flat()).toEqual([]);
    expect((await world.partners.audit.list(1))[0]).toMatchObject({ action: 'registration.fail' });
  });

  it('tells the operator what came of the call that failed', async () => {
    partner.versions = () => [401, {}];
    await expect(start()).rejects.toThrow('The versions could not be fetched. (HTTP 401, OCPI none)');
  });

  it('a POST that is refused leaves nothing, and no token in the message', async () => {
    partner.credentials = (received) => [
      200,
      { status_code: 2001, status_message: `I do not like ${sentToken(received)}` },
    ];
    await expect(start()).rejects.toThrow('The partner refused (HTTP 200, OCPI 2001). I do not like …');
    expect(Object.values(world.rows()).flat()).toEqual([]);
    expect(await versionsWith(sentToken(posts()[0] as Received))).toBe(401);
  });

  it.each<[string, object]>([
    ['a versions URL that is none', { versions_url: 'ftp://cpo.example' }],
    ['a token with a blank', { token: 'a b' }],
  ])('%s is refused before anything happens', async (_name, extra) => {
    expect(await failure(start(extra))).toBe('invalid');
    expect(partner.received).toEqual([]);
    expect(world.rows().registration).toEqual([]);
  });

  it.each<[string, () => unknown]>([
    ['the answer is lost', () => [502, '<html>']],
    ['the answer cannot be used', () => ok({ token: 'x' })],
  ])('P15 when %s, the same order repeats the POST with the same B', async (_name, answer) => {
    partner.credentials = answer as never;
    expect(await failure(start())).toBe('unclear');
    expect(world.rows()).toMatchObject({ partner: [], registration: [{ step: 'POST' }] });
    partner.credentials = accept(tokenC);
    // Meanwhile A is dead for reading, as the text orders (C-04).
    partner.versions = () => [401, {}];
    const registered = await start();
    expect(posts().map(sentToken)).toEqual([sentToken(posts()[0] as Received), sentToken(posts()[0] as Received)]);
    expect(world.partners.directory.outboundToken(registered.id)).toBe(tokenC);
    expect(world.rows()).toMatchObject({ registration: [], partner: [{}], credential: [{}], sealed_token: [{}] });
  });

  it('P15 after a kill -9 while the partner answers, the same order finishes', async () => {
    let restart: (() => Promise<HandshakeWorld>) | undefined;
    partner.credentials = () => {
      restart ??= world.crashCopy();
      return ok(partner.object(tokenC));
    };
    await start();
    const [first] = posts();
    const crashed = await restart?.();
    if (!crashed) throw new Error('the partner was not asked');
    try {
      const again = await crashed.credentials.initiator.startRegistration(order(), operator);
      expect(sentToken(posts()[1] as Received)).toBe(sentToken(first as Received));
      expect(crashed.partners.directory.all()).toEqual([again]);
      expect(crashed.rows()).toMatchObject({ registration: [], credential: [{}], sealed_token: [{}] });
    } finally {
      await crashed.close();
    }
  });

  it('a registration that is never taken up again ends after a day', async () => {
    partner.credentials = () => [502, ''];
    await failure(start());
    const tokenB = sentToken(posts()[0] as Received);
    world.now += day;
    expect(await versionsWith(tokenB)).toBe(401);
    await world.partners.activity.flush();
    expect(world.rows()).toMatchObject({ registration: [], credential: [], sealed_token: [] });
  });

  it.each<[string, string[], object]>([
    [
      'C-25 brings another party than asked for',
      ['DE/XXX/CPO'],
      { roles: [{ country_code: 'DE', party_id: 'CP1', role: 'CPO' }] },
    ],
    ["T1 brings the hub's own party", ['NL/HUB/CPO'], {}],
  ])('a partner that %s is left again by DELETE', async (_name, parties, extra) => {
    partner.credentials = ({ method }) => (method === 'DELETE' ? ok() : ok(partner.object(tokenC, parties)));
    expect(await failure(start(extra))).toBe('conflict');
    expect(partner.received.at(-1)).toMatchObject({ method: 'DELETE', token: tokenC });
    expect(Object.values(world.rows()).flat()).toEqual([]);
  });

  it('T-04 while it lasts B opens versions and GET credentials, nothing else', async () => {
    const seen: number[] = [];
    partner.credentials = async (received) => {
      const token = sentToken(received);
      const body = partner.object('b2');
      seen.push((await world.call('GET', '/2.2.1/credentials', { token })).status);
      seen.push((await world.post(token, body)).status, (await world.put(token, body)).status);
      return ok(partner.object(tokenC));
    };
    await start();
    expect(seen).toEqual([200, 405, 405]);
  });
});

describe('The hub renews tokens', () => {
  const newC = 'partner-token-c2';
  const rotate = (id: string) => world.credentials.initiator.rotate(id, operator);

  it('C-23 C-24 PUTs a new B with C; the old B is good until the new one is used', async () => {
    const { id } = await start();
    const oldB = sentToken(posts()[0] as Received);
    await versionsWith(oldB);
    partner.credentials = async (received) => {
      expect(await versionsWith(sentToken(received))).toBe(200);
      return ok(partner.object(newC));
    };
    await rotate(id);
    const put = partner.received.at(-1) as Received;
    expect(put).toMatchObject({ method: 'PUT', token: tokenC });
    expect(world.partners.directory.outboundToken(id)).toBe(newC);
    expect(await versionsWith(oldB)).toBe(200);
    expect(await versionsWith(sentToken(put))).toBe(200);
    expect(await versionsWith(oldB)).toBe(401);
  });

  it('the old B ends after ten minutes', async () => {
    const { id } = await start();
    const oldB = sentToken(posts()[0] as Received);
    await rotate(id);
    world.now += 600_000;
    expect(await versionsWith(oldB)).toBe(401);
  });

  it('a PUT that is refused changes nothing', async () => {
    const { id } = await start();
    partner.credentials = () => [200, { status_code: 3001 }];
    expect(await failure(rotate(id))).toBe('rejected');
    expect(await versionsWith(sentToken(partner.received.at(-1) as Received))).toBe(401);
    expect(await versionsWith(sentToken(posts()[0] as Received))).toBe(200);
    expect(world.partners.directory.outboundToken(id)).toBe(tokenC);
  });

  it('a PUT whose outcome is unknown leaves both tokens good; the next one tidies up', async () => {
    const { id } = await start();
    partner.credentials = () => [503, ''];
    expect(await failure(rotate(id))).toBe('unclear');
    const offered = sentToken(partner.received.at(-1) as Received);
    const oldB = sentToken(posts()[0] as Received);
    for (const token of [offered, oldB, offered]) expect(await versionsWith(token)).toBe(200);
    partner.credentials = accept(newC);
    await rotate(id);
    expect(await versionsWith(offered)).toBe(401);
    expect(await versionsWith(sentToken(partner.received.at(-1) as Received))).toBe(200);
  });

  it('C-23 on schedule, for partners whose switch says so', async () => {
    const { id } = await start();
    await world.partners.registry.update(id, { switches: { auto_rotate_days: 30 } }, operator);
    world.now += 30 * day - 1;
    await world.credentials.initiator.rotateDue(operator);
    expect(partner.received.at(-1)?.method).toBe('POST');
    world.now += 1;
    await world.credentials.initiator.rotateDue(operator);
    expect(partner.received.at(-1)?.method).toBe('PUT');
  });
});

describe('The hub leaves a partner', () => {
  it.each([
    ['C-17 tells the partner, then ends both directions', true],
    ['C-17 ends both directions also if the partner is gone', false],
  ])('%s', async (_name, alive) => {
    const { id } = await start();
    const tokenB = sentToken(posts()[0] as Received);
    if (!alive) partner.credentials = () => [500, ''];
    expect(await world.credentials.initiator.unregister(id, operator)).toEqual({ partnerInformed: alive });
    expect(partner.received.at(-1)).toMatchObject({ method: 'DELETE', token: tokenC });
    expect(await versionsWith(tokenB)).toBe(401);
    expect(world.partners.directory.byId(id)).toMatchObject({ status: 'SUSPENDED', endpoints: [] });
    expect(world.partners.directory.outboundToken(id)).toBeUndefined();
    expect(await failure(world.credentials.initiator.unregister(id, operator))).toBe('unknown_partner');
    expect(await failure(world.credentials.initiator.rotate(id, operator))).toBe('unknown_partner');
  });
});
