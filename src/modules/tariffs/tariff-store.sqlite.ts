import type { Statement } from 'better-sqlite3';
import { ciKey, objectKey, type PartyRef, partyKey } from '../../kernel/party-ref.js';
import {
  countOddities,
  type OddityCount,
  SqliteDocumentList,
  type SqliteStorage,
  type WriteTransaction,
} from '../../platform/storage/index.js';
import type { TariffKey, TariffOutcome, TariffStore, TariffWrite, WriteContext } from './tariff-store.js';

interface Row {
  id: number;
  last_updated: number;
  document: string;
}

/** Tariffs in SQLite, one row each. */
export class SqliteTariffStore implements TariffStore {
  readonly list: SqliteDocumentList;
  private readonly select: Statement<[string]>;
  private readonly insert: Statement;
  private readonly update: Statement;
  private readonly delete: Statement<[number]>;
  private readonly identify: Statement<[number]>;
  private readonly read: Statement<[string]>;

  constructor(private readonly storage: SqliteStorage) {
    const { writer, reader } = storage;
    this.list = new SqliteDocumentList(reader, 'tariff');
    this.select = writer.prepare('SELECT id, last_updated, document FROM tariff WHERE key = ?');
    this.insert = writer.prepare(
      'INSERT INTO tariff (key, tariff_key, owner, last_updated, oddities, document) VALUES (?, ?, ?, ?, ?, ?)',
    );
    this.update = writer.prepare('UPDATE tariff SET last_updated = ?, oddities = ?, document = ? WHERE id = ?');
    this.delete = writer.prepare('DELETE FROM tariff WHERE id = ?');
    this.identify = writer.prepare('SELECT id, key, tariff_key FROM tariff WHERE id = ?');
    this.read = reader.prepare('SELECT document FROM tariff WHERE key = ?');
  }

  put(key: TariffKey, write: TariffWrite, context: WriteContext): Promise<TariffOutcome> {
    const keyText = objectKey(key, key.tariff_id);
    const owner = partyKey(key);
    return this.storage.write((tx) => {
      const row = this.select.get(keyText) as Row | undefined;
      if (row && write.lastUpdated < row.last_updated && !write.applyStale) return 'stale';
      if (row?.document === write.document) return 'identical';
      const oddities = write.oddities.length > 0 ? JSON.stringify(write.oddities) : null;
      if (row) this.update.run(write.lastUpdated, oddities, write.document, row.id);
      const id =
        row?.id ??
        this.insert.run(keyText, ciKey(key.tariff_id), owner, write.lastUpdated, oddities, write.document)
          .lastInsertRowid;
      this.record(tx, owner, keyText, 'PUT', context);
      tx.afterCommit(() => this.list.stored(Number(id), owner, write.lastUpdated, row === undefined));
      return row ? 'replaced' : 'created';
    });
  }

  remove(key: TariffKey, context: WriteContext): Promise<boolean> {
    const keyText = objectKey(key, key.tariff_id);
    return this.storage.write((tx) => {
      const row = this.select.get(keyText) as Row | undefined;
      if (row) this.removeRows(tx, [{ id: row.id, key: keyText }], partyKey(key), context);
      return row !== undefined;
    });
  }

  async find(key: TariffKey): Promise<string | undefined> {
    return (this.read.get(objectKey(key, key.tariff_id)) as { document: string } | undefined)?.document;
  }

  removeAbsent(owner: PartyRef, present: ReadonlySet<string>, since: number, context: WriteContext): Promise<number> {
    const ownerKey = partyKey(owner);
    return this.storage.write((tx) => {
      const absent = this.list
        .idsOf(ownerKey)
        .map((id) => this.identify.get(id) as { id: number; key: string; tariff_key: string } | undefined)
        // A job of this very commit may have taken the row out already.
        .filter((row) => row !== undefined)
        .filter(
          (row) => !present.has(row.tariff_key) && (this.storage.changes.changedAt('tariffs', row.key) ?? 0) < since,
        );
      this.removeRows(tx, absent, ownerKey, context);
      return absent.length;
    });
  }

  countOf(owners?: readonly PartyRef[]): number {
    return this.list.countOf(owners && [...new Set(owners.map(partyKey))]);
  }

  async oddities(): Promise<readonly OddityCount[]> {
    return countOddities(this.storage.reader, 'tariff');
  }

  private removeRows(
    tx: WriteTransaction,
    rows: readonly { id: number; key: string }[],
    owner: string,
    context: WriteContext,
  ): void {
    for (const { id, key } of rows) {
      this.delete.run(id);
      this.record(tx, owner, key, 'DELETE', context);
    }
    tx.afterCommit(() => this.list.removed(rows.map((row) => row.id)));
  }

  private record(
    tx: WriteTransaction,
    owner: string,
    key: string,
    kind: 'PUT' | 'DELETE',
    context: WriteContext,
  ): void {
    this.storage.changes.record(tx, {
      module: 'tariffs',
      object: key,
      laneKey: key,
      owner,
      kind,
      correlationId: context.correlationId,
      recordedAt: context.now,
    });
  }
}
