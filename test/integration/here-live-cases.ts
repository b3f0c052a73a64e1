import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeLivePlaces } from '../../src/extensions/here/live/testing/fake-live-places.js';
import type { LiveStore } from '../../src/extensions/here/store/live-store.js';
import type { Location } from '../../src/generated/ocpi.js';
import { locationDocuments } from '../../src/modules/locations/location-store.js';
import type { DocumentTable } from '../../src/platform/storage/index.js';
import type { OpenStorage, StorageUnderTest } from '../contract/storage-under-test.js';
import { CutStore, keyOf, location, Owner, resumed, seen, stamp, until, Watched } from './here-live-world.js';

export interface LiveWorld {
  readonly open: OpenStorage;
  /** A store on what was stored before with this storage, as a process finds it that starts. */
  readonly store: (under: StorageUnderTest) => LiveStore;
}

/** What the keeper of live places does over every database. */
export function describeLivePlaces(database: string, world: LiveWorld): void {
  describe(`live places over ${database}`, () => {
    let under: StorageUnderTest;
    let cpo: Owner;
    let watched: Watched[];

    const watch = (locations?: DocumentTable): Watched => {
      const one = new Watched(under.storage, new CutStore(world.store(under)), locations);
      watched.push(one);
      return one;
    };
    const open = (locations?: DocumentTable): Promise<Watched> => watch(locations).ready();

    beforeEach(async () => {
      under = await world.open();
      cpo = new Owner(under.storage);
      watched = [];
    });
    afterEach(async () => {
      for (const one of watched) await one.keeper.stop();
      await under.release();
    });

    it('shows what was stored before it started', async () => {
      await cpo.put(location('A', [{ uid: 'e1' }, { uid: 'E2', status: 'CHARGING', at: 2_000 }]));
      await cpo.put(
        location('B', [
          { uid: 'E1', status: 'UNKNOWN' },
          { uid: 'E9', status: 'REMOVED' },
        ]),
      );
      await cpo.put(location('secret', [{ uid: 'E1' }], { publish: false }));
      await cpo.put(location('planned', [{ uid: 'E1', status: 'PLANNED' }]));
      await cpo.put(location('empty', []));
      const { keeper, changes } = await open();
      expect([...keeper.keys()].sort()).toEqual([keyOf('A'), keyOf('B')]);
      const place = keeper.find(keyOf('A'));
      expect(place).toMatchObject({ owner: 'NL/VLT', latitude: 52.1, longitude: 5.1, country: 'NLD', offset: 1 });
      expect(place?.evses).toEqual([
        { uid: 'e1', evseId: 'NL*VLT*e1', status: 'available', modified: 1_000, offset: 1, receivedAt: 5_000 },
        { uid: 'E2', evseId: 'NL*VLT*E2', status: 'charging', modified: 2_000, offset: 1, receivedAt: 5_000 },
      ]);
      expect(place?.groups).toMatchObject([{ maxPower: 22_000, connectorCount: 2, availableConnectorCount: 1 }]);
      expect(keeper.find(keyOf('B'))?.groups[0]?.availableConnectorCount).toBeUndefined();
      expect(changes.map((change) => change.kind === 'place' && change.first)).toEqual([true, true]);
      expect(keeper.offset).toBe(5);
    });

    it('tells of a status that changed, and keeps `modified` where it did not', async () => {
      await cpo.put(location('A', [{ uid: 'e1' }, { uid: 'E2' }]));
      const one = await open();
      await cpo.status('A', 'e1', 'CHARGING', 3_000);
      await one.caughtUp();
      const place = one.keeper.find(keyOf('A'));
      expect(one.events()).toEqual([
        {
          offset: 2,
          type: 'evseStatus',
          key: keyOf('A'),
          owner: 'NL/VLT',
          evseUid: 'e1',
          evseId: 'NL*VLT*e1',
          status: 'charging',
          previousStatus: 'available',
          modified: 3_000,
          receivedAt: 3_500,
          latitude: 52.1,
          longitude: 5.1,
          country: 'NLD',
        },
      ]);
      expect(place?.groups[0]?.availableConnectorCount).toBe(1);
      await cpo.status('A', 'E1', 'CHARGING', 4_000);
      await cpo.patch('A', 'e1', { floor_level: '2', last_updated: stamp(4_500) });
      await cpo.status('A', 'e1', 'CHARGING', 4_600);
      await one.caughtUp();
      expect(one.events()).toHaveLength(1);
      expect(one.keeper.find(keyOf('A'))?.evses[0]).toMatchObject({ status: 'charging', modified: 3_000 });
      // What was handed out before is as it was then.
      expect(place?.offset).toBe(2);
      expect(one.keeper.find(keyOf('A'))?.offset).toBe(5);
    });

    it('tells of EVSEs and Locations that come and go', async () => {
      await cpo.put(location('A', [{ uid: 'E1' }, { uid: 'E2' }, { uid: 'E3' }]));
      const one = await open();
      await cpo.status('A', 'E1', 'REMOVED', 2_000);
      await cpo.status('A', 'E2', 'PLANNED', 2_000);
      await cpo.put(location('B', [{ uid: 'N1', status: 'BLOCKED' }]));
      await one.caughtUp();
      expect(one.events().map(({ type, evseUid, status }) => [type, evseUid, status])).toEqual([
        ['evseRemoved', 'E1', undefined],
        ['evseRemoved', 'E2', undefined],
        ['evseStatus', 'N1', 'blocked'],
      ]);
      await cpo.put(location('A', [{ uid: 'E3' }], { publish: false, last_updated: stamp(9_000) }));
      await cpo.remove('B');
      await one.caughtUp();
      expect(one.keeper.size).toBe(0);
      expect(one.changes.flatMap((change) => (change.kind === 'removed' ? [change.key] : []))).toEqual([
        keyOf('A'),
        keyOf('B'),
      ]);
      expect(resumed(one.keeper, 1)).toEqual(
        new Map(['A/E1', 'A/E2', 'A/E3', 'B/N1'].map((name) => [`NL/VLT/${name}`, 'gone'])),
      );
      await cpo.put(location('B', [{ uid: 'N1' }]), 9_000);
      await one.caughtUp();
      expect(resumed(one.keeper, 1).get('NL/VLT/B/N1')).toBe('available');
    });

    it('tells of Tariffs, and does not mind other modules', async () => {
      const one = await open();
      const context = { correlationId: 'c', now: 1 };
      for (const [module, table, idColumn] of [
        ['tokens', 'token', 'token_key'],
        ['tariffs', 'tariff', 'tariff_key'],
      ] as const) {
        const documents = under.storage.documents({ module, table, idColumn });
        const name = { key: 'NL/VLT/T1', id: 'T1', owner: 'NL/VLT' };
        await documents.change(name, context, () => ({
          kind: 'store',
          result: undefined,
          document: '{}',
          lastUpdated: 1,
          news: { kind: 'PUT' },
        }));
      }
      await one.caughtUp();
      expect(one.changes).toEqual([{ kind: 'tariff', key: 'NL/VLT/T1', offset: 2 }]);
      expect(one.keeper.offset).toBe(2);
    });

    it('goes by the document where a uid stands twice in a Location', async () => {
      const twice = location('A', [{ uid: 'E1' }, { uid: 'e1', status: 'CHARGING' }, { uid: 'E2' }]);
      await cpo.put(twice);
      const one = await open();
      expect(one.keeper.find(keyOf('A'))?.groups[0]).toMatchObject({ connectorCount: 2, availableConnectorCount: 2 });
      await cpo.status('A', 'e1', 'RESERVED', 2_000);
      await one.caughtUp();
      expect(one.keeper.find(keyOf('A'))?.evses.map(({ status }) => status)).toEqual(['reserved', 'available']);
    });

    it('ends with the newest, whatever changes while it reads for the first time', async () => {
      for (const id of ['PATCHED', 'PUT', 'DELETED', 'HIDDEN', 'BACK', 'STILL'])
        await cpo.put(location(id, [{ uid: 'E1' }, { uid: 'E2' }]));
      const documents = under.storage.documents(locationDocuments);
      let isHeld = false;
      let goOn = (): void => undefined;
      const gate = new Promise<void>((resolve) => {
        goOn = resolve;
      });
      const list: DocumentTable['list'] = Object.create(documents.list);
      list.page = async (query) => {
        const page = await documents.list.page(query);
        isHeld = true;
        await gate;
        return page;
      };
      const slow: DocumentTable = Object.create(documents, { list: { value: list } });
      const one = watch(slow);
      one.keeper.start();
      await until(() => isHeld);
      const before = await cpo.head();
      await cpo.status('PATCHED', 'E1', 'CHARGING', 2_000);
      await cpo.put(location('PUT', [{ uid: 'E1', status: 'BLOCKED', at: 2_000 }]));
      await cpo.remove('DELETED');
      await cpo.status('HIDDEN', 'E1', 'REMOVED', 2_000);
      await cpo.status('HIDDEN', 'E2', 'REMOVED', 2_000);
      await cpo.remove('BACK');
      await cpo.put(location('BACK', [{ uid: 'E7', status: 'RESERVED', at: 3_000 }]));
      await cpo.put(location('NEW', [{ uid: 'E1' }]));
      await one.caughtUp();
      // It is here at once, not only when all has been read.
      expect(one.keeper.isReady).toBe(false);
      expect(one.keeper.find(keyOf('PATCHED'))?.evses[0]?.status).toBe('charging');
      expect(one.keeper.statusesAfter(before, 10)).toBeUndefined();
      goOn();
      await one.keeper.ready();
      const expected = new FakeLivePlaces();
      expected.put(location('PATCHED', [{ uid: 'E1', status: 'CHARGING' }, { uid: 'E2' }]));
      expected.put(location('PUT', [{ uid: 'E1', status: 'BLOCKED' }]));
      expected.put(location('BACK', [{ uid: 'E7', status: 'RESERVED' }]));
      expected.put(location('NEW', [{ uid: 'E1' }]));
      expected.put(location('STILL', [{ uid: 'E1' }, { uid: 'E2' }]));
      expect(seen(one.keeper)).toEqual(seen(expected));
      const after = resumed(one.keeper, before);
      expect(after.get('NL/VLT/PATCHED/E1')).toBe('charging');
      expect(after.get('NL/VLT/PUT/E1')).toBe('blocked');
      expect(after.get('NL/VLT/BACK/E7')).toBe('reserved');
      expect(after.get('NL/VLT/NEW/E1')).toBe('available');
      expect(after.has('NL/VLT/STILL/E1')).toBe(false);
    });

    it('leaves nothing out when the database fails, and no listener can stop it', async () => {
      const documents = under.storage.documents(locationDocuments);
      let failures = 2;
      const find: DocumentTable['find'] = async (key) => {
        if (failures-- > 0) throw new Error('away');
        return documents.find(key);
      };
      const one = await open(Object.create(documents, { find: { value: find } }));
      one.keeper.onChange(() => {
        throw new Error('a listener');
      });
      await cpo.put(location('A', [{ uid: 'E1' }]));
      await cpo.put(location('B', [{ uid: 'E1' }]));
      await until(() => one.keeper.size === 2);
      expect(one.warnings.filter((event) => event === 'ev.follow-failed')).toHaveLength(2);
      expect(one.warnings).toContain('ev.listener-failed');
    });

    it('shows all others when one document cannot be understood', async () => {
      await cpo.put({ ...location('ODD', [{ uid: 'E1' }]), evses: 5 } as unknown as Location);
      await cpo.put(location('A', [{ uid: 'E1' }]));
      const one = await open();
      await cpo.put({ ...location('ODD2', []), evses: [null] } as unknown as Location);
      await cpo.status('A', 'E1', 'CHARGING', 2_000);
      await one.caughtUp();
      expect([...one.keeper.keys()]).toEqual([keyOf('A')]);
      expect(one.keeper.find(keyOf('A'))?.evses[0]?.status).toBe('charging');
    });

    describe('over a restart', () => {
      const site = (id: string) => location(id, [{ uid: 'E1' }, { uid: 'E2' }, { uid: 'E3' }]);

      it('knows when statuses changed, and a consumer misses nothing', async () => {
        const one = await open();
        for (const id of ['A', 'B', 'C', 'D']) await cpo.put(site(id));
        await cpo.status('A', 'E1', 'CHARGING', 2_000);
        // A document that is read late would hold what comes now as well, and only the newest `last_updated`.
        await one.caughtUp();
        await cpo.status('A', 'E1', 'CHARGING', 2_500);
        await one.caughtUp();
        const offset = one.keeper.offset;
        await cpo.status('B', 'E2', 'BLOCKED', 3_000);
        await cpo.status('B', 'E3', 'REMOVED', 3_000);
        await cpo.remove('D');
        await one.caughtUp();
        const before = resumed(one.keeper, offset);
        await one.keeper.stop();
        const two = await open();
        expect(resumed(two.keeper, offset)).toEqual(before);
        expect(two.keeper.find(keyOf('A'))?.evses[0]).toMatchObject({ status: 'charging', modified: 2_000 });
        expect(two.keeper.find(keyOf('A'))?.evses).toEqual(one.keeper.find(keyOf('A'))?.evses);
        expect(two.keeper.find(keyOf('B'))?.offset).toBe(one.keeper.find(keyOf('B'))?.offset);
      });

      it('makes up for what happened while it was away', async () => {
        const one = await open();
        for (const id of ['A', 'B', 'C', 'D']) await cpo.put(site(id));
        await one.caughtUp();
        const offset = one.keeper.offset;
        await one.keeper.stop();
        await cpo.status('A', 'E1', 'CHARGING', 3_000);
        await cpo.status('A', 'E2', 'REMOVED', 3_000);
        await cpo.put(location('B', [{ uid: 'E1', status: 'RESERVED', at: 4_000 }]));
        await cpo.remove('C');
        const two = await open();
        expect(two.keeper.find(keyOf('A'))?.evses[0]).toMatchObject({ modified: 3_000, offset: 5 });
        expect(resumed(two.keeper, offset)).toMatchObject(
          new Map([
            ['NL/VLT/A/E1', 'charging'],
            ['NL/VLT/A/E2', 'gone'],
            ['NL/VLT/B/E1', 'reserved'],
            ['NL/VLT/B/E2', 'gone'],
            ['NL/VLT/B/E3', 'gone'],
            ['NL/VLT/C/E1', 'gone'],
            ['NL/VLT/C/E2', 'gone'],
            ['NL/VLT/C/E3', 'gone'],
          ]),
        );
        expect(two.keeper.statusesAfter(offset, 1)?.[0]).toMatchObject({ previousStatus: 'available' });
        // It stands there after one more restart as well.
        await two.keeper.stop();
        const three = await open();
        expect(resumed(three.keeper, offset)).toEqual(resumed(two.keeper, offset));
      });

      it('makes up for what a crash has cost', async () => {
        const one = await open();
        for (const id of ['A', 'B', 'C']) await cpo.put(site(id));
        await one.caughtUp();
        await one.keeper.stop();
        const two = await open();
        const offset = two.keeper.offset;
        two.store.isCut = true;
        await cpo.status('A', 'E1', 'CHARGING', 3_000);
        await cpo.put(location('B', [{ uid: 'E1' }, { uid: 'E2', status: 'BLOCKED', at: 3_500 }]));
        await cpo.remove('C');
        await two.caughtUp();
        const before = resumed(two.keeper, offset);
        await two.kill();
        const three = await open();
        const after = resumed(three.keeper, offset);
        for (const [name, status] of before) expect([name, after.get(name)]).toEqual([name, status]);
        expect(seen(three.keeper)).toEqual(seen(two.keeper));
        expect(three.keeper.find(keyOf('A'))?.evses[0]?.modified).toBe(3_000);
      });

      it('sends a consumer to the snapshot where the store was lost', async () => {
        await cpo.put(site('A'));
        await cpo.status('A', 'E1', 'CHARGING', 3_000);
        const one = await open();
        expect(one.keeper.statusesAfter(1, 10)).toBeUndefined();
        expect(one.keeper.statusesAfter(2, 10)).toEqual([]);
        await one.keeper.stop();
        const two = await open();
        expect(two.keeper.statusesAfter(1, 10)).toBeUndefined();
        expect(two.keeper.statusesAfter(2, 10)).toEqual([]);
      });
    });
  });
}
