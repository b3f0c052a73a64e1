import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { encodeAuthorization } from '../../src/kernel/credentials-token.js';
import type { Partners } from '../../src/platform/partners/index.js';
import { operator, type PartnersUnderTest, sealing } from './partners-under-test.js';

const role = { country_code: 'DE', party_id: 'CP1', role: 'CPO' } as const;

/** A platform that has registered with an invite. */
export async function register(partners: Partners, outboundToken = 'out') {
  const { invite } = await partners.invites.create({ name: 'One', roles: [role] }, operator);
  const claim = await partners.invites.claim(invite.id);
  if (claim.kind !== 'claimed') throw new Error(claim.kind);
  const endpoints = [{ identifier: 'credentials', role: 'SENDER' as const, url: 'https://p.example/credentials' }];
  const introduction = { roles: [role], versionsUrl: 'https://p.example/versions', endpoints, outboundToken };
  const extra = { origins: ['https://p.example'], switches: {} };
  const done = await partners.invites.register(invite.id, claim.claimId, { ...introduction, ...extra }, operator);
  if (!done) throw new Error('the claim was lost');
  return done;
}

/** What partners promise, whatever they are stored in. */
export function describePartners(name: string, openDatabase: () => Promise<PartnersUnderTest>): void {
  describe(`partners on ${name}`, () => {
    const begin = Date.UTC(2026, 0, 1);
    let database: PartnersUnderTest;

    beforeEach(async () => {
      database = await openDatabase();
    });
    afterEach(() => database.close());

    describe('openPartners', () => {
      it('has everything again after a restart', async () => {
        const before = await database.open();
        const { partner, token } = await register(before);
        const { token: tokenA } = await before.invites.create(
          { name: 'Two', roles: [{ ...role, role: 'EMSP' }] },
          operator,
        );
        const { directory: after } = await database.open();
        expect(after.all()).toEqual([partner]);
        expect(after.outboundToken(partner.id)).toBe('out');
        expect(after.authenticate(encodeAuthorization(token))?.partner).toEqual(partner);
        expect(after.authenticate(encodeAuthorization(tokenA))?.invite).toMatchObject({ name: 'Two', state: 'OPEN' });
      });

      it('refuses to start with keys that do not open the tokens', async () => {
        await register(await database.open());
        const sentence =
          "The secret key file does not open the partners' tokens; start with the file that sealed them.";
        await expect(database.open({ keys: new Map([['k1', randomBytes(32)]]) })).rejects.toThrow(sentence);
        await expect(database.open({ keys: new Map([['k2', randomBytes(32)]]), active: 'k2' })).rejects.toThrow(
          sentence,
        );
      });

      it('seals anew with a key that was added, so that the old one can go', async () => {
        const { partner } = await register(await database.open());
        const fresh = randomBytes(32);
        const both = await database.open({ keys: new Map([...sealing, ['k2', fresh]]), active: 'k2' });
        expect(await both.registry.reseal(operator)).toBe(1);
        expect(await both.registry.reseal(operator)).toBe(0);
        const { directory: after } = await database.open({ keys: new Map([['k2', fresh]]), active: 'k2' });
        expect(after.outboundToken(partner.id)).toBe('out');
      });

      it('writes down last uses, and sweeps tokens that have expired', async () => {
        const partners = await database.open();
        const { partner, token } = await register(partners);
        database.time.now += 5_000;
        partners.directory.authenticate(encodeAuthorization(token));
        partners.directory.touch(partner.id);
        database.time.now += 600_000;
        await partners.activity.flush();
        const { directory: after } = await database.open();
        expect(after.lastSeenAt(partner.id)).toBe(begin + 5_000);
        const left = await database.sql('SELECT owner_kind FROM credential WHERE first_used_at IS NOT NULL');
        expect(left).toEqual([{ owner_kind: 'partner' }]);
        expect(await database.sql('SELECT count(*) AS n FROM credential')).toEqual([{ n: 1 }]);
      });

      it('C-25 holds the unique party and role in the database itself', async () => {
        const { partner } = await register(await database.open());
        const insert = `INSERT INTO partner_role VALUES ('DE', 'CP1', 'CPO', '${partner.id}', 9, 'de', 'cp1', NULL)`;
        await expect(database.sql(insert)).rejects.toThrow(/unique/i);
      });

      it('the migrations go down and up again', async () => {
        expect(await database.downAndUp()).toBe(0);
        expect(await database.sql('SELECT count(*) AS n FROM invite')).toEqual([{ n: 0 }]);
      });
    });

    describe('InviteRegistry', () => {
      it('lists invites with their state, and does not delete what has been used', async () => {
        const partners = await database.open();
        const { partner } = await register(partners);
        const { invite } = await partners.invites.create({ name: 'Two', roles: [role], expiresInDays: 2 }, operator);
        expect(invite.expiresAt).toBe(database.time.now + 2 * 86_400_000);
        const [first] = await partners.invites.list();
        expect(await partners.invites.list()).toMatchObject([
          { state: 'CONSUMED', partnerId: partner.id },
          { state: 'OPEN' },
        ]);
        expect(await partners.invites.delete(first?.id ?? '', operator)).toBe(false);
        expect(await partners.invites.delete(invite.id, operator)).toBe(true);
        expect(await partners.invites.delete(invite.id, operator)).toBe(false);
      });

      it.each([
        ['no role', [], 'An invite needs at least one role.'],
        ['a role twice', [role, { ...role, country_code: 'de' }], 'An invite names each party and role once.'],
        [
          "the hub's own party",
          [{ ...role, country_code: 'NL', party_id: 'hub' }],
          "The hub's own party cannot be given away.",
        ],
      ])('refuses an invite with %s', async (_name, roles, sentence) => {
        const partners = await database.open();
        await expect(partners.invites.create({ name: 'x', roles }, operator)).rejects.toThrow(sentence);
      });

      it('T6 lets a claim that was left behind be taken over, and the late one change nothing', async () => {
        const partners = await database.open();
        const { invite } = await partners.invites.create({ name: 'One', roles: [role] }, operator);
        const late = await partners.invites.claim(invite.id);
        expect((await partners.invites.claim(invite.id)).kind).toBe('busy');
        database.time.now += 120_000;
        const next = await partners.invites.claim(invite.id);
        if (late.kind !== 'claimed' || next.kind !== 'claimed') throw new Error('both should have claimed');
        await partners.invites.release(invite.id, late.claimId, operator, 'late');
        expect((await partners.invites.claim(invite.id)).kind).toBe('busy');
        const introduction = {
          roles: [role],
          versionsUrl: 'https://p.example',
          endpoints: [],
          outboundToken: 'x',
          origins: [],
        };
        expect(
          await partners.invites.register(invite.id, late.claimId, { ...introduction, switches: {} }, operator),
        ).toBeUndefined();
        expect(partners.directory.all()).toEqual([]);
      });
    });

    describe('the audit', () => {
      it('T26 breaks where a row is changed, removed or cut off, and lets none be', async () => {
        const partners = await database.open();
        await register(partners);
        await partners.invites.create({ name: 'Two', roles: [{ ...role, role: 'EMSP' }] }, operator);
        const noted = await partners.audit.head();
        expect([noted.seq, await partners.audit.firstBroken(noted)]).toEqual([3, undefined]);
        const change = "UPDATE audit SET actor = 'nobody' WHERE seq = 2";
        await expect(database.sql(change)).rejects.toThrow('append-only');
        await expect(database.sql('DELETE FROM audit')).rejects.toThrow('append-only');
        await database.dropAuditGuards();
        await database.sql(change);
        expect(await partners.audit.firstBroken()).toBe(2);
        await database.sql("UPDATE audit SET actor = 'operator' WHERE seq = 2");
        expect(await partners.audit.firstBroken()).toBeUndefined();
        await database.sql('DELETE FROM audit WHERE seq = 3');
        expect(await partners.audit.firstBroken(noted)).toBe(3);
      });

      it('is listed from the newest backwards', async () => {
        const partners = await database.open();
        await register(partners);
        const [newest, first] = await partners.audit.list(2);
        expect([newest?.action, first?.action]).toEqual(['credentials.register', 'invite.create']);
        expect(await partners.audit.list(5, newest?.seq)).toEqual([first]);
      });
    });

    describe('PartnerRegistry', () => {
      it('suspends, lets go on, changes and removes', async () => {
        const partners = await database.open();
        const { partner, token } = await register(partners);
        const header = encodeAuthorization(token);
        partners.directory.authenticate(header);
        await partners.activity.flush();
        const changed: string[] = [];
        partners.directory.onChange((id) => changed.push(id));
        expect((await partners.registry.suspend(partner.id, operator))?.status).toBe('SUSPENDED');
        expect(partners.directory.authenticate(header)).toBeUndefined();
        await partners.registry.resume(partner.id, operator);
        expect(partners.directory.authenticate(header)?.partner?.id).toBe(partner.id);
        await partners.registry.update(partner.id, { name: 'Renamed', switches: { stale: 'apply' } }, operator);
        await partners.registry.setStatus(partner.id, 'OFFLINE');
        const [after] = (await database.open()).directory.all();
        expect(after).toMatchObject({ name: 'Renamed', status: 'OFFLINE', switches: { stale: 'apply', pull: true } });
        expect(await partners.registry.remove(partner.id, operator)).toBe(true);
        expect(await partners.registry.remove(partner.id, operator)).toBe(false);
        expect(partners.directory.authenticate(header)).toBeUndefined();
        expect(partners.directory.outboundToken(partner.id)).toBeUndefined();
        expect(changed).toEqual(Array(5).fill(partner.id));
      });

      it('keeps vendor objects from a partner one by one, and limits and lists as they were set', async () => {
        const partners = await database.open();
        const { partner } = await register(partners);
        const set = (change: Parameters<typeof partners.registry.update>[1]) =>
          partners.registry.update(partner.id, change, operator);
        await set({ withhold: { acme_ext: true, other_ext: false } });
        await set({ switches: { rate_limit: 5, custom_modules: ['nlhub-tasks'], validation_http: 400 } });
        await set({ withhold: { third_ext: true } });
        const read = async () => (await database.open()).directory.byId(partner.id)?.switches;
        expect(await read()).toMatchObject({
          withheld: ['acme_ext', 'third_ext'],
          rate_limit: 5,
          custom_modules: ['nlhub-tasks'],
          validation_http: 400,
          push: true,
        });
        await set({ withhold: { acme_ext: false }, switches: { rate_limit: null } });
        expect(await read()).toMatchObject({ withheld: ['third_ext'], rate_limit: null, validation_http: 400 });
      });
    });

    describe('CredentialRotation', () => {
      it('A-38 lets the old token be until the new one is used, whoever has started', async () => {
        const partners = await database.open();
        const { partner, token: first } = await register(partners);
        const opens = (token: string) => partners.directory.authenticate(encodeAuthorization(token));
        const introduction = { ...partner, outboundToken: 'out 2' };
        const credentialId = opens(first)?.credentialId ?? '';
        const second = (await partners.rotation.rotateInbound(partner.id, credentialId, introduction, operator)) ?? '';
        expect([opens(first)?.partner?.id, partners.directory.outboundToken(partner.id)]).toEqual([
          partner.id,
          'out 2',
        ]);
        expect(opens(second)?.partner?.id).toBe(partner.id);
        expect(opens(first)).toBeUndefined();

        const offered = await partners.rotation.offerToken(partner.id);
        if (!offered) throw new Error('no offer');
        expect([opens(second), opens(offered.token)].map((caller) => caller?.partner?.id)).toEqual([
          partner.id,
          partner.id,
        ]);
        expect(await partners.rotation.rotateOutbound(partner.id, offered.id, 'out 3', operator)).toBe(true);
        expect([opens(second)?.partner?.id, partners.directory.outboundToken(partner.id)]).toEqual([
          partner.id,
          'out 3',
        ]);
        expect(opens(offered.token)?.partner?.id).toBe(partner.id);
        expect(opens(second)).toBeUndefined();
        await partners.activity.flush();
        const { directory: after } = await database.open();
        expect(after.authenticate(encodeAuthorization(second))).toBeUndefined();
        expect(after.authenticate(encodeAuthorization(offered.token))?.partner?.id).toBe(partner.id);
      });

      it('gives nothing for a token that has ended, and takes no offer that was withdrawn', async () => {
        const partners = await database.open();
        const { partner } = await register(partners);
        const introduction = { ...partner, outboundToken: 'stolen' };
        expect(await partners.rotation.rotateInbound(partner.id, 'ended', introduction, operator)).toBeUndefined();
        expect(await partners.rotation.rotateOutbound(partner.id, 'gone', 'stolen', operator)).toBe(false);
        expect(await partners.registry.remove(partner.id, operator, 'ended')).toBe(false);
        expect((await database.open()).directory.outboundToken(partner.id)).toBe('out');
        expect((await partners.audit.list(1))[0]?.action).toBe('credentials.register');
      });
    });

    describe('RegistrationRegistry', () => {
      const request = {
        name: 'Three',
        versionsUrl: 'https://p.example/versions',
        token: 'their token A',
        roles: undefined,
        origins: ['https://p.example'],
      };

      it('C-29 takes up what was begun, with the same token, until it is complete', async () => {
        const partners = await database.open();
        const begun = await partners.registrations.begin(request, operator);
        await partners.registrations.posting(begun.id, []);
        const after = await database.open();
        const again = await after.registrations.begin(request, operator);
        expect(again).toMatchObject({ id: begun.id, token: begun.token, step: 'POST' });
        expect(after.directory.authenticate(encodeAuthorization(begun.token))?.registrationId).toBe(begun.id);
        const introduction = { roles: [role], versionsUrl: request.versionsUrl, endpoints: [], outboundToken: 'c' };
        const partner = await after.registrations.complete(again.id, introduction, operator);
        expect(after.directory.authenticate(encodeAuthorization(begun.token))?.partner).toEqual(partner);
        expect((await database.open()).directory.authenticate(encodeAuthorization(begun.token))?.partner).toEqual(
          partner,
        );
      });

      it('leaves nothing of one that was abandoned or has run out', async () => {
        const partners = await database.open();
        const { id } = await partners.registrations.begin(request, operator);
        await partners.registrations.abandon(id, operator, 'refused');
        await partners.registrations.begin(request, operator);
        database.time.now += 25 * 3_600_000;
        await partners.activity.flush();
        for (const table of ['registration', 'credential', 'sealed_token'])
          expect(await database.sql(`SELECT count(*) AS n FROM ${table}`)).toEqual([{ n: 0 }]);
      });
    });
  });
}
