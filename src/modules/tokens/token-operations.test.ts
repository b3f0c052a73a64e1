import { describe, expect, it } from '@jest/globals';
import type { PartyRef } from '../../kernel/party-ref.js';
import type { PagedList, PageReply, PartyRequest } from '../../platform/http/index.js';
import { defaultSwitches } from '../../platform/partners/index.js';
import { SchemaRegistry } from '../../platform/schema/index.js';
import type { BulkRead } from './bulk-read-watch.js';
import { type TokensDeps, tokenOperations } from './token-operations.js';
import type { TokenStore } from './token-store.js';

const em1 = { country_code: 'FR', party_id: 'EM1' };
const em2 = { country_code: 'BE', party_id: 'EM2' };
const cp1 = { country_code: 'DE', party_id: 'CP1' };

function world(fields: { owners?: readonly PartyRef[]; emsps?: readonly PartyRef[]; page?: number } = {}) {
  const asked: unknown[] = [];
  const told: BulkRead[] = [];
  const deps: TokensDeps = {
    store: {
      ownersOf: async (...question: unknown[]) => {
        asked.push(question);
        return fields.owners ?? [];
      },
    } as unknown as TokenStore,
    pages: {
      serve: async (...question: unknown[]) => {
        asked.push(question);
        return { kind: 'page', page: { count: fields.page ?? 0 } } as PageReply;
      },
    } as unknown as PagedList,
    visibility: { ownersFor: (_, party, module) => [`${party.party_id} ${module}`] },
    parties: {
      partiesIn: (...question) => {
        asked.push(question);
        return fields.emsps ?? [];
      },
    },
    schemas: SchemaRegistry.load(),
    clock: { now: () => 7 },
    oddities: () => [],
    extensionKeys: new Set(),
    maxAheadMs: 0,
    onAcknowledged: () => undefined,
    onBulkRead: (read) => told.push(read),
    bulkReadThreshold: 1_000,
  };
  const operations = tokenOperations(deps);
  const request = (query = '', uid = 'U1') =>
    ({
      params: { token_uid: uid },
      query: new URLSearchParams(query),
      url: 'https://hub.example/tokens',
      partner: { id: 'P1', roles: [], switches: defaultSwitches },
      from: cp1,
    }) as unknown as PartyRequest;
  return { operations, request, asked, told };
}

describe('whose Token it is', () => {
  it('is looked up among those whose Tokens the asking party may read, as RFID unless the type is named', async () => {
    const { operations, request, asked } = world({ owners: [em1] });
    expect(await operations.seekOwner(request())).toMatchObject({ kind: 'party', party: em1 });
    await operations.seekOwner(request('type=APP_USER'));
    expect(asked).toEqual([
      ['U1', 'RFID', ['CP1 tokens']],
      ['U1', 'APP_USER', ['CP1 tokens']],
    ]);
    await expect(operations.seekOwner(request('type='))).rejects.toMatchObject({ statusCode: 2001 });
    await expect(operations.seekOwner(request('', '..'))).rejects.toMatchObject({ statusCode: 2001 });
  });

  it('may be any of several owners', async () => {
    const { operations, request } = world({ owners: [em1, em2] });
    expect(await operations.seekOwner(request())).toMatchObject({ kind: 'any', parties: [em1, em2] });
  });

  it('may be any eMSP of another platform, if it is unknown', async () => {
    const { operations, request, asked } = world({ emsps: [em1, em2] });
    expect(await operations.seekOwner(request())).toMatchObject({ kind: 'any', parties: [em1, em2] });
    expect(asked.at(-1)).toEqual([['EMSP'], 'P1']);
  });

  it('is nobody, if there is nobody to ask', async () => {
    const { operations, request } = world();
    expect((await operations.seekOwner(request())).kind).toBe('nobody');
  });
});

describe('the list', () => {
  it('shows what the asking party may read, and tells of who reads very much (T21)', async () => {
    const { operations, request, asked, told } = world({ page: 600 });
    await operations.listTokens(request());
    expect([asked.map((one) => (one as unknown[])[2]), told]).toEqual([[['CP1 tokens']], []]);
    await operations.listTokens(request());
    await operations.listTokens(request());
    expect(told).toEqual([{ partnerId: 'P1', tokens: 1_200, since: 7 }]);
  });
});
