import type { Oddity } from '../../kernel/oddity.js';
import { ciKey, objectKey, type PartyRef, partyKey } from '../../kernel/party-ref.js';
import type {
  ChangeKind,
  DocumentDecision,
  DocumentKind,
  DocumentList,
  DocumentTable,
  OddityCount,
  StoredDocument,
  WriteContext,
} from '../../platform/storage/index.js';

/** Locations as stored documents; an EVSE is something inside its Location. */
export const locationDocuments: DocumentKind = { module: 'locations', table: 'location', idColumn: 'location_key' };

/** What names a Location: its owner and its id, in the caller's spelling; compared without case. */
export interface LocationKey extends PartyRef {
  readonly location_id: string;
}

/** What is to become of a Location. */
export type LocationDecision =
  /** Acknowledged, but nothing changes and nobody is told (O-15). */
  | { readonly kind: 'unchanged'; readonly reason: 'stale' | 'identical' }
  | {
      readonly kind: 'store';
      readonly isNew: boolean;
      readonly document: string;
      /** ms since the epoch */
      readonly lastUpdated: number;
      /** What is told to others: the Location, or one EVSE of it. */
      readonly news: { readonly evseUid?: string; readonly kind: ChangeKind; readonly patch?: string };
      /** What is odd about it; undefined = not looked at, keep what is known. */
      readonly oddities?: readonly Oddity[];
    };

/** Where Locations are kept, whichever the database. */
export class LocationStore {
  readonly list: DocumentList;

  /** @param table the documents of {@link locationDocuments} */
  constructor(private readonly table: DocumentTable) {
    this.list = table.list;
  }

  /**
   * Reads a Location, lets `decide` judge, and stores the outcome with its place in the change sequence, as one step.
   * `decide` is pure, may be asked more than once, and may throw to refuse. Resolves once the outcome is durable.
   */
  change(
    key: LocationKey,
    context: WriteContext,
    decide: (current: StoredDocument | undefined) => LocationDecision,
  ): Promise<LocationDecision> {
    const name = { key: objectKey(key, key.location_id), id: ciKey(key.location_id), owner: partyKey(key) };
    return this.table.change(name, context, (current) => documentDecision(key, decide(current)));
  }

  find(key: LocationKey): Promise<string | undefined> {
    return this.table.find(objectKey(key, key.location_id));
  }

  /** All Locations of this id, whoever owns them, of these owners (party keys) if given. At most `limit`. */
  findById(locationId: string, owners: readonly string[] | undefined, limit: number): Promise<readonly string[]> {
    return this.table.findById(ciKey(locationId), owners, limit);
  }

  /**
   * Takes Locations out that a complete list of their owner no longer holds (`present`: upper-case ids). What changed at or
   * after `since`, when the reading of that list began (ms), stays: the list may not have known it yet. Returns how many.
   */
  removeAbsent(owner: PartyRef, present: ReadonlySet<string>, since: number, context: WriteContext): Promise<number> {
    return this.table.removeAbsent(partyKey(owner), present, since, context);
  }

  /** How many are stored, of these owners or in all. */
  countOf(owners?: readonly PartyRef[]): Promise<number> {
    return this.table.countOf(owners && [...new Set(owners.map(partyKey))]);
  }

  /** Counts and samples of what is odd about the stored Locations. */
  oddities(): Promise<readonly OddityCount[]> {
    return this.table.oddities();
  }
}

function documentDecision(key: LocationKey, decision: LocationDecision): DocumentDecision<LocationDecision> {
  if (decision.kind === 'unchanged') return { kind: 'keep', result: decision };
  const { document, lastUpdated, oddities, news } = decision;
  const { evseUid, kind, patch } = news;
  return {
    kind: 'store',
    result: decision,
    document,
    lastUpdated,
    ...(oddities ? { oddities } : {}),
    news: {
      kind,
      ...(evseUid === undefined ? {} : { object: objectKey(key, key.location_id, evseUid) }),
      ...(patch === undefined ? {} : { patch }),
    },
  };
}
