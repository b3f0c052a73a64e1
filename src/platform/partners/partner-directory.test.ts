import { describe, expect, it } from '@jest/globals';
import { encodeAuthorization } from '../../kernel/credentials-token.js';
import type { CredentialRow } from './credential-entities.js';
import { defaultSwitches, type Partner } from './partner.js';
import { PartnerDirectory } from './partner-directory.js';
import type { Snapshot } from './partner-rows.js';
import { type MintedToken, TokenMint } from './token-mint.js';

const mint = new TokenMint(Buffer.alloc(32, 7));

function setUp() {
  const clock = { at: 1_000, now: () => clock.at };
  const directory = new PartnerDirectory(mint, clock);
  return { clock, directory };
}

function partnerOf(id: string, changes: Partial<Partner> = {}): Partner {
  return {
    id,
    name: id,
    status: 'CONNECTED',
    roles: [{ country_code: 'DE', party_id: id, role: 'CPO' }],
    allowedRoles: [],
    versionsUrl: 'https://p.example/versions',
    version: '2.2.1',
    endpoints: [{ identifier: 'locations', role: 'SENDER', url: 'https://p.example/locations' }],
    origins: ['https://p.example'],
    pendingOrigins: [],
    switches: defaultSwitches,
    createdAt: 0,
    credentialsAt: 0,
    ...changes,
  };
}

function rowOf(minted: MintedToken, changes: Partial<CredentialRow> = {}): CredentialRow {
  return {
    id: minted.id,
    digest: minted.digest.toString('hex'),
    owner_kind: 'partner',
    owner_id: '',
    state: 'ACTIVE',
    created_at: 0,
    first_used_at: null,
    last_used_at: null,
    expires_at: null,
    ...changes,
  };
}

function snapshotOf(partner: Partner, credentials: CredentialRow[], outboundToken = 'out'): Snapshot {
  return {
    partners: new Map([[partner.id, { partner, credentials, outboundToken }]]),
    invites: new Map(),
    registrations: new Map(),
  };
}

describe('PartnerDirectory', () => {
  it('T-03 T-08 knows a partner by its token, and nobody by another', () => {
    const { directory } = setUp();
    const [one, two] = [mint.mint(), mint.mint()];
    directory.apply(snapshotOf(partnerOf('ONE'), [rowOf(one)]));
    directory.apply(snapshotOf(partnerOf('TWO'), [rowOf(two)]));
    const caller = directory.authenticate(encodeAuthorization(one.token));
    expect(caller).toMatchObject({
      partner: { id: 'ONE' },
      credentialId: one.id,
      presentedToken: one.token,
      form: 'base64',
    });
    expect(directory.authenticate(encodeAuthorization(two.token))?.partner?.id).toBe('TWO');
    const mixed = `${one.id}.${two.token.slice(9)}`;
    for (const header of [undefined, '', 'Token ', encodeAuthorization(mixed), encodeAuthorization(mint.mint().token)])
      expect(directory.authenticate(header)).toBeUndefined();
  });

  it('T-05 takes the raw form from flagged partners only, so that trying cannot mix platforms up', () => {
    const { directory } = setUp();
    const [strict, raw] = [mint.mint(), mint.mint()];
    directory.apply(snapshotOf(partnerOf('ONE'), [rowOf(strict)]));
    directory.apply(
      snapshotOf(partnerOf('TWO', { switches: { ...defaultSwitches, inbound_raw: true } }), [rowOf(raw)]),
    );
    expect(directory.authenticate(encodeAuthorization(strict.token, 'raw'))).toBeUndefined();
    expect(directory.authenticate(encodeAuthorization(raw.token, 'raw'))).toMatchObject({
      form: 'raw',
      partner: { id: 'TWO' },
    });
    expect(directory.authenticate(encodeAuthorization(raw.token))?.form).toBe('base64');
  });

  it('finds partners by party without regard to case, by role, and their endpoints', () => {
    const { directory } = setUp();
    const cpo = partnerOf('ONE');
    const emsp = partnerOf('TWO', { roles: [{ country_code: 'de', party_id: 'one', role: 'EMSP' }] });
    directory.apply(snapshotOf(cpo, []));
    directory.apply(snapshotOf(emsp, []));
    const party = { country_code: 'De', party_id: 'oNe' };
    expect(directory.byParty(party, 'CPO')).toBe(cpo);
    expect(directory.byParty(party, 'EMSP')).toBe(emsp);
    expect(directory.byParty(party, 'NSP')).toBeUndefined();
    expect(directory.byParty(party)).toBe(cpo);
    expect(directory.isKnownParty(party)).toBe(true);
    expect(directory.isKnownParty({ country_code: 'FR', party_id: 'ONE' })).toBe(false);
    expect(directory.endpoint(cpo, 'locations', 'SENDER')).toBe('https://p.example/locations');
    expect(directory.endpoint(cpo, 'locations', 'RECEIVER')).toBeUndefined();
    expect(directory.all()).toEqual([cpo, emsp]);
  });

  it('tells of each change, and forgets what was removed', () => {
    const { directory } = setUp();
    const minted = mint.mint();
    const changed: string[] = [];
    const stop = directory.onChange((id) => changed.push(id));
    directory.apply(snapshotOf(partnerOf('ONE'), [rowOf(minted)]));
    directory.apply({ partners: new Map([['ONE', undefined]]), invites: new Map(), registrations: new Map() });
    stop();
    directory.apply(snapshotOf(partnerOf('ONE'), []));
    expect(changed).toEqual(['ONE', 'ONE']);
    expect(directory.authenticate(encodeAuthorization(minted.token))).toBeUndefined();
  });

  it('A-38 keeps the old token ended when the partner is read again before the database knows of it', () => {
    const { directory } = setUp();
    const [old, fresh] = [mint.mint(), mint.mint()];
    const uses: string[] = [];
    directory.onFirstUse = (_partner, credential) => uses.push(credential);
    const rows = [rowOf(old, { state: 'RETIRING', expires_at: 9_000 }), rowOf(fresh)];
    directory.apply(snapshotOf(partnerOf('ONE'), rows));
    expect(directory.authenticate(encodeAuthorization(old.token))).toBeDefined();
    expect([directory.wasUsed(fresh.id), uses]).toEqual([false, []]);
    directory.authenticate(encodeAuthorization(fresh.token));
    directory.authenticate(encodeAuthorization(fresh.token));
    expect([directory.wasUsed(fresh.id), uses]).toEqual([true, [fresh.id]]);
    directory.apply(snapshotOf(partnerOf('ONE', { name: 'renamed' }), rows));
    expect(directory.authenticate(encodeAuthorization(old.token))).toBeUndefined();
  });

  it('keeps what is newer when an older reading comes late, and what is gone stays gone', () => {
    const { directory } = setUp();
    const minted = mint.mint();
    const changed: string[] = [];
    const at = (revision: number, name: string) => ({
      ...snapshotOf(partnerOf('ONE', { name }), [rowOf(minted)]),
      revision,
    });
    const header = encodeAuthorization(minted.token);
    directory.onChange((id) => changed.push(directory.byId(id)?.name ?? 'gone'));
    directory.apply(at(5, 'fifth'));
    directory.apply(at(4, 'fourth'));
    directory.apply(at(5, 'fifth again'));
    directory.apply({
      revision: 7,
      partners: new Map([['ONE', undefined]]),
      invites: new Map(),
      registrations: new Map(),
    });
    directory.apply(at(6, 'sixth'));
    expect(changed).toEqual(['fifth', 'gone']);
    expect(directory.authenticate(header)).toBeUndefined();
    expect([directory.isAsNewAs('partners', 'ONE', 7), directory.isAsNewAs('partners', 'ONE', 8)]).toEqual([
      true,
      false,
    ]);
    expect(directory.isAsNewAs('invites', 'ONE', 0)).toBe(false);
  });

  it('asks others for a token that it does not know, and for no other', async () => {
    const { directory } = setUp();
    const [known, foreign] = [mint.mint(), mint.mint()];
    let asked = 0;
    expect(directory.newsOf(encodeAuthorization(foreign.token))).toBeUndefined();
    directory.askOthers = async () => void asked++;
    directory.apply(snapshotOf(partnerOf('ONE', { status: 'SUSPENDED' }), [rowOf(known)]));
    for (const header of [undefined, 'Token ', encodeAuthorization('no token of ours')])
      expect(directory.newsOf(header)).toBeUndefined();
    expect(directory.newsOf(encodeAuthorization(known.token, 'raw'))).toBeUndefined();
    expect(asked).toBe(0);
    await directory.newsOf(encodeAuthorization(foreign.token));
    await directory.newsOf(encodeAuthorization(foreign.token, 'raw'));
    expect(asked).toBe(2);
  });

  it('hands over what was seen since the last time, once', () => {
    const { clock, directory } = setUp();
    const minted = mint.mint();
    directory.apply(snapshotOf(partnerOf('ONE'), [rowOf(minted)]));
    expect(directory.lastSeenAt('ONE')).toBeUndefined();
    directory.authenticate(encodeAuthorization(minted.token));
    clock.at = 2_000;
    directory.touch('ONE');
    expect(directory.takeActivity()).toEqual({ seen: new Map([['ONE', 2_000]]), used: new Map([[minted.id, 1_000]]) });
    expect(directory.takeActivity()).toEqual({ seen: new Map(), used: new Map() });
    expect(directory.lastSeenAt('ONE')).toBe(2_000);
  });
});
