import type { Statement } from 'better-sqlite3';
import { ciKey, objectKey, type PartyRef, partyKey } from '../../kernel/party-ref.js';
import {
  countOddities,
  type OddityCount,
  SqliteDocumentList,
  type SqliteStorage,
  type WriteTransaction,
} from '../../platform/storage/index.js';
import type { LocationDecision, LocationKey, LocationStore, StoredLocation, WriteContext } from './location-store.js';

interface Row {
  id: number;
  last_updated: number;
  document: string;
}

type StoreDecision = Extract<LocationDecision, { kind: 'store' }>;

/** Locations in SQLite: the whole document in one row, so that a page is read and never assembled. */
export class SqliteLocationStore implements LocationStore {
  readonly list: SqliteDocumentList;
  private readonly select: Statement<[string]>;
  private readonly insert: Statement;
  private readonly update: Statement;
  private readonly updateWithOddities: Statement;
  private readonly remove: Statement;
  private readonly identify: Statement<[number]>;
  private readonly read: Statement<[string]>;
  private readonly readById: Statement;

  constructor(private readonly storage: SqliteStorage) {
    const { writer, reader } = storage;
    this.list = new SqliteDocumentList(reader, 'location');
    this.select = writer.prepare('SELECT id, last_updated, document FROM location WHERE key = ?');
    this.insert = writer.prepare(
      'INSERT INTO location (key, location_key, owner, last_updated, oddities, document) VALUES (?, ?, ?, ?, ?, ?)',
    );
    this.update = writer.prepare('UPDATE location SET last_updated = ?, document = ? WHERE id = ?');
    this.updateWithOddities = writer.prepare(
      'UPDATE location SET last_updated = ?, oddities = ?, document = ? WHERE id = ?',
    );
    this.identify = writer.prepare('SELECT id, key, location_key FROM location WHERE id = ?');
    this.remove = writer.prepare('DELETE FROM location WHERE id = ?');
    this.read = reader.prepare('SELECT document FROM location WHERE key = ?');
    this.readById = reader.prepare(
      `SELECT document FROM location WHERE location_key = ? AND (? IS NULL OR owner IN (SELECT value FROM json_each(?))) LIMIT ?`,
    );
  }

  change(
    key: LocationKey,
    context: WriteContext,
    decide: (current: StoredLocation | undefined) => LocationDecision,
  ): Promise<LocationDecision> {
    const keyText = objectKey(key, key.location_id);
    return this.storage.write((tx) => {
      const row = this.select.get(keyText) as Row | undefined;
      const decision = tx.judge(() => decide(row && { document: row.document, lastUpdated: row.last_updated }));
      if (decision.kind === 'store') this.store(tx, key, keyText, row, decision, context);
      return decision;
    });
  }

  async find(key: LocationKey): Promise<string | undefined> {
    return (this.read.get(objectKey(key, key.location_id)) as { document: string } | undefined)?.document;
  }

  async findById(locationId: string, owners: readonly string[] | undefined, limit: number): Promise<readonly string[]> {
    const ownerList = owners ? JSON.stringify(owners) : null;
    const rows = this.readById.all(ciKey(locationId), ownerList, ownerList, limit) as { document: string }[];
    return rows.map((row) => row.document);
  }

  removeAbsent(owner: PartyRef, present: ReadonlySet<string>, since: number, context: WriteContext): Promise<number> {
    return this.storage.write((tx) => {
      const absent = this.list
        .idsOf(partyKey(owner))
        .map((id) => this.identify.get(id) as { id: number; key: string; location_key: string } | undefined)
        // A job of this very commit may have taken the row out already.
        .filter((row) => row !== undefined)
        .filter(
          (row) =>
            !present.has(row.location_key) && (this.storage.changes.changedAt('locations', row.key) ?? 0) < since,
        );
      for (const row of absent) {
        this.remove.run(row.id);
        this.record(tx, owner, row.key, row.key, { kind: 'DELETE' }, context);
      }
      tx.afterCommit(() => this.list.removed(absent.map((row) => row.id)));
      return absent.length;
    });
  }

  countOf(owners?: readonly PartyRef[]): number {
    return this.list.countOf(owners && [...new Set(owners.map(partyKey))]);
  }

  async oddities(): Promise<readonly OddityCount[]> {
    return countOddities(this.storage.reader, 'location');
  }

  private store(
    tx: WriteTransaction,
    key: LocationKey,
    keyText: string,
    row: Row | undefined,
    decision: StoreDecision,
    context: WriteContext,
  ): void {
    const owner = partyKey(key);
    const oddities = decision.oddities?.length ? JSON.stringify(decision.oddities) : null;
    let id: number;
    if (!row) {
      const { document, lastUpdated } = decision;
      id = Number(
        this.insert.run(keyText, ciKey(key.location_id), owner, lastUpdated, oddities, document).lastInsertRowid,
      );
    } else {
      id = row.id;
      if (decision.oddities) this.updateWithOddities.run(decision.lastUpdated, oddities, decision.document, id);
      else this.update.run(decision.lastUpdated, decision.document, id);
    }
    const { news } = decision;
    const object = news.evseUid === undefined ? keyText : objectKey(key, key.location_id, news.evseUid);
    this.record(tx, key, object, keyText, news, context);
    tx.afterCommit(() => this.list.stored(id, owner, decision.lastUpdated, row === undefined));
  }

  private record(
    tx: WriteTransaction,
    owner: PartyRef,
    object: string,
    laneKey: string,
    news: { kind: 'PUT' | 'PATCH' | 'DELETE'; patch?: string },
    context: WriteContext,
  ): void {
    this.storage.changes.record(tx, {
      module: 'locations',
      object,
      laneKey,
      owner: partyKey(owner),
      kind: news.kind,
      ...(news.patch === undefined ? {} : { patch: news.patch }),
      correlationId: context.correlationId,
      recordedAt: context.now,
    });
  }
}
