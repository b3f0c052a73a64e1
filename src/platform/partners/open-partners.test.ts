import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { encodeAuthorization } from '../../kernel/credentials-token.js';
import { SqliteStorage } from '../storage/index.js';
import { openPartners, type Partners, partnerEntities, partnerMigrations } from './index.js';
import { SealingKeyRing } from './sealing-key-ring.js';

const operator = { name: 'operator' };
const role = { country_code: 'DE', party_id: 'CP1', role: 'CPO' } as const;
const sealing = new Map([['k1', randomBytes(32)]]);
const secrets = { pepper: randomBytes(32), auditKey: randomBytes(32) };
let directory: string;
let storage: SqliteStorage;
let now: number;

beforeEach(async () => {
  now = Date.UTC(2026, 0, 1);
  directory = mkdtempSync(path.join(os.tmpdir(), 'roamhub-partners-'));
  storage = await SqliteStorage.open({
    file: path.join(directory, 'hub.sqlite'),
    entities: partnerEntities,
    migrations: partnerMigrations,
  });
});
afterEach(async () => {
  await storage.close();
  rmSync(directory, { recursive: true });
});

const open = (keys = sealing, active = 'k1') =>
  openPartners({
    storage,
    keys: { ...secrets, ring: new SealingKeyRing(keys, active) },
    clock: { now: () => now },
    hub: { country_code: 'NL', party_id: 'HUB' },
  });

async function register(partners: Partners, outboundToken = 'out') {
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

describe('openPartners', () => {
  it('has everything again after a restart', async () => {
    const before = await open();
    const { partner, token } = await register(before);
    const { token: tokenA } = await before.invites.create(
      { name: 'Two', roles: [{ ...role, role: 'EMSP' }] },
      operator,
    );
    const { directory: after } = await open();
    expect(after.all()).toEqual([partner]);
    expect(after.outboundToken(partner.id)).toBe('out');
    expect(after.authenticate(encodeAuthorization(token))?.partner).toEqual(partner);
    expect(after.authenticate(encodeAuthorization(tokenA))?.invite).toMatchObject({ name: 'Two', state: 'OPEN' });
  });

  it('refuses to start with keys that do not open the tokens', async () => {
    await register(await open());
    const sentence = "The secret key file does not open the partners' tokens; start with the file that sealed them.";
    await expect(open(new Map([['k1', randomBytes(32)]]))).rejects.toThrow(sentence);
    await expect(open(new Map([['k2', randomBytes(32)]]), 'k2')).rejects.toThrow(sentence);
  });

  it('seals anew with a key that was added, so that the old one can go', async () => {
    const { partner } = await register(await open());
    const fresh = randomBytes(32);
    const both = await open(new Map([...sealing, ['k2', fresh]]), 'k2');
    expect(await both.registry.reseal(operator)).toBe(1);
    expect(await both.registry.reseal(operator)).toBe(0);
    const { directory: after } = await open(new Map([['k2', fresh]]), 'k2');
    expect(after.outboundToken(partner.id)).toBe('out');
  });

  it('writes down last uses, and sweeps tokens that have expired', async () => {
    const partners = await open();
    const { partner, token } = await register(partners);
    now += 5_000;
    partners.directory.authenticate(encodeAuthorization(token));
    partners.directory.touch(partner.id);
    now += 600_000;
    await partners.activity.flush();
    const { directory: after } = await open();
    expect(after.lastSeenAt(partner.id)).toBe(Date.UTC(2026, 0, 1) + 5_000);
    const left = storage.reader.prepare('SELECT owner_kind, first_used_at IS NOT NULL AS used FROM credential').all();
    expect(left).toEqual([{ owner_kind: 'partner', used: 1 }]);
  });

  it('C-25 holds the unique party and role in the database itself', async () => {
    const { partner } = await register(await open());
    const insert = `INSERT INTO partner_role VALUES ('DE', 'CP1', 'CPO', '${partner.id}', 9, 'de', 'cp1', NULL)`;
    expect(() => storage.writer.exec(insert)).toThrow('UNIQUE');
  });

  it('the migration goes down and up again', async () => {
    await storage.dataSource.undoLastMigration();
    const tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name IN ('partner', 'audit', 'invite')";
    expect(storage.writer.prepare(tables).all()).toEqual([]);
    await storage.dataSource.runMigrations();
    expect(storage.writer.prepare(tables).all()).toHaveLength(3);
  });
});

describe('InviteRegistry', () => {
  it('lists invites with their state, and does not delete what has been used', async () => {
    const partners = await open();
    const { partner } = await register(partners);
    const { invite } = await partners.invites.create({ name: 'Two', roles: [role], expiresInDays: 2 }, operator);
    expect(invite.expiresAt).toBe(now + 2 * 86_400_000);
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
    const partners = await open();
    await expect(partners.invites.create({ name: 'x', roles }, operator)).rejects.toThrow(sentence);
  });

  it('T6 lets a claim that was left behind be taken over, and the late one change nothing', async () => {
    const partners = await open();
    const { invite } = await partners.invites.create({ name: 'One', roles: [role] }, operator);
    const late = await partners.invites.claim(invite.id);
    expect((await partners.invites.claim(invite.id)).kind).toBe('busy');
    now += 120_000;
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
