import { stringMember } from '../../kernel/json-text.js';
import type { Oddity } from '../../kernel/oddity.js';
import { objectKey, type PartyRef, partyKey } from '../../kernel/party-ref.js';
import type {
  DocumentKey,
  DocumentKind,
  DocumentList,
  DocumentTable,
  OddityCount,
  StoredDocument,
  WriteContext,
} from '../../platform/storage/index.js';
import { type TokenKey, tokenDigest } from './token-key.js';

/** Tokens as stored documents. */
export const tokenDocuments: DocumentKind = { module: 'tokens', table: 'token', idColumn: 'token_key' };

/** What is to become of a Token. */
export type TokenDecision =
  /** Acknowledged, but nothing changes and nobody is told (O-15). */
  | { readonly kind: 'unchanged'; readonly reason: 'stale' | 'identical' }
  | {
      readonly kind: 'store';
      readonly isNew: boolean;
      /** JSON text */
      readonly document: string;
      /** ms since the epoch */
      readonly lastUpdated: number;
      readonly oddities: readonly Oddity[];
    };

/** So many eMSPs may have a Token of one uid and type; more are not looked for. */
const mostOwners = 20;

/** Where Tokens are kept, whichever the database. There is no way to take one out (TK-06). */
export class TokenStore {
  readonly list: DocumentList;

  /** @param table the documents of {@link tokenDocuments} */
  constructor(private readonly table: DocumentTable) {
    this.list = table.list;
  }

  /**
   * Reads a Token, lets `decide` judge, and stores the outcome with its place in the change sequence, as one step. `decide` is
   * pure, may be asked more than once, and may throw to refuse. Resolves once the outcome is durable.
   */
  change(
    key: TokenKey,
    context: WriteContext,
    decide: (current: StoredDocument | undefined) => TokenDecision,
  ): Promise<TokenDecision> {
    return this.table.change<TokenDecision>(nameOf(key), context, (current) => {
      const decision = decide(current);
      if (decision.kind === 'unchanged') return { kind: 'keep', result: decision };
      const { document, lastUpdated, oddities } = decision;
      return { kind: 'store', result: decision, document, lastUpdated, oddities, news: { kind: 'PUT' } };
    });
  }

  find(key: TokenKey): Promise<string | undefined> {
    return this.table.find(nameOf(key).key);
  }

  /** @param key as the change sequence names it: owner and {@link tokenDigest} */
  findByKey(key: string): Promise<string | undefined> {
    return this.table.find(key);
  }

  /** Who has a Token of this uid and type, of these owners (party keys) if given. */
  async ownersOf(uid: string, type: string, owners: readonly string[] | undefined): Promise<readonly PartyRef[]> {
    const documents = await this.table.findById(tokenDigest(uid, type), owners, mostOwners);
    return documents.map((document) => ({
      country_code: stringMember(document, 'country_code') ?? '',
      party_id: stringMember(document, 'party_id') ?? '',
    }));
  }

  /** How many are stored, of these owners or in all. */
  countOf(owners?: readonly PartyRef[]): Promise<number> {
    return this.table.countOf(owners && [...new Set(owners.map(partyKey))]);
  }

  /** Counts and samples of what is odd about the stored Tokens. */
  oddities(): Promise<readonly OddityCount[]> {
    return this.table.oddities();
  }
}

function nameOf(key: TokenKey): DocumentKey {
  const digest = tokenDigest(key.uid, key.type);
  return { key: objectKey(key, digest), id: digest, owner: partyKey(key) };
}
