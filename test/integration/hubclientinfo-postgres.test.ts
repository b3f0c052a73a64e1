import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { HubNode } from '../support/client-info/hub-node.js';
import { Platform } from '../support/client-info/platform.js';
import { createDatabase, describeWithPostgres, type TestDatabase } from '../support/services/index.js';
import { describeClientInfo } from './hubclientinfo-cases.js';

describeWithPostgres('several databases', () => {
  const databases: TestDatabase[] = [];
  const database = async (): Promise<string> => {
    const one = await createDatabase();
    databases.push(one);
    return one.url;
  };
  afterAll(async () => {
    for (const one of databases) await one.drop();
  });

  describeClientInfo('PostgreSQL', async () => ({ postgresUrl: await database() }));

  describe('hubclientinfo on two nodes of one database', () => {
    it('is kept by one of them at a time, and what another hub tells one of them the other knows', async () => {
      const shared = {
        postgresUrl: await database(),
        directory: mkdtempSync(path.join(os.tmpdir(), 'roamhub-nodes-')),
      };
      const [a, b] = [await HubNode.open(shared), await HubNode.open(shared)];
      const [p1, p2, p3] = [await Platform.open(), await Platform.open(), await Platform.open()];
      try {
        const { id } = await a.register('hub', ['DE/HB2/HUB'], p3);
        await a.register('two', ['FR/EM1/EMSP'], p2);
        const one = await a.register('one', ['DE/CP1/CPO'], p1);
        for (const node of [a, b]) await node.partners.catchUp();
        for (const node of [a, b, a]) await node.clientInfo.keeper.settle();
        expect(await b.listFor(p2)).toEqual(expect.arrayContaining(['DE/CP1/CPO CONNECTED', 'DE/HB2/HUB CONNECTED']));

        const head = await a.storage.changes.refresh();
        // The other one hears of nothing any more, and looks at what is stored: it must not tell the contrary.
        await b.partners.stop();
        await a.partners.registry.setStatus(one.id, 'OFFLINE');
        await a.clientInfo.keeper.settle();
        b.now += 60_000;
        for (const node of [b, a, b, a]) await node.clientInfo.keeper.settle();
        expect(b.partners.directory.byId(one.id)?.status).toBe('CONNECTED');
        const rows = await a.storage.changes.changesAfter(head, 100);
        expect(rows.map((row) => `${row.kind} ${row.object} ${row.seq - head}`)).toEqual(['PUT DE/CP1/CPO 1']);
        expect(await b.listFor(p2)).toContain('DE/CP1/CPO OFFLINE');

        const body = {
          party_id: 'CP5',
          country_code: 'AT',
          role: 'CPO',
          status: 'CONNECTED',
          last_updated: '2026-01-01T00:00:00Z',
        };
        await a.call('PUT', `${a.receiver}/AT/CP5`, { token: p3.token, body });
        const cp5 = { country_code: 'AT', party_id: 'CP5' };
        expect(b.clientInfo.book.rolesBehind(id, cp5)).toEqual([]);
        await b.clientInfo.book.follow();
        expect(b.clientInfo.book.rolesBehind(id, cp5)).toEqual(['CPO']);
        expect([a.troubles, b.troubles]).toEqual([[], []]);
      } finally {
        for (const node of [a, b]) await node.close();
        for (const platform of [p1, p2, p3]) await platform.close();
        rmSync(shared.directory, { recursive: true });
      }
    });
  });
});
