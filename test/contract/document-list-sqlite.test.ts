import { type DocumentListUnderTest, describeDocumentList } from './document-list-contract.js';
import { SqliteWorld } from './sqlite-stores.js';

const context = { correlationId: 'c', now: 0 };
const partyOf = (owner: string) => {
  const [country_code = '', party_id = ''] = owner.split('/');
  return { country_code, party_id };
};

describeDocumentList('SQLite', async (): Promise<DocumentListUnderTest> => {
  const world = await SqliteWorld.open();
  let version = 0;
  return {
    get list() {
      return world.tariffs.list;
    },
    put: async (owner, id, stamp) => {
      const document = JSON.stringify({ id, owner, version: version++ });
      const write = { document, lastUpdated: stamp, oddities: [], applyStale: true };
      await world.tariffs.put({ ...partyOf(owner), tariff_id: id }, write, context);
    },
    remove: async (owner, id) => {
      await world.tariffs.remove({ ...partyOf(owner), tariff_id: id }, context);
    },
    clear: async () => {
      for (const owner of ['DE/CP1', 'DE/CP2', 'AT/CP3'])
        await world.tariffs.removeAbsent(partyOf(owner), new Set(), Infinity, context);
    },
    reopen: () => world.reopen(),
    release: () => world.release(),
  };
});
