import { partyKey } from '../../kernel/party-ref.js';
import type {
  DocumentDecision,
  DocumentKey,
  DocumentKind,
  DocumentList,
  DocumentTable,
  StoredDocument,
  WriteContext,
} from '../../platform/storage/index.js';
import { type ClientState, clientInfoText, clientKey, readClientInfo, sameState } from './client-info.js';

/** ClientInfo as stored documents: one per party and role. */
export const clientInfoDocuments: DocumentKind = {
  module: 'hubclientinfo',
  table: 'client_info',
  idColumn: 'client_role',
};

const pageSize = 500;

/** Where ClientInfo is kept, whichever the database. Nothing is ever taken out (H-07). */
export class ClientInfoStore {
  readonly list: DocumentList;

  /** @param table the documents of {@link clientInfoDocuments} */
  constructor(private readonly table: DocumentTable) {
    this.list = table.list;
  }

  /**
   * Makes the stored ClientInfo say this, as one step; whether that was news. `last_updated` moves with the content only, and never
   * backwards (H-19).
   */
  set(state: ClientState, context: WriteContext): Promise<boolean> {
    return this.table.change(nameOf(state), context, (current) => decide(state, current, context));
  }

  /** @param key `DE/CP1/CPO` */
  find(key: string): Promise<string | undefined> {
    return this.table.find(key);
  }

  /** What is stored now, by its key. */
  async all(): Promise<Map<string, ClientState>> {
    const states = new Map<string, ClientState>();
    let position: number | undefined;
    for (;;) {
      const page = await this.list.page({
        offset: 0,
        limit: pageSize,
        ...(position === undefined ? {} : { position }),
      });
      for (const one of JSON.parse(`[${page.body.toString()}]`) as ClientState[]) {
        const state = readClientInfo(JSON.stringify(one));
        states.set(clientKey(state), state);
      }
      if (!page.more) return states;
      position = page.lastId;
    }
  }
}

function decide(
  state: ClientState,
  current: StoredDocument | undefined,
  { now }: WriteContext,
): DocumentDecision<boolean> {
  if (current && sameState(readClientInfo(current.document), state)) return { kind: 'keep', result: false };
  const lastUpdated = current ? Math.max(now, current.lastUpdated + 1) : now;
  return {
    kind: 'store',
    result: true,
    document: clientInfoText(state, lastUpdated),
    lastUpdated,
    oddities: [],
    news: { kind: 'PUT' },
  };
}

function nameOf(state: ClientState): DocumentKey {
  return { key: clientKey(state), id: state.role, owner: partyKey(state) };
}
