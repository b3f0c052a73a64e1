import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { HubNode, type HubNodeOptions, silentMs } from '../support/client-info/hub-node.js';
import { Platform } from '../support/client-info/platform.js';

const minute = 60_000;
const operator = { name: 'operator' };
const cpo = ['DE/CP1/CPO'];
const emsp = ['FR/EM1/EMSP'];
const hubRole = ['DE/HB2/HUB'];

/** Lanes take their time: asks until it is so, or fails as it failed last. */
async function eventually(judge: () => void): Promise<void> {
  const end = performance.now() + 5_000;
  for (;;) {
    try {
      judge();
      return;
    } catch (error) {
      if (performance.now() > end) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Everything that a hub tells of who is connected, judged by what partners received and read; the same on every database. */
export function describeClientInfo(name: string, options: () => Promise<Pick<HubNodeOptions, 'postgresUrl'>>): void {
  describe(`hubclientinfo on ${name}`, () => {
    let hub: HubNode;
    let platforms: Platform[];
    let p1: Platform;
    let p2: Platform;
    const platform = async (): Promise<Platform> => {
      const one = await Platform.open();
      platforms.push(one);
      return one;
    };
    const another = async (more: HubNodeOptions): Promise<HubNode> => HubNode.open({ ...(await options()), ...more });
    beforeEach(async () => {
      platforms = [];
      hub = await another({});
      p1 = await platform();
      p2 = await platform();
    });
    afterEach(async () => {
      expect(hub.troubles).toEqual([]);
      await hub.close();
      for (const one of platforms) await one.close();
    });
    const stamps = async (reader: Platform): Promise<Record<string, number>> => {
      const { list } = await hub.call('GET', hub.sender, { token: reader.token });
      return Object.fromEntries(list.map((one) => [`${one.party_id}`, Date.parse(String(one.last_updated))]));
    };
    const statusOf = async (reader: Platform, key: string): Promise<string | undefined> =>
      (await hub.listFor(reader)).find((line) => line.startsWith(`${key} `))?.slice(key.length + 1);

    describe('the list', () => {
      it('H-01 H-15 A-42 holds who is connected, but neither the reader nor the hub', async () => {
        await hub.register('one', [...cpo, 'DE/CP2/CPO'], p1);
        await hub.register('two', emsp, p2);
        await hub.settle();
        expect(await hub.listFor(p1)).toEqual(['FR/EM1/EMSP CONNECTED']);
        expect(await hub.listFor(p2)).toEqual(['DE/CP1/CPO CONNECTED', 'DE/CP2/CPO CONNECTED']);
      });

      it('H-01 H-03 is paged and filtered by last_updated, with a total that fits what is shown', async () => {
        await hub.register('two', emsp, p2);
        await hub.register('one', [...cpo, 'DE/CP2/CPO', 'DE/CP3/CPO'], p1);
        await hub.settle();
        const first = await hub.call('GET', `${hub.sender}?limit=2`, { token: p2.token });
        expect(first.headers).toMatchObject({ 'x-total-count': '3', link: expect.stringContaining('rel="next"') });
        expect(first.list.length).toBe(2);
        for (const one of first.list)
          expect(Object.keys(one).sort()).toEqual(['country_code', 'last_updated', 'party_id', 'role', 'status']);
        const next = String(first.headers.link).match(/<([^>]+)>/)?.[1] ?? '';
        expect((await hub.call('GET', next, { token: p2.token })).list.map((one) => one.party_id)).toEqual(['CP3']);
        hub.now += minute;
        const from = new Date(hub.now).toISOString();
        const { id } = hub.partners.directory.byParty({ country_code: 'DE', party_id: 'CP1' }) ?? { id: '' };
        await hub.partners.registry.setStatus(id, 'OFFLINE');
        hub.now += minute;
        await hub.settle();
        expect(await hub.listFor(p2, `?date_from=${from}`)).toHaveLength(3);
        expect(await hub.listFor(p2, `?date_to=${from}`)).toEqual([]);
        const bad = await hub.call('GET', `${hub.sender}?limit=x`, { token: p2.token });
        expect([bad.status, bad.body.status_code]).toEqual([200, 2001]);
      });

      it('is for partners, without routing headers (H-12), and knows GET only (H-16)', async () => {
        await hub.register('two', emsp, p2);
        const { token: tokenA } = await hub.partners.invites.create(
          { name: 'later', roles: [{ country_code: 'DE', party_id: 'CP9', role: 'CPO' }] },
          operator,
        );
        for (const token of [tokenA, 'nobody']) expect((await hub.call('GET', hub.sender, { token })).status).toBe(401);
        const answer = await hub.call('GET', hub.sender, { token: p2.token });
        expect(Object.keys(answer.headers).filter((header) => header.startsWith('ocpi-'))).toEqual([]);
        for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
          const refused = await hub.call(method, hub.sender, { token: p2.token, body: {} });
          expect([method, refused.status, refused.body.status_code]).toEqual([method, 405, 2000]);
        }
        for (const method of ['POST', 'PATCH', 'DELETE'])
          expect((await hub.call(method, `${hub.receiver}/DE/CP1`, { token: p2.token, body: {} })).status).toBe(405);
      });

      it('H-15 leaves out whom the reader may not know, also from the total', async () => {
        await hub.register('one', cpo, p1);
        await hub.register('two', emsp, p2);
        hub.strangers.add('FR/EM1 DE/CP1');
        await hub.settle();
        const answer = await hub.call('GET', hub.sender, { token: p2.token });
        expect([answer.list, answer.headers['x-total-count']]).toEqual([[], '0']);
        expect(p2.told).toEqual([]);
        await eventually(() => expect(p1.toldOfConnected).toEqual(['FR/EM1 EMSP CONNECTED']));
        hub.strangers.clear();
        expect(await hub.listFor(p2)).toEqual(['DE/CP1/CPO CONNECTED']);
      });

      it('H-17 is found as hubclientinfo in the version details; the RECEIVER side is for hubs', async () => {
        await hub.register('two', emsp, p2);
        const p3 = await platform();
        await hub.register('hub', hubRole, p3);
        const listed = async ({ token }: Platform): Promise<unknown> => {
          const { data } = await hub.call('GET', '/ocpi/2.2.1', { token });
          const endpoints = data.endpoints as { identifier: string; role: string }[];
          return endpoints.filter((one) => one.identifier === 'hubclientinfo').map(({ role }) => role);
        };
        expect(await listed(p2)).toEqual(['SENDER']);
        expect(await listed(p3)).toEqual(['SENDER', 'RECEIVER']);
      });
    });

    describe('pushes', () => {
      it('H-02 H-05 H-12 H-13 tell every partner of a new party, once, at its URL, without routing headers', async () => {
        await hub.register('one', cpo, p1);
        const p3 = await platform();
        p3.takesPushes = false;
        await hub.register('three', ['NL/NSP/NSP'], p3);
        await hub.settle();
        p1.forget();
        await hub.register('two', emsp, p2);
        await hub.settle();
        await eventually(() => expect(p1.toldOfConnected).toEqual(['FR/EM1 EMSP CONNECTED']));
        const push = p1.pushes.at(-1);
        expect(push).toMatchObject({ method: 'PUT', body: { country_code: 'FR', party_id: 'EM1', role: 'EMSP' } });
        expect(Object.keys(push?.body ?? {}).sort()).toEqual([
          'country_code',
          'last_updated',
          'party_id',
          'role',
          'status',
        ]);
        expect(Object.keys(push?.headers ?? {}).filter((header) => header.startsWith('ocpi-'))).toEqual([]);
        // Who comes reads who is there; who offers no RECEIVER is told nothing.
        expect(await hub.listFor(p2)).toEqual(['DE/CP1/CPO CONNECTED', 'NL/NSP/NSP CONNECTED']);
        expect(p3.pushes).toEqual([]);
      });

      it('H-14 tell of a party in two roles by two PUTs to one URL', async () => {
        await hub.register('two', emsp, p2);
        await hub.register('one', ['NL/ABC/CPO', 'NL/ABC/EMSP'], p1);
        await hub.settle();
        await eventually(() => expect(p2.toldOfConnected).toEqual(['NL/ABC CPO CONNECTED', 'NL/ABC EMSP CONNECTED']));
      });

      it('H-06 H-07 H-09 tell of OFFLINE, CONNECTED, and SUSPENDED when it has left; it stays in the list', async () => {
        const { id } = await hub.register('one', cpo, p1);
        await hub.register('two', emsp, p2);
        await hub.settle();
        p2.forget();
        for (const status of ['OFFLINE', 'CONNECTED'] as const) {
          await hub.partners.registry.setStatus(id, status);
          await hub.settle();
        }
        await hub.partners.registry.remove(id, operator);
        await hub.settle();
        await eventually(() =>
          expect(p2.told).toEqual(['DE/CP1 CPO OFFLINE', 'DE/CP1 CPO CONNECTED', 'DE/CP1 CPO SUSPENDED']),
        );
        expect(await hub.listFor(p2)).toEqual(['DE/CP1/CPO SUSPENDED']);
      });

      it('C-26 H-07 follow a change of roles: a new one comes, one that is given up is SUSPENDED', async () => {
        const partner = await hub.register('one', [...cpo, 'DE/CP2/CPO'], p1);
        await hub.register('two', emsp, p2);
        await hub.settle();
        p2.forget();
        const roles = [
          { country_code: 'DE', party_id: 'CP1', role: 'CPO' as const },
          { country_code: 'DE', party_id: 'CP3', role: 'CPO' as const },
        ];
        const credentialId = hub.partners.directory.authenticate(
          `Token ${Buffer.from(p1.token).toString('base64')}`,
        )?.credentialId;
        const introduction = { ...partner, roles, outboundToken: 'new' };
        await hub.partners.rotation.rotateInbound(partner.id, credentialId ?? '', introduction, operator);
        await hub.settle();
        await eventually(() => expect([...p2.told].sort()).toEqual(['DE/CP2 CPO SUSPENDED', 'DE/CP3 CPO CONNECTED']));
      });

      it('H-11 R-11 show a party that is expected as PLANNED, and as gone when it is not expected any more', async () => {
        await hub.register('two', emsp, p2);
        const roles = [{ country_code: 'DE', party_id: 'CP1', role: 'CPO' as const }];
        const { invite } = await hub.partners.invites.create({ name: 'later', roles }, operator);
        const other = { name: 'never', roles: [{ ...roles[0], country_code: 'AT' } as (typeof roles)[0]] };
        const { invite: never } = await hub.partners.invites.create(other, operator);
        await hub.settle();
        const cp1 = { country_code: 'de', party_id: 'cp1' };
        expect([hub.clientInfo.isPlanned(cp1), hub.clientInfo.isPlanned({ ...cp1, party_id: 'CP9' })]).toEqual([
          true,
          false,
        ]);
        await hub.useInvite(invite.id, roles, p1);
        await hub.partners.invites.delete(never.id, operator);
        await hub.settle();
        expect(hub.clientInfo.isPlanned(cp1)).toBe(false);
        await eventually(() =>
          expect(p2.told.filter((line) => line.startsWith('DE/'))).toEqual([
            'DE/CP1 CPO PLANNED',
            'DE/CP1 CPO CONNECTED',
          ]),
        );
        await eventually(() =>
          expect(p2.told.filter((line) => line.startsWith('AT/'))).toEqual([
            'AT/CP1 CPO PLANNED',
            'AT/CP1 CPO SUSPENDED',
          ]),
        );
      });

      it('an invite that has run out plans nothing', async () => {
        await hub.register('two', emsp, p2);
        const roles = [{ country_code: 'DE', party_id: 'CP1', role: 'CPO' as const }];
        await hub.partners.invites.create({ name: 'later', roles, expiresInDays: 1 }, operator);
        await hub.settle();
        hub.now += 25 * 60 * minute;
        await hub.settle();
        expect(await hub.listFor(p2)).toEqual(['DE/CP1/CPO SUSPENDED']);
      });

      it('H-19 move last_updated with the content only, also over a restart', async () => {
        await hub.register('one', cpo, p1);
        await hub.register('two', emsp, p2);
        await hub.settle();
        const before = await stamps(p2);
        p2.forget();
        hub.now += minute;
        await hub.settle();
        await hub.restart();
        hub.now += minute;
        await hub.settle();
        expect(await stamps(p2)).toEqual(before);
        expect(p2.told).toEqual([]);
      });
    });

    describe('alive checks', () => {
      it('H-08 H-09 H-19 make a partner OFFLINE that does not answer twice, and CONNECTED when it calls', async () => {
        await hub.register('one', cpo, p1);
        await hub.register('two', emsp, p2);
        await hub.settle();
        p2.forget();
        p1.forget();
        p1.answers = false;
        await hub.pass(silentMs, silentMs);
        await hub.settle();
        expect(p1.asked.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /versions']);
        expect(p2.told).toEqual([]);
        await hub.pass(30_000, 30_000);
        await hub.settle();
        await eventually(() => expect(p2.told).toEqual(['DE/CP1 CPO OFFLINE']));
        expect(await statusOf(p2, 'DE/CP1/CPO')).toBe('OFFLINE');
        // Nothing goes to it but checks (H-10).
        const p3 = await platform();
        await hub.register('three', ['NL/NSP/NSP'], p3);
        await hub.settle();
        expect(p1.pushes).toEqual([]);
        await hub.call('GET', hub.versionsUrl, { token: p1.token });
        p1.answers = true;
        await hub.pass(1_000);
        await hub.settle();
        await eventually(() => expect(p2.told).toContain('DE/CP1 CPO CONNECTED'));
        await eventually(() => expect(p1.toldOfConnected).toEqual(['NL/NSP NSP CONNECTED']));
        const rows = await hub.partners.audit.list(10);
        expect(
          rows.filter((row) => row.action === 'partner.status').map((row) => JSON.parse(row.detail ?? '')),
        ).toEqual([
          { from: 'OFFLINE', to: 'CONNECTED', reason: 'it was heard of' },
          { from: 'CONNECTED', to: 'OFFLINE', reason: 'it does not answer' },
        ]);
      });

      it('never touch one that is suspended or has left', async () => {
        const { id } = await hub.register('one', cpo, p1);
        await hub.partners.registry.suspend(id, operator);
        for (const status of ['OFFLINE', 'CONNECTED'] as const)
          expect(await hub.partners.registry.setStatus(id, status)).toBe(false);
        await hub.partners.registry.resume(id, operator);
        await hub.partners.registry.remove(id, operator);
        expect(await hub.partners.registry.setStatus(id, 'CONNECTED')).toBe(false);
        expect(hub.partners.directory.byId(id)?.status).toBe('SUSPENDED');
      });
    });

    describe('parties behind another hub', () => {
      let p3: Platform;
      beforeEach(async () => {
        p3 = await platform();
      });
      const info = (party: string, status = 'CONNECTED', second = 0) => {
        const [country_code = '', party_id = '', role = ''] = party.split('/');
        return {
          party_id,
          country_code,
          role,
          status,
          last_updated: `2026-01-01T00:00:${String(second).padStart(2, '0')}Z`,
        };
      };
      const tell = (party: string, status?: string, second?: number, from = p3) => {
        const [country, id] = party.split('/');
        const body = info(party, status, second);
        return hub.call('PUT', `${hub.receiver}/${country}/${id}`, { token: from.token, body });
      };
      const behind = (party_id: string) =>
        hub.clientInfo.book.of({ country_code: 'AT', party_id }).map(({ role, status }) => `${role} ${status}`);

      it('H-02 H-18 O-06 A-18 are taken from a hub by PUT, read back, and told to the others', async () => {
        const { id } = await hub.register('hub', hubRole, p3);
        await hub.register('two', emsp, p2);
        await hub.settle();
        p2.forget();
        p3.forget();
        const answers = [await tell('AT/CP5/CPO'), await tell('at/cp5/CPO'), await tell('AT/CP5/EMSP')];
        expect(answers.map(({ status, body }) => [status, body.status_code])).toEqual([
          [201, 1000],
          [200, 1000],
          [201, 1000],
        ]);
        await hub.settle();
        await eventually(() => expect([...p2.told].sort()).toContain('AT/CP5 EMSP CONNECTED'));
        expect(p3.told).toEqual([]);
        expect(hub.clientInfo.book.rolesBehind(id, { country_code: 'at', party_id: 'CP5' })).toEqual(['CPO', 'EMSP']);
        const held = await hub.call('GET', `${hub.receiver}/AT/CP5`, { token: p3.token });
        expect(held.data).toMatchObject({ role: 'CPO', status: 'CONNECTED', last_updated: '2026-01-01T00:00:00.000Z' });
        expect(await hub.listFor(p3)).toEqual(['FR/EM1/EMSP CONNECTED']);
        const unknown = await hub.call('GET', `${hub.receiver}/AT/XXX`, { token: p3.token });
        expect([unknown.status, unknown.body.status_code]).toEqual([404, 2001]);
      });

      it('T1 are no business of a partner that is no hub', async () => {
        await hub.register('two', emsp, p2);
        for (const answer of [
          await tell('AT/CP5/CPO', 'CONNECTED', 0, p2),
          await hub.call('GET', `${hub.receiver}/AT/CP5`, { token: p2.token }),
        ])
          expect([answer.status, answer.body.status_code]).toEqual([404, 2001]);
        expect(behind('CP5')).toEqual([]);
      });

      it('T1 never take over a party of ours, nor the hub itself', async () => {
        const { id } = await hub.register('hub', hubRole, p3);
        const one = await hub.register('one', cpo, p1);
        await hub.register('two', emsp, p2);
        await hub.settle();
        p2.forget();
        for (const party of ['DE/CP1/CPO', 'de/cp1/EMSP', 'nl/hub/CPO'])
          expect((await tell(party, 'SUSPENDED')).body.status_code).toBe(1000);
        await hub.settle();
        expect(hub.ignored).toEqual([
          { partnerId: id, party: 'DE/CP1', why: 'registered here' },
          { partnerId: id, party: 'NL/HUB', why: 'the hub itself' },
        ]);
        expect([p2.told, hub.clientInfo.book.all()]).toEqual([[], []]);
        expect(hub.clientInfo.book.rolesBehind(id, { country_code: 'DE', party_id: 'CP1' })).toEqual([]);
        // Nor does anything of it come to light once the party has left.
        await hub.partners.registry.remove(one.id, operator);
        expect(hub.clientInfo.book.all()).toEqual([]);
      });

      it('T1 belong to the hub that named them first, until it says that they are gone', async () => {
        const first = await hub.register('hub', hubRole, p3);
        const second = await hub.register('second', ['BE/HB9/HUB'], p2);
        await tell('AT/CP5/CPO', 'CONNECTED');
        expect((await tell('AT/CP5/CPO', 'CONNECTED', 1, p2)).body.status_code).toBe(1000);
        const speaks = (id: string) => hub.clientInfo.book.rolesBehind(id, { country_code: 'AT', party_id: 'CP5' });
        expect([speaks(first.id), speaks(second.id)]).toEqual([['CPO'], []]);
        expect(hub.ignored).toEqual([{ partnerId: second.id, party: 'AT/CP5', why: 'behind another hub' }]);
        await tell('AT/CP5/CPO', 'SUSPENDED', 2);
        await tell('AT/CP5/CPO', 'CONNECTED', 3, p2);
        expect([speaks(first.id), speaks(second.id)]).toEqual([[], ['CPO']]);
      });

      it('T1 make way for a party that registers here, and may come back when it has left', async () => {
        await hub.register('hub', hubRole, p3);
        await tell('AT/CP5/CPO', 'OFFLINE');
        expect(behind('CP5')).toEqual(['CPO OFFLINE']);
        await hub.register('two', emsp, p2);
        const { id } = await hub.register('one', ['AT/CP5/CPO'], p1);
        await hub.settle();
        expect([behind('CP5'), await hub.listFor(p2)]).toEqual([[], expect.arrayContaining(['AT/CP5/CPO CONNECTED'])]);
        await hub.partners.registry.remove(id, operator);
        await tell('AT/CP5/CPO', 'CONNECTED', 5);
        await hub.settle();
        expect([behind('CP5'), await statusOf(p2, 'AT/CP5/CPO')]).toEqual([['CPO CONNECTED'], 'CONNECTED']);
      });

      it('are refused by the rules of the object (H-03, H-04, H-13, T25), and older news has no effect', async () => {
        await hub.register('hub', hubRole, p3);
        const put = (body: unknown, path = 'AT/CP5') =>
          hub.call('PUT', `${hub.receiver}/${path}`, { token: p3.token, body });
        const good = info('AT/CP5/CPO', 'CONNECTED', 5);
        const { status: _left, ...without } = good;
        for (const bad of [without, { ...good, status: 'AWAY' }, { ...good, last_updated: '2030-01-01T00:00:00Z' }])
          expect((await put(bad)).body.status_code).toBe(2001);
        expect((await put(good, 'AT/CP6')).body.status_code).toBe(2001);
        expect(behind('CP5')).toEqual([]);
        await put(good);
        expect((await tell('AT/CP5/CPO', 'OFFLINE', 4)).body.status_code).toBe(1000);
        expect(behind('CP5')).toEqual(['CPO CONNECTED']);
        await tell('AT/CP5/CPO', 'OFFLINE', 6);
        expect(behind('CP5')).toEqual(['CPO OFFLINE']);
      });

      it('are OFFLINE with their hub, SUSPENDED when it leaves, and remembered over a restart', async () => {
        const { id } = await hub.register('hub', hubRole, p3);
        await hub.register('two', emsp, p2);
        await tell('AT/CP5/CPO');
        await hub.restart();
        await hub.settle();
        expect([behind('CP5'), await statusOf(p2, 'AT/CP5/CPO')]).toEqual([['CPO CONNECTED'], 'CONNECTED']);
        await hub.partners.registry.setStatus(id, 'OFFLINE');
        await hub.settle();
        expect(await statusOf(p2, 'AT/CP5/CPO')).toBe('OFFLINE');
        await hub.partners.registry.remove(id, operator);
        await hub.settle();
        expect(await statusOf(p2, 'AT/CP5/CPO')).toBe('SUSPENDED');
      });

      it('are read from the list of the hub, which replaces what it said before', async () => {
        const { id } = await hub.register('hub', hubRole, p3);
        await hub.register('one', cpo, p1);
        await tell('AT/OLD/CPO');
        const signal = new AbortController().signal;
        hub.now += 1_000;
        p3.pages = [[info('AT/CP5/CPO'), info('DE/CP1/CPO', 'SUSPENDED')], [info('AT/CP6/CPO', 'PLANNED')]];
        await hub.pull.tick(signal);
        expect(hub.pulled).toEqual([{ partnerId: id, outcome: 'complete', parties: 3, refused: 0 }]);
        expect([behind('OLD'), behind('CP5'), behind('CP6')]).toEqual([[], ['CPO CONNECTED'], ['CPO PLANNED']]);
        expect(hub.ignored.map(({ party }) => party)).toEqual(['DE/CP1']);
        const [asked] = p3.asked.filter(({ path }) => path.startsWith('/list'));
        expect(Object.keys(asked?.headers ?? {}).filter((header) => header.startsWith('ocpi-'))).toEqual([]);
        // Not again within the hour; and an object that cannot be read may be any of them.
        hub.now += 59 * minute;
        p3.pages = [[{ ...info('AT/CP5/CPO', 'OFFLINE', 9), role: 'KING' }]];
        await hub.pull.tick(signal);
        expect(hub.pulled.length).toBe(1);
        hub.now += minute;
        await hub.pull.tick(signal);
        expect(hub.pulled[1]).toMatchObject({ outcome: 'complete', refused: 1 });
        expect(behind('CP5')).toEqual(['CPO CONNECTED']);
        p3.answers = false;
        hub.pull.registered(id);
        hub.now += 1_000;
        await hub.pull.tick(signal);
        expect(hub.pulled[2]).toMatchObject({ outcome: 'stopped', detail: 'page-failed' });
        expect(behind('CP6')).toEqual(['CPO PLANNED']);
      });

      it('A-18 two hubs in a row tell each other of their own parties, and nothing comes back', async () => {
        const other = await another({ party: { country_code: 'DE', party_id: 'HB2' } });
        try {
          const { here, there } = await hub.befriend(other);
          await hub.register('one', cpo, p1);
          await other.register('two', emsp, p2);
          for (const node of [hub, other, hub, other]) await node.settle();
          expect(await hub.listFor(p1)).toEqual(
            expect.arrayContaining(['DE/HB2/HUB CONNECTED', 'FR/EM1/EMSP CONNECTED']),
          );
          expect(await other.listFor(p2)).toEqual(
            expect.arrayContaining(['NL/HUB/HUB CONNECTED', 'DE/CP1/CPO CONNECTED']),
          );
          expect(hub.clientInfo.book.rolesBehind(here.id, { country_code: 'FR', party_id: 'EM1' })).toEqual(['EMSP']);
          expect(other.clientInfo.book.rolesBehind(there.id, { country_code: 'DE', party_id: 'CP1' })).toEqual(['CPO']);
          expect([hub.ignored, other.ignored, other.troubles]).toEqual([[], [], []]);
          // What one of them says reaches whoever is behind the other.
          await hub.partners.registry.setStatus(
            hub.partners.directory.byParty({ country_code: 'DE', party_id: 'CP1' })?.id ?? '',
            'OFFLINE',
          );
          hub.now += minute;
          other.now += minute;
          for (const node of [hub, other]) await node.settle();
          await eventually(() => expect(p2.told.at(-1)).toBe('DE/CP1 CPO OFFLINE'));
        } finally {
          await other.close();
        }
      });
    });
  });
}
