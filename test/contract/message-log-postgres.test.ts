import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  BufferedMessageLog,
  PostgresMessageStore,
  PostgresMessages1700000117000,
} from '../../src/platform/messages/index.js';
import { PostgresStorage } from '../../src/platform/storage/index.js';
import { createDatabase, describeWithPostgres, type TestDatabase } from '../support/services/index.js';
import { describeMessageLog, entryNo } from './message-log-contract.js';

const plenty = { keepMs: 86_400_000, entries: 1_000 };

describeWithPostgres('message log', () => {
  let database: TestDatabase;
  let nodes: PostgresStorage[];

  const openNode = (): Promise<PostgresStorage> =>
    PostgresStorage.open({
      url: database.url,
      entities: [],
      migrations: [PostgresMessages1700000117000],
      requireDurable: false,
    });

  beforeAll(async () => {
    database = await createDatabase();
    nodes = [await openNode(), await openNode()];
  });
  afterAll(async () => {
    for (const node of nodes ?? []) await node.close();
    await database?.drop();
  });
  const node = (index: number): PostgresStorage => {
    const found = nodes[index];
    if (!found) throw new Error('no such node');
    return found;
  };
  beforeEach(async () => {
    await node(0).query('TRUNCATE message');
    await node(0).query("DELETE FROM hub_duty WHERE name = 'messages'");
  });

  describeMessageLog('PostgreSQL', async () => ({
    open: async (bounds) => new PostgresMessageStore(node(0), bounds),
    close: async () => undefined,
  }));

  describe('of several nodes', () => {
    const logOn = (index: number, bounds = plenty) =>
      new BufferedMessageLog({
        store: new PostgresMessageStore(node(index), bounds),
        clock: { now: () => entryNo(0).at },
        onLost: (count) => expect(count).toBe(0),
      });

    it('shows on any node what another one has taken', async () => {
      const [one, two] = [logOn(0), logOn(1)];
      one.add(entryNo(1, { correlationId: 'shared' }));
      two.add(entryNo(2, { correlationId: 'shared' }));
      await Promise.all([one.flush(), two.flush()]);
      for (const log of [one, two])
        expect(
          (await log.find({ correlationId: 'shared' }, 10)).items.map(({ requestId }) => requestId).sort(),
        ).toEqual(['request-1', 'request-2']);
      await Promise.all([one.close(), two.close()]);
    });

    it('is swept by one of them', async () => {
      const small = { ...plenty, entries: 10 };
      const [one, two] = [logOn(0, small), logOn(1, small)];
      const fill = async (): Promise<void> => {
        for (let n = 0; n < 50; n++) one.add(entryNo(n));
        await one.flush();
      };
      await fill();
      await one.sweep();
      expect((await two.find({}, 100)).items).toHaveLength(10);
      await fill();
      await two.sweep();
      expect((await two.find({}, 100)).items).toHaveLength(60);
      await one.sweep();
      expect((await two.find({}, 100)).items).toHaveLength(10);
      await Promise.all([one.close(), two.close()]);
    });
  });
});
