// Over 400 lines: both sides of one handshake share its cast, and each rule of group C has its test here.
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import nock from 'nock';
import { type Answer, HandshakeWorld, operator } from '../support/handshake-world.js';
import { MockPartner, ok } from '../support/mock-partner.js';

const tokenB = 'partner-token-b';
const minute = 60_000;
let world: HandshakeWorld;
let partner: MockPartner;

beforeEach(async () => {
  nock.disableNetConnect();
  nock.enableNetConnect('127.0.0.1');
  world = await HandshakeWorld.open();
  partner = new MockPartner('https://cpo.example');
});
afterEach(async () => {
  await world.close();
  nock.cleanAll();
});
afterAll(() => nock.restore());

const tokenOf = (answer: Answer): string => (answer.body.data as unknown as { token: string }).token;
const codes = (answer: Answer) => [answer.status, answer.body.status_code];
const get = (url: string, token: string) => world.call('GET', url, { token });

async function register(token?: string): Promise<string> {
  const answer = await world.post(token ?? (await world.invite()).token, partner.object(tokenB));
  expect(codes(answer)).toEqual([200, 1000]);
  return tokenOf(answer);
}

describe('POST credentials', () => {
  it('C-02 reads versions and details with B before it answers', async () => {
    await register();
    expect(partner.received.map(({ path, token }) => [path, token])).toEqual([
      ['/ocpi/versions', tokenB],
      ['/ocpi/2.2.1', tokenB],
    ]);
    const [stored] = world.partners.directory.all();
    expect(stored).toMatchObject({ name: 'Charging Ltd', status: 'CONNECTED', version: '2.2.1', endpoints: [{}, {}] });
    expect(stored?.roles[0]).toMatchObject({ country_code: 'DE', party_id: 'CP1', role: 'CPO' });
    expect(world.partners.directory.outboundToken(stored?.id ?? '')).toBe(tokenB);
    expect(world.registered).toEqual([stored?.id]);
  });

  it('C-03 C-20 C-22 answers 200 with C, its versions URL and one role, HUB', async () => {
    const { token } = await world.invite();
    const answer = await world.post(token, partner.object(tokenB));
    expect(codes(answer)).toEqual([200, 1000]);
    expect(answer.body.data).toEqual({
      token: expect.stringMatching(/^[a-z2-9]{8}\.[\w-]{43}$/),
      url: `${world.publicUrl}/ocpi/versions`,
      roles: [{ role: 'HUB', country_code: 'NL', party_id: 'HUB', business_details: { name: 'Test hub' } }],
    });
    const versions = await get('/versions', tokenOf(answer));
    expect(versions.body.data).toEqual([{ version: '2.2.1', url: `${world.publicUrl}/ocpi/2.2.1` }]);
  });

  it('C-04 kills A with the success', async () => {
    const { token } = await world.invite();
    expect((await get('/versions', token)).status).toBe(200);
    await register(token);
    expect(codes(await get('/versions', token))).toEqual([401, 2000]);
    expect((await get('/2.2.1', token)).status).toBe(401);
    expect((await get('/2.2.1/credentials', token)).status).toBe(401);
    expect((await world.put(token, partner.object(tokenB))).status).toBe(401);
    expect((await world.call('DELETE', '/2.2.1/credentials', { token })).status).toBe(401);
  });

  it.each<[string, () => void, number]>([
    ['C-13 versions answer 500', () => (partner.versions = () => [500, {}]), 3001],
    ['C-13 versions are no JSON', () => (partner.versions = () => [200, '<html>']), 3001],
    ['C-13 versions are refused in the envelope', () => (partner.versions = () => [200, { status_code: 2000 }]), 3001],
    ['C-13 versions are no list', () => (partner.versions = () => ok({})), 3001],
    ['C-13 details answer 404', () => (partner.details = () => [404, {}]), 3001],
    [
      'C-13 details are of another version',
      () => (partner.details = () => ok({ version: '2.1.1', endpoints: [] })),
      3001,
    ],
    [
      'C-13 a known module has no URL',
      () => partner.endpoints.push({ identifier: 'cdrs', role: 'SENDER', url: '' }),
      3001,
    ],
    ['C-14 no 2.2.1', () => (partner.versions = () => ok([{ version: '2.1.1', url: partner.versionsUrl }])), 3002],
    ['C-15 only credentials', () => (partner.endpoints = partner.endpoints.slice(0, 1)), 3003],
    ['C-15 no credentials', () => (partner.endpoints = partner.endpoints.slice(1)), 3003],
  ])('%s: refused, C-05 nothing stored, A good for another try', async (_name, spoil, code) => {
    const { token } = await world.invite();
    const before = world.rows();
    const good = { versions: partner.versions, details: partner.details, endpoints: [...partner.endpoints] };
    spoil();
    expect(codes(await world.post(token, partner.object(tokenB)))).toEqual([200, code]);
    expect(world.rows()).toEqual(before);
    expect(world.registered).toEqual([]);
    Object.assign(partner, good);
    await register(token);
  });

  it('C-13 an unreachable client is 3001, and C-28 learns nothing of the network', async () => {
    const { token } = await world.invite();
    const answer = await world.post(token, partner.object(tokenB, undefined, 'https://nobody.example/versions'));
    expect(codes(answer)).toEqual([200, 3001]);
    expect(answer.body.status_message).toBe('The versions could not be fetched.');
  });

  it('C-06 an expired A is 401', async () => {
    const { token } = await world.invite({ expiresInDays: 1 });
    world.now += 24 * 60 * minute;
    expect(codes(await world.post(token, partner.object(tokenB)))).toEqual([401, 2000]);
    expect(partner.received).toEqual([]);
  });

  it('C-06 a deleted invite is 401', async () => {
    const { invite, token } = await world.invite();
    expect(await world.partners.invites.delete(invite.id, operator)).toBe(true);
    expect((await world.post(token, partner.object(tokenB))).status).toBe(401);
  });

  it('C-25 T1 a role that was not agreed is 2001 and nobody is called', async () => {
    const { token } = await world.invite();
    const before = world.rows();
    for (const parties of [['DE/CP2/CPO'], ['DE/CP1/EMSP'], ['DE/CP1/CPO', 'FR/CP1/CPO']])
      expect(codes(await world.post(token, partner.object(tokenB, parties)))).toEqual([200, 2001]);
    expect(partner.received).toEqual([]);
    expect(world.rows()).toEqual(before);
    expect((await world.partners.audit.list(1))[0]).toMatchObject({
      action: 'credentials.register',
      result: '/roles: FR/CP1/CPO is not among the roles agreed with the operator.',
    });
  });

  it('C-25 registers a part of the agreed roles, whatever their capitals', async () => {
    const roles = [
      { country_code: 'DE', party_id: 'CP1', role: 'CPO' as const },
      { country_code: 'DE', party_id: 'CP2', role: 'CPO' as const },
    ];
    const { token } = await world.invite({ roles });
    expect(codes(await world.post(token, partner.object(tokenB, ['de/cp2/CPO'])))).toEqual([200, 1000]);
    expect(world.partners.directory.byParty({ country_code: 'DE', party_id: 'CP2' }, 'CPO')).toBeDefined();
    expect(world.partners.directory.byParty({ country_code: 'DE', party_id: 'CP1' })).toBeUndefined();
  });

  it("C-25 T1 neither another platform's party nor the hub's own can be claimed", async () => {
    await register();
    const second = await world.invite({ name: 'Impostor' });
    const callsBefore = partner.received.length;
    expect(codes(await world.post(second.token, partner.object('other-b')))).toEqual([200, 2001]);
    expect(partner.received).toHaveLength(callsBefore);
    await expect(world.invite({ roles: [{ country_code: 'nl', party_id: 'hub', role: 'CPO' }] })).rejects.toThrow(
      "The hub's own party cannot be given away.",
    );
  });

  it('C-25 a party of a platform that has left can be registered anew', async () => {
    const tokenC = await register();
    const [left] = world.partners.directory.all();
    await world.call('DELETE', '/2.2.1/credentials', { token: tokenC });
    await register((await world.invite()).token);
    const all = world.partners.directory.all();
    expect(all.map(({ status }) => status)).toEqual(['CONNECTED']);
    expect(all[0]?.id).not.toBe(left?.id);
  });

  it.each<[string, (object: ReturnType<MockPartner['object']>) => unknown]>([
    ['C-31 no url', ({ token, roles }) => ({ token, roles })],
    ['C-31 a relative url', (object) => ({ ...object, url: '/versions' })],
    ['C-31 no object', () => [1]],
    ['T-09 a blank in the token', (object) => ({ ...object, token: 'a b' })],
    ['T-09 65 characters', (object) => ({ ...object, token: 'x'.repeat(65) })],
    ['T-09 an umlaut', (object) => ({ ...object, token: 'schlüssel' })],
    ['C-18 no roles', (object) => ({ ...object, roles: [] })],
    [
      'C-18 a role twice',
      (object) => ({ ...object, roles: [...object.roles, { ...object.roles[0], party_id: 'cp1' }] }),
    ],
    [
      'C-19 no business_details',
      (object) => ({ ...object, roles: [{ ...object.roles[0], business_details: undefined }] }),
    ],
    ['C-19 no name', (object) => ({ ...object, roles: [{ ...object.roles[0], business_details: {} }] })],
    ['C-19 no party_id', (object) => ({ ...object, roles: [{ ...object.roles[0], party_id: undefined }] })],
    ['C-19 no country_code', (object) => ({ ...object, roles: [{ ...object.roles[0], country_code: undefined }] })],
    ['C-19 no role', (object) => ({ ...object, roles: [{ ...object.roles[0], role: undefined }] })],
  ])('%s is 2001, C-31 without a call-back', async (_name, spoil) => {
    const { token } = await world.invite();
    expect(codes(await world.post(token, spoil(partner.object(tokenB))))).toEqual([200, 2001]);
    expect(partner.received).toEqual([]);
    expect(world.partners.directory.all()).toEqual([]);
  });

  it('T-09 accepts 64 characters of the whole alphabet', async () => {
    const longest = '!"#$%&\'()*+,-./:;<=>?@[]^_`{|}~0123456789ABCDEFGHIJKLMNOPQRSTUVW'.slice(0, 64);
    const { token } = await world.invite();
    expect(codes(await world.post(token, partner.object(longest)))).toEqual([200, 1000]);
    expect(partner.received[0]?.token).toBe(longest);
  });

  it.each([
    'http://cpo.example/ocpi/versions',
    'https://127.0.0.1/v',
    'https://10.0.0.1/v',
    'https://[::1]/v',
    'https://me@cpo.example/v',
  ])('C-28 %s is 3001 and not called', async (url) => {
    const { token } = await world.invite();
    expect(codes(await world.post(token, partner.object(tokenB, undefined, url)))).toEqual([200, 3001]);
    expect(partner.received).toEqual([]);
  });

  it('T9 URLs outside the origins of the invite are 3001 and not called', async () => {
    const { token } = await world.invite({ origins: ['https://agreed.example'] });
    expect(codes(await world.post(token, partner.object(tokenB)))).toEqual([200, 3001]);
    expect(partner.received).toEqual([]);
  });

  it('T9 details and endpoints on another origin than the versions are 3001', async () => {
    const { token } = await world.invite();
    const other = new MockPartner('https://elsewhere.example');
    partner.versions = () => ok([{ version: '2.2.1', url: `${other.origin}/ocpi/2.2.1` }]);
    expect(codes(await world.post(token, partner.object(tokenB)))).toEqual([200, 3001]);
    expect(other.received).toEqual([]);
    partner.versions = new MockPartner('https://cpo.example').versions;
    partner.endpoints.push({ identifier: 'tariffs', role: 'SENDER', url: `${other.origin}/tariffs` });
    const answer = await world.post(token, partner.object(tokenB));
    expect(codes(answer)).toEqual([200, 3001]);
    expect(answer.body.status_message).toContain('The endpoint of tariffs lies outside the origins');
  });

  it('takes several origins that the operator agreed to', async () => {
    const origins = ['https://cpo.example', 'https://Data.cpo.example:443/'];
    const { token } = await world.invite({ origins });
    partner.endpoints.push({ identifier: 'tariffs', role: 'SENDER', url: 'https://data.cpo.example/tariffs' });
    await register(token);
    expect(world.partners.directory.all()[0]).toMatchObject({ origins });
  });

  it('V-06 V-11 V-12 ignores the role of credentials, and versions, modules and fields it does not know', async () => {
    partner.versions = () =>
      ok(['2.1.1', '2.2.1', '2.3.0'].map((version) => ({ version, url: `${partner.origin}/ocpi/${version}`, x: 1 })));
    partner.endpoints.push({ identifier: 'payments', role: 'BOTH', url: 'nonsense' });
    await register();
    const [stored] = world.partners.directory.all();
    expect(stored?.endpoints.map(({ identifier }) => identifier)).toEqual(['credentials', 'locations']);
  });

  it('V-10 keeps custom modules that can be used, and lets no other one spoil a registration', async () => {
    const { origin } = partner;
    for (const entry of [
      { identifier: 'nlhub-tasks', role: 'RECEIVER', url: `${origin}/tasks` },
      { identifier: 'nlhub-tasks', role: 'SENDER', url: `${origin}/tasks` },
      { identifier: 'nlhub-broken', role: 'BOTH', url: 'nonsense' },
      { identifier: 'nlhub-elsewhere', role: 'SENDER', url: 'https://thief.example/tasks' },
      { identifier: 'NLHUB-loud', role: 'SENDER', url: `${origin}/loud` },
    ])
      partner.endpoints.push(entry);
    await register();
    const [stored] = world.partners.directory.all();
    const kept = stored?.endpoints.filter(({ identifier }) => identifier.includes('-'));
    expect(kept?.map(({ identifier, role }) => `${identifier} ${role}`).sort()).toEqual([
      'nlhub-tasks RECEIVER',
      'nlhub-tasks SENDER',
    ]);
  });

  it('C-15 does not take a custom module for one that the hub can work with', async () => {
    partner.endpoints = partner.endpoints.slice(0, 1);
    partner.endpoints.push({ identifier: 'nlhub-tasks', role: 'RECEIVER', url: `${partner.origin}/tasks` });
    const { token } = await world.invite();
    expect(codes(await world.post(token, partner.object(tokenB)))).toEqual([200, 3003]);
  });

  it('calls back sixty times a minute for one invite, not more', async () => {
    const { token } = await world.invite();
    partner.versions = () => [500, {}];
    for (let attempt = 0; attempt < 60; attempt++) await world.post(token, partner.object(tokenB));
    const answer = await world.post(token, partner.object(tokenB));
    expect([...codes(answer), answer.headers['retry-after']]).toEqual([429, 2000, '60']);
    expect(partner.received).toHaveLength(60);
    world.now += minute;
    expect(codes(await world.post(token, partner.object(tokenB)))).toEqual([200, 3001]);
  });
});

describe('A lost answer', () => {
  it('T6 the same POST gets a fresh C within ten minutes', async () => {
    const { token } = await world.invite();
    const first = await register(token);
    expect(codes(await world.post(token, partner.object(tokenB)))).toEqual([503, 3000]);
    world.now += 3_000;
    const second = await register(token);
    expect(second).not.toBe(first);
    expect((await get('/versions', first)).status).toBe(401);
    expect((await get('/versions', second)).status).toBe(200);
    expect(world.partners.directory.all()).toHaveLength(1);
  });

  it.each<[string, (c: string) => Promise<unknown> | undefined, (body: ReturnType<MockPartner['object']>) => unknown]>([
    ['another B', () => undefined, (body) => ({ ...body, token: 'another' })],
    ['another URL', () => undefined, (body) => ({ ...body, url: 'https://cpo.example/other' })],
    ['a broken body', () => undefined, () => ({})],
    ['C was used', (c) => get('/versions', c), (body) => body],
    ['the partner has left', (c) => world.call('DELETE', '/2.2.1/credentials', { token: c }), (body) => body],
  ])('T6 is 401 with: %s', async (_name, meanwhile, change) => {
    const { token } = await world.invite();
    const tokenC = await register(token);
    await meanwhile(tokenC);
    world.now += 3_000;
    expect(codes(await world.post(token, change(partner.object(tokenB))))).toEqual([401, 2000]);
  });

  it('T6 is 401 after ten minutes', async () => {
    const { token } = await world.invite();
    await register(token);
    world.now += 10 * minute;
    expect((await world.post(token, partner.object(tokenB))).status).toBe(401);
  });
});

describe('GET and methods that are not offered', () => {
  it('C-01 C-30 shows the token that was used, with A as with C', async () => {
    const { token } = await world.invite();
    expect((await get('/2.2.1/credentials', token)).body.data).toMatchObject({ token });
    const tokenC = await register(token);
    const answer = await get('/2.2.1/credentials', tokenC);
    expect(answer.body.data).toMatchObject({
      token: tokenC,
      url: `${world.publicUrl}/ocpi/versions`,
      roles: [{ role: 'HUB' }],
    });
  });

  it('C-07 PATCH is 405', async () => {
    const tokenC = await register();
    expect(codes(await world.call('PATCH', '/2.2.1/credentials', { token: tokenC, body: {} }))).toEqual([405, 2000]);
  });

  it('C-08 POST with C is 405', async () => {
    const tokenC = await register();
    const answer = await world.post(tokenC, partner.object('new-b'));
    expect([...codes(answer), answer.headers.allow]).toEqual([405, 2000, 'GET, PUT, DELETE']);
  });

  it('C-09 C-10 A-37 PUT and DELETE are 405 with A and 401 with an unknown token', async () => {
    const { token } = await world.invite();
    for (const method of ['PUT', 'DELETE']) {
      const body = method === 'PUT' ? { body: partner.object(tokenB) } : {};
      const answer = await world.call(method, '/2.2.1/credentials', { token, ...body });
      expect([...codes(answer), answer.headers.allow]).toEqual([405, 2000, 'GET, POST']);
      const unknown = await world.call(method, '/2.2.1/credentials', { token: `${token}x`, ...body });
      expect(codes(unknown)).toEqual([401, 2000]);
    }
  });
});

describe('PUT credentials', () => {
  const newB = 'partner-token-b2';

  it('C-11 reads versions and details again with the new token, stores what moved and issues a new C', async () => {
    const tokenC = await register();
    partner.received.length = 0;
    partner.endpoints.push({ identifier: 'tariffs', role: 'SENDER', url: `${partner.origin}/tariffs` });
    const answer = await world.put(tokenC, partner.object(newB));
    expect(codes(answer)).toEqual([200, 1000]);
    expect(partner.received.map(({ token }) => token)).toEqual([newB, newB]);
    const [stored] = world.partners.directory.all();
    expect(stored?.endpoints).toHaveLength(3);
    expect(world.partners.directory.outboundToken(stored?.id ?? '')).toBe(newB);
    expect(world.registered).toEqual([stored?.id, stored?.id]);
  });

  it('C-12 the old C is good until the new one is used', async () => {
    const tokenC = await register();
    const next = tokenOf(await world.put(tokenC, partner.object(newB)));
    expect((await get('/versions', tokenC)).status).toBe(200);
    expect((await get('/versions', next)).status).toBe(200);
    expect((await get('/versions', tokenC)).status).toBe(401);
    await world.partners.activity.flush();
    expect(world.rows().credential).toHaveLength(2);
  });

  it('C-12 the old C is good for ten minutes at most', async () => {
    const tokenC = await register();
    await world.put(tokenC, partner.object(newB));
    world.now += 10 * minute - 1;
    expect((await get('/versions', tokenC)).status).toBe(200);
    world.now += 1;
    expect((await get('/versions', tokenC)).status).toBe(401);
  });

  it('C-12 a PUT whose answer was lost can be repeated with the old C; the token that was lost is void', async () => {
    const tokenC = await register();
    const lost = tokenOf(await world.put(tokenC, partner.object(newB)));
    const answer = await world.put(tokenC, partner.object(newB));
    expect(codes(answer)).toEqual([200, 1000]);
    expect((await get('/versions', lost)).status).toBe(401);
    expect((await get('/versions', tokenOf(answer))).status).toBe(200);
  });

  it('A-38 falls back to the old token when the partner does not know its new one yet', async () => {
    const tokenC = await register();
    partner.received.length = 0;
    const good = partner.versions;
    partner.versions = (received) => (received.token === newB ? [401, { status_code: 2000 }] : good(received));
    expect(codes(await world.put(tokenC, partner.object(newB)))).toEqual([200, 1000]);
    expect(partner.received.map(({ token }) => token)).toEqual([newB, tokenB, tokenB]);
  });

  it('C-13 a PUT that fails is 3001 and changes nothing', async () => {
    const tokenC = await register();
    const before = { ...world.rows() };
    partner.details = () => [500, {}];
    expect(codes(await world.put(tokenC, partner.object(newB)))).toEqual([200, 3001]);
    await world.partners.activity.flush();
    const after = world.rows();
    for (const table of ['partner_role', 'partner_endpoint', 'sealed_token', 'invite'])
      expect(after[table]).toEqual(before[table]);
    expect((await get('/versions', tokenC)).status).toBe(200);
    expect(world.registered).toHaveLength(1);
    expect((await world.partners.audit.list(1))[0]).toMatchObject({ action: 'credentials.update' });
  });

  it('T7 a new origin needs the operator; the old pair works on; both are audited', async () => {
    const tokenC = await register();
    const thief = new MockPartner('https://thief.example');
    const answer = await world.put(tokenC, thief.object(newB));
    expect(codes(answer)).toEqual([200, 2001]);
    expect(answer.body.status_message).toContain('needs approval by the operator');
    expect(thief.received).toEqual([]);
    const [stored] = world.partners.directory.all();
    expect(stored).toMatchObject({ versionsUrl: partner.versionsUrl, pendingOrigins: ['https://thief.example'] });
    expect(world.partners.directory.outboundToken(stored?.id ?? '')).toBe(tokenB);
    expect((await get('/versions', tokenC)).status).toBe(200);
    expect((await world.partners.audit.list(1))[0]).toMatchObject({ result: 'needs approval: new origin' });

    const origins = ['https://cpo.example', 'https://thief.example'];
    await world.partners.registry.update(stored?.id ?? '', { origins }, operator);
    expect(codes(await world.put(tokenC, thief.object(newB)))).toEqual([200, 1000]);
    expect(world.partners.directory.all()[0]).toMatchObject({
      versionsUrl: thief.versionsUrl,
      origins,
      pendingOrigins: [],
    });
  });

  it('T7 an endpoint on a new origin needs the operator as well', async () => {
    const tokenC = await register();
    partner.endpoints.push({ identifier: 'cdrs', role: 'SENDER', url: 'https://thief.example/cdrs' });
    expect(codes(await world.put(tokenC, partner.object(newB)))).toEqual([200, 2001]);
    expect(world.partners.directory.all()[0]?.pendingOrigins).toEqual(['https://thief.example']);
  });

  it('T1 C-26 keeps to the agreed roles; within them a change is taken over', async () => {
    const roles = ['CP1', 'CP2'].map((party_id) => ({ country_code: 'DE', party_id, role: 'CPO' as const }));
    const tokenC = await register((await world.invite({ roles })).token);
    expect(codes(await world.put(tokenC, partner.object(newB, ['DE/CP3/CPO'])))).toEqual([200, 2001]);
    expect(codes(await world.put(tokenC, partner.object(newB, ['DE/CP2/CPO'])))).toEqual([200, 1000]);
    expect(world.partners.directory.byParty({ country_code: 'DE', party_id: 'CP1' })).toBeUndefined();
    expect(world.partners.directory.byParty({ country_code: 'DE', party_id: 'CP2' })).toBeDefined();
  });

  it('one PUT at a time for a partner', async () => {
    const tokenC = await register();
    const good = partner.versions;
    let second: Promise<Answer> | undefined;
    partner.versions = async (received) => {
      second ??= world.put(tokenC, partner.object('b3'));
      await second;
      return good(received);
    };
    expect(codes(await world.put(tokenC, partner.object(newB)))).toEqual([200, 1000]);
    expect(codes((await second) as Answer)).toEqual([503, 3000]);
  });
});

describe('DELETE credentials and the operator', () => {
  it('C-17 A-72 ends both directions and keeps the partner as SUSPENDED', async () => {
    const tokenC = await register();
    const answer = await world.call('DELETE', '/2.2.1/credentials', { token: tokenC });
    expect(codes(answer)).toEqual([200, 1000]);
    expect(answer.body).not.toHaveProperty('data');
    expect((await get('/versions', tokenC)).status).toBe(401);
    const [left] = world.partners.directory.all();
    expect(left).toMatchObject({ status: 'SUSPENDED', endpoints: [], unregisteredAt: world.now });
    expect(world.partners.directory.outboundToken(left?.id ?? '')).toBeUndefined();
    expect(world.rows()).toMatchObject({ credential: [], sealed_token: [], partner_endpoint: [], invite: [] });
    expect(await world.partners.registry.resume(left?.id ?? '', operator)).toBeUndefined();
  });

  it('a suspended partner is 401 until it is resumed', async () => {
    const tokenC = await register();
    const id = world.partners.directory.all()[0]?.id ?? '';
    await world.partners.registry.suspend(id, operator);
    expect((await get('/versions', tokenC)).status).toBe(401);
    await world.partners.registry.setStatus(id, 'CONNECTED');
    expect(world.partners.directory.byId(id)?.status).toBe('SUSPENDED');
    await world.partners.registry.resume(id, operator);
    expect((await get('/versions', tokenC)).status).toBe(200);
  });
});

describe('How tokens travel', () => {
  const authorized = async (authorization: string) => (await world.call('GET', '/versions', { authorization })).status;
  const base64 = (text: string) => Buffer.from(text).toString('base64');

  it('T-03 T-05 T-06 T-07: strict Base64, trimmed, any case of the scheme, this scheme only', async () => {
    const tokenC = await register();
    expect(await authorized(`Token ${base64(tokenC)}`)).toBe(200);
    expect(await authorized(`token ${base64(tokenC)}`)).toBe(200);
    expect(await authorized(`Token ${base64(`${tokenC}\n`)}`)).toBe(200);
    expect(await authorized(`Token ${tokenC}`)).toBe(401);
    expect(await authorized(`Bearer ${base64(tokenC)}`)).toBe(401);
    expect(await authorized(`Token ${base64(tokenC.toUpperCase())}`)).toBe(401);
    expect((await world.call('GET', '/versions')).status).toBe(401);
  });

  it('T-05 with the switch on the raw token is taken', async () => {
    const tokenC = await register();
    const id = world.partners.directory.all()[0]?.id ?? '';
    await world.partners.registry.update(id, { switches: { inbound_raw: true } }, operator);
    expect(await authorized(`Token ${tokenC}`)).toBe(200);
    expect(await authorized(`Token ${base64(tokenC)}`)).toBe(200);
  });

  it('T-05 the form in which a platform registers is remembered, both ways', async () => {
    const good = partner.versions;
    partner.versions = (received) => (received.raw ? good(received) : [401, { status_code: 2000 }]);
    const { token } = await world.invite();
    const answer = await world.post(token, partner.object(tokenB), 'raw');
    expect(codes(answer)).toEqual([200, 1000]);
    const [stored] = world.partners.directory.all();
    expect(stored?.switches).toMatchObject({ inbound_raw: true, outbound_raw: true });
    expect(await authorized(`Token ${tokenOf(answer)}`)).toBe(200);
  });

  it('T-05 no guessing for a platform that sends Base64', async () => {
    partner.versions = () => [401, { status_code: 2000 }];
    const { token } = await world.invite();
    expect(codes(await world.post(token, partner.object(tokenB)))).toEqual([200, 3001]);
    expect(partner.received).toHaveLength(1);
  });

  it('T-04 T-08 V-09 V-14 V-18: A opens versions; a token is one platform; unknown version 404', async () => {
    const { token } = await world.invite();
    const details = await get('/2.2.1', token);
    expect(details.body.data).toEqual({
      version: '2.2.1',
      endpoints: [{ identifier: 'credentials', role: 'SENDER', url: `${world.publicUrl}/ocpi/2.2.1/credentials` }],
    });
    expect((await get('/2.2.1', token)).body.data).toEqual(details.body.data);
    expect(codes(await get('/9.9', token))).toEqual([404, 2000]);
    const tokenC = await register(token);
    expect(world.partners.directory.authenticate(`Token ${base64(tokenC)}`)?.partner?.id).toBe(
      world.partners.directory.all()[0]?.id,
    );
  });
});
