import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Role } from '../../src/kernel/module-id.js';
import type { ClientState } from '../../src/modules/hubclientinfo/client-info.js';
import { ClientInfoKeeper } from '../../src/modules/hubclientinfo/client-info-keeper.js';
import { ClientInfoStore, clientInfoDocuments } from '../../src/modules/hubclientinfo/client-info-store.js';
import { mostPerHub, RemotePartyStore, type ToldParty } from '../../src/modules/hubclientinfo/remote-party-store.js';
import type { PartnerStatus } from '../../src/platform/partners/index.js';
import { PostgresStorage } from '../../src/platform/storage/index.js';
import type { OpenStorage, StorageUnderTest } from './storage-under-test.js';

const state = (party_id: string, status: PartnerStatus, role: Role = 'CPO'): ClientState => ({
  country_code: 'DE',
  party_id,
  role,
  status,
});
const told = (party_id: string, status: PartnerStatus, lastUpdated = 1_000, role: Role = 'CPO') => ({
  ...state(party_id, status, role),
  lastUpdated,
});

/** What the stores of hubclientinfo must do over every storage. */
export function describeClientInfoStores(name: string, open: OpenStorage): void {
  let under: StorageUnderTest;
  beforeEach(async () => {
    under = await open();
  });
  afterEach(() => under.release());

  describe(`the ClientInfo store over ${name}`, () => {
    let store: ClientInfoStore;
    const look = (): void => {
      store = new ClientInfoStore(under.storage.documents(clientInfoDocuments));
    };
    const context = (now: number) => ({ correlationId: 'corr', now });
    const news = async (): Promise<string[]> =>
      (await under.storage.changes.changesAfter(0, 100)).map(({ kind, object, owner }) => `${kind} ${object} ${owner}`);
    beforeEach(look);

    it('H-03 H-19 keeps five fields, and moves last_updated and the change sequence with the content only', async () => {
      expect(await store.set(state('CP1', 'CONNECTED'), context(1_000))).toBe(true);
      expect(await store.set(state('CP1', 'CONNECTED'), context(2_000))).toBe(false);
      expect(under.storage.changes.head()).toBe(1);
      const text =
        '{"party_id":"CP1","country_code":"DE","role":"CPO","status":"CONNECTED","last_updated":"1970-01-01T00:00:01.000Z"}';
      expect(await store.find('DE/CP1/CPO')).toBe(text);
      await under.reopen();
      look();
      expect(await store.set(state('CP1', 'CONNECTED'), context(3_000))).toBe(false);
      expect(await store.set(state('CP1', 'OFFLINE'), context(3_000))).toBe(true);
      expect(await store.find('DE/CP1/CPO')).toContain('"OFFLINE","last_updated":"1970-01-01T00:00:03.000Z"');
      expect(await news()).toEqual(['PUT DE/CP1/CPO DE/CP1']);
    });

    it('never moves last_updated backwards, whatever the clock says', async () => {
      await store.set(state('CP1', 'CONNECTED'), context(5_000));
      await store.set(state('CP1', 'OFFLINE'), context(4_000));
      expect(await store.find('DE/CP1/CPO')).toContain('1970-01-01T00:00:05.001Z');
      expect(await store.list.total({ from: 5_001 })).toBe(1);
    });

    it('stores once what several say at the same time', async () => {
      const results = await Promise.all(
        Array.from({ length: 8 }, (_, n) => store.set(state('CP1', 'CONNECTED'), context(n))),
      );
      expect(results.filter(Boolean).length).toBe(1);
      expect(under.storage.changes.head()).toBe(1);
    });

    it('gives back everything, over more pages than one', async () => {
      const many = Array.from({ length: 501 }, (_, n) => state(`P${n}`, 'PLANNED'));
      await Promise.all(many.map((one) => store.set(one, context(1))));
      const all = await store.all();
      expect([all.size, all.get('DE/P500/CPO')]).toEqual([501, many[500]]);
    });

    it('H-07 follows the truth: what is gone is SUSPENDED, once; only who may writes', async () => {
      const truth = new Map([['DE/CP1/CPO', state('CP1', 'CONNECTED')]]);
      let mayWrite = false;
      const owners = new Set<string>();
      const time = { now: 1_000 };
      const keeper = () =>
        new ClientInfoKeeper({
          store,
          states: () => truth,
          onOwners: (keys) => {
            for (const key of keys) owners.add(key);
          },
          mayWrite: async () => mayWrite,
          clock: { now: () => time.now },
          onTrouble: (error) => {
            throw error;
          },
        });
      const first = keeper();
      await first.settle();
      expect([(await store.all()).size, [...owners]]).toEqual([0, ['DE/CP1']]);
      mayWrite = true;
      await first.settle();
      truth.set('DE/CP2/CPO', state('CP2', 'CONNECTED'));
      await first.settle();
      truth.delete('DE/CP1/CPO');
      await first.settle();
      await keeper().settle();
      const statuses = [...(await store.all()).values()].map(({ party_id, status }) => `${party_id} ${status}`);
      expect(statuses).toEqual(['CP1 SUSPENDED', 'CP2 CONNECTED']);
      expect(under.storage.changes.head()).toBe(3);
      // Another node has kept them meanwhile: who takes over looks first.
      mayWrite = false;
      await first.settle();
      await store.set(state('CP2', 'OFFLINE'), context(2_000));
      mayWrite = true;
      await first.settle();
      expect(await store.find('DE/CP2/CPO')).toContain('CONNECTED');
    });
  });

  describe(`the store of parties behind other hubs over ${name}`, () => {
    const make = () =>
      new RemotePartyStore(under.storage, under.storage instanceof PostgresStorage ? under.storage : undefined);
    const shown = (parties: readonly ToldParty[] = []): string[] =>
      parties.map((one) => `${one.partnerId} ${one.party_id} ${one.role} ${one.status} ${one.lastUpdated}`);

    it('remembers over a restart who said what, by party and role without case', async () => {
      const store = make();
      expect((await store.all()).parties).toEqual([]);
      await store.take('H1', [told('CP1', 'CONNECTED'), told('CP1', 'OFFLINE', 1_000, 'EMSP')], 1);
      await store.take('H2', [told('CP1', 'PLANNED', 1_893_456_000_000)], 1);
      await store.take('H1', [told('cp1', 'OFFLINE', 2_000)], 1);
      await under.reopen();
      const { parties, version } = await make().all();
      expect(shown(parties)).toEqual([
        'H1 cp1 CPO OFFLINE 2000',
        'H1 CP1 EMSP OFFLINE 1000',
        'H2 CP1 CPO PLANNED 1893456000000',
      ]);
      expect(version).toBe(3);
    });

    it('O-15 passes over what is older or the same, and says what changed', async () => {
      const store = make();
      expect((await store.take('H1', [told('CP1', 'CONNECTED', 2_000)], 1))?.version).toBe(1);
      for (const again of [told('CP1', 'CONNECTED', 2_000), told('CP1', 'OFFLINE', 1_999)])
        expect(await store.take('H1', [again], 2)).toBeUndefined();
      const both = await store.take('H1', [told('CP1', 'OFFLINE', 3_000), told('CP1', 'CONNECTED', 2_500)], 2);
      expect(shown(both?.parties)).toEqual(['H1 CP1 CPO OFFLINE 3000']);
      const newest = await make().newest();
      expect(newest).toBe(under.storage.kind === 'postgres' ? 2 : undefined);
    });

    it('A-13 forgets what a complete list leaves out, but nothing that was told since its reading began', async () => {
      const store = make();
      await store.take('H2', [told('OLD', 'CONNECTED')], 1);
      await store.take('H1', [told('OLD', 'CONNECTED')], 49);
      await store.take('H1', [told('NEW', 'CONNECTED')], 50);
      const after = await store.take('H1', [told('CP1', 'CONNECTED')], 60, { since: 50 });
      expect(shown(after?.parties).map((line) => line.slice(0, 6).trim())).toEqual(['H1 CP1', 'H1 NEW', 'H2 OLD']);
      expect(shown((await store.forget('H1'))?.parties)).toEqual(['H2 OLD CPO CONNECTED 1000']);
      expect(await store.forget('H1')).toBeUndefined();
    });

    it('does not let one hub fill the memory', async () => {
      const store = make();
      const many = Array.from({ length: mostPerHub + 1 }, (_, n) => told(`${n}`, 'CONNECTED'));
      await expect(store.take('H1', many, 1)).rejects.toMatchObject({ httpStatus: 200, statusCode: 2001 });
      expect((await store.all()).parties).toEqual([]);
    });
  });
}
